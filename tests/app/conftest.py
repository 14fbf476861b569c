"""A small index of made-up pages behind a scripted reader, and the page over it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from streamlit import config as streamlit_config
from streamlit.testing.v1 import AppTest

from app.session import SESSION, Session
from rag import wiring
from rag.config import REPOSITORY, Config, load
from rag.sources.ingest import ingest
from tests.answering.made import asks

SOON = 60.0
streamlit_config.set_option(
    "server.address", "127.0.0.1"
)  # as app/.streamlit/config.toml has it for a page that is served
PAGES = {
    "lighthouse.txt": "The lighthouse of Brackwater was first lit in 1861. It was designed by Ada Kemble. "
    "Its lamp burned whale oil until 1904, when electricity reached the island.",
    "茶.txt": "雁枕茶园一共种了四百亩茶树。首届雁枕春茶节于1987年举办，当时只有11个摊位。茶农在清明前后采茶。",
}
REPLIES = [
    ["lighthouse", "The lighthouse was first lit in 1861.[1] It was designed by Ada Kemble.[1][2]"],
    ["茶", "首届雁枕春茶节于1987年举办。[1]"],
]
CHOICES = [[asks("verify", claim="1816"), 0.05]]  # the judge finds everything else stated


@dataclass
class Site:
    """Where the page finds its things. `ask` opens a new visitor's page."""

    folder: Path
    config: Config = field(init=False)

    def __post_init__(self) -> None:
        self.config = load(self.folder / "vouch.toml")

    def visit(self, **query) -> AppTest:
        test = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=SOON)
        return test.run()


@pytest.fixture
def site(tmp_path, monkeypatch) -> Site:
    return make(tmp_path, monkeypatch, REPLIES, CHOICES)


@pytest.fixture
def make_site(tmp_path, monkeypatch):
    return lambda replies, choices: make(tmp_path, monkeypatch, replies, choices)


def make(folder: Path, monkeypatch, replies, choices) -> Site:
    script = folder / "script.json"
    script.write_text(json.dumps({"replies": replies, "choices": choices}), "utf-8")
    (folder / "vouch.toml").write_text(
        f'indexes = "{folder / "built"}"\nindex = "books"\n'
        f'[embedder]\nkind = "hash"\n[reader]\nkind = "scripted"\nmodel = "{script}"\n[checking]\njudge = "reader"\n'
        'auditor = ""\n',
        "utf-8",
    )
    monkeypatch.setenv("VOUCH_CONFIG", str(folder / "vouch.toml"))
    site = Site(folder)
    pages = folder / "pages"
    pages.mkdir(exist_ok=True)
    for name, text in PAGES.items():
        (pages / name).write_text(text, "utf-8")
    with wiring.index(site.config, "books", wiring.embedder(site.config), create=True) as index:
        sizes = site.config.chunk.tokens, index.embedder.max_tokens
        list(ingest([str(pages)], index.put, index.embedder.token_ends, *sizes, site.config.fetch))
    return site


def state(test: AppTest) -> Session:
    return test.session_state[SESSION]


def settle(test: AppTest) -> AppTest:
    """Look again until nothing is being answered or added any more."""
    for work in (state(test).asking, state(test).adding):
        if work is not None:
            assert work.run.wait(SOON)
    return test.run()


def shown(test: AppTest) -> str:
    """All HTML on the page, in order."""
    return "\n".join(element.body for element in test.get("html"))


# --- the page in a browser ------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium. Skipped where it is not there."""
    playwright = pytest.importorskip("playwright.sync_api")
    from tests.app.browsing import ARGUMENTS, CHROMIUM

    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def vouch(tmp_path_factory):
    """The real page, served from an empty index folder, so that the first start is played too."""
    from tests.app.browsing import served

    with served(tmp_path_factory.mktemp("page")) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where a browser test failed: what the last visitor's page said, which the error alone seldom tells."""
    report = yield
    browser = item.funcargs.get("browser")
    if report.when == "call" and report.failed and browser and browser.contexts:
        for page in browser.contexts[-1].pages:
            report.sections.append((f"What {page.url} showed", page.inner_text("body")))
    return report
