# make app    install, fetch the models, open the page        make test    the fast suite
# make setup  the same without opening anything               make check   ruff, strict types, the arrows of the house, bandit
# make eval-check  measure what needs no language model, and fail where a figure fell below its floor
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
GPU := $(shell command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1 && echo yes)
EXTRA ?= $(if $(GPU),gpu)
SET := $(or $(EXTRA),light)
PINS := requirements-base.txt requirements-cpu.txt $(if $(EXTRA),requirements-$(EXTRA).txt)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar on

.PHONY: app setup install models demo check audit attack nightly test test-model test-browser test-milvus test-ray test-all eval-check docs clean

app: setup
	$(BIN)/vouch app

setup: install models demo

install: $(VENV)/.installed-$(SET)

$(VENV)/.installed-$(SET): $(PINS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Vouch needs Python 3.11 or newer; name one: make PYTHON=python3.12 app")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e '.$(if $(EXTRA),[$(EXTRA)])'
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-$(SET) requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	touch $@

models: install
	$(BIN)/python -m rag.models

demo: models
	$(BIN)/python -m indexes.demo

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/bandit -q -c pyproject.toml -ll -r rag app indexes eval

# Known holes in what is installed, by PyPI's advisories. What an index without advisories serves (a mirror) is named
# and passes: nobody could look.
audit: $(VENV)/.installed-dev
	$(BIN)/pip-audit -r requirements-base.txt --no-deps --disable-pip

# Every attack, with a line a figure; see docs/security.md.
attack: $(VENV)/.installed-dev
	$(BIN)/python -m tests.attack

# What takes too long for every day: a thousand kills, long fuzzing, ten minutes of load.
nightly: $(VENV)/.installed-dev
	$(BIN)/python -m tests.attack
	$(BIN)/pytest tests/index/test_crash.py tests/indexes/test_crash.py --kills 1000
	VOUCH_FUZZ=nightly $(BIN)/pytest -m 'not model and not browser and not milvus and not ray' tests/fuzz
	$(PIP) -q atheris==3.0.0
	set -e; for target in quotes actions config recipe chunk; do $(BIN)/python -m tests.fuzz.guided $$target -max_total_time=300; done
	$(BIN)/python -m benchmarks.load --minutes 10

test: $(VENV)/.installed-dev
	$(BIN)/pytest -n 2 --dist loadfile

test-model: $(VENV)/.installed-dev models
	$(BIN)/pytest -m 'model and not browser'

test-browser: $(VENV)/.installed-dev setup
	$(BIN)/pytest -m browser --maxfail 2

# In environments of their own; the Milvus server listens on all addresses, so it runs in a network with none but loopback.
test-milvus: .venv-milvus/.installed
	unshare -rn sh -c 'ip link set lo up && ip address add 10.99.0.1/24 dev lo && .venv-milvus/bin/python -m pytest -m milvus'

test-ray: .venv-ray/.installed
	RAY_raylet_start_wait_time_s=120 RAY_agent_register_timeout_ms=120000 unshare -rn sh -c 'ip link set lo up && .venv-ray/bin/python -m pytest -m ray'

.venv-%/.installed: requirements-%.txt requirements-base.txt requirements-cpu.txt requirements-dev.txt
	test -x .venv-$*/bin/python || $(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --disable-pip-version-check -q -e '.[$*]' -r requirements-dev.txt
	touch $@

test-all: test test-model test-browser

eval-check: $(VENV)/.installed-dev models
	rm -rf build/eval-check
	$(BIN)/python -m eval.run check --out build/eval-check
	$(BIN)/python -m eval.gate --tier check --results build/eval-check

# The documentation as a site in build/site; a link to nowhere fails it.
docs: $(VENV)/.installed-dev
	$(BIN)/mkdocs build --strict --quiet

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
