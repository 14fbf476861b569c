"""One TOML file -> one frozen object. Unknown keys are refused; `fingerprint` goes into every ledger row."""

import dataclasses
import hashlib
import json
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import platformdirs

from rag.errors import ConfigFault

T = TypeVar("T")

REPOSITORY = Path(__file__).resolve().parent.parent  # the clone; site-packages where Vouch is installed

_DAYS = 36_500.0
_MOST = 1e12
_BOUNDS: Mapping[
    str, tuple[float, float]
] = {  # of numbers, both ends allowed; those of no entry are 0 or more (a threshold above 1: never)
    "reader.threads": (0, 1024),
    "reader.window": (512, 10_000_000),
    "reader.timeout_seconds": (0.1, 86_400),
    "reader.gpu_layers": (-1, 100_000),
    "fetch.max_megabytes": (0.001, 100_000),
    "fetch.timeout_seconds": (0.1, 3600),
    "fetch.max_redirects": (0, 50),
    "chunk.tokens": (16, 100_000),
    "search.k": (1, 1000),
    "web.results": (1, 100),
    "web.chunks": (1, 100_000),
    "web.fresh_days": (0, _DAYS),
    "web.timeout_seconds": (0.1, 3600),
    "web.max_megabytes": (0.001, 100_000),
    "web.delay": (0, 600),
    "reading.steps": (1, 10_000),
    "reading.quote_tokens": (1, _MOST),
    "reading.view_tokens": (100, _MOST),
    "reading.passages": (1, 1000),
    "reading.passage_tokens": (1, _MOST),
    "reading.samples": (0, 20),
    "reading.doubtful_samples": (0, 20),
    "checking.risk": (0, 1),
    "facts.passages": (1, 1000),
    "alarms.faithfulness": (0, 1),
    "alarms.citation_precision": (0, 1),
    "alarms.abstained": (0, 1),
    "alarms.contradicted": (0, 1),
    "alarms.unjudged": (0, 1),
    "ledger.days": (0, _DAYS),
    "learning.demonstrations": (0, 2),
}


def home() -> Path:
    """Where models and caches live, once for all clones; VOUCH_HOME overrides the user's cache folder."""
    return _named_home() or platformdirs.user_cache_path("vouch", appauthor=False)


def usual_file() -> Path:
    """The configuration's file where nobody names one: in the clone, else in the user's configuration folder."""
    if _is_clone():
        return REPOSITORY / "vouch.toml"
    return (_named_home() or platformdirs.user_config_path("vouch", appauthor=False)) / "vouch.toml"


def expanded(path: str | Path) -> Path:
    """`path` with a leading ~ or ~user as that home; ~ and what is no user is a name like any other."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - of Path a user that is not there ends the run


def usual_indexes() -> Path:
    """The folder of indexes and of the ledger where nobody names one: in the clone, else in the user's data folder."""
    if _is_clone():
        return REPOSITORY / "indexes" / "built"
    return (_named_home() or platformdirs.user_data_path("vouch", appauthor=False)) / "indexes"


def _named_home() -> Path | None:
    named = os.environ.get("VOUCH_HOME")
    return expanded(named) if named else None


def _is_clone() -> bool:
    return (REPOSITORY / "pyproject.toml").exists()


@dataclass(frozen=True, slots=True)
class EmbedderConfig:
    """kind: "onnx" (local default), "sentence-transformers" (`model` is a hub name or a folder), "openai" (any
    compatible address), "ollama" or "hash" (tests). Indexes that another one made go on with that one until they are
    migrated. A server is asked at `address`, with the key in the environment variable `key_env`. `query_prefix` and
    `passage_prefix` go before each text where the model wants them; `device` is sentence-transformers': "auto", "cpu",
    "cuda"."""

    kind: str = "onnx"
    model: str = "multilingual-e5-small"
    address: str = ""
    key_env: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """kind: "local" (llama.cpp in a process of its own; `model` is a name of the tables, "owner/repo:file.gguf" of the
    hub, or a path), "openai" (any compatible address), "ollama" (which is then asked for `window` tokens), "langchain"
    (`model` is "provider:model") or "scripted" (tests). A server is asked at `address`. `prompt_price` and
    `output_price` are what a million tokens cost, in any currency; 0 for a reader that costs nothing. Its key is in the
    environment variable `key_env`, or in `key_file`, which only its user may read. A reply may be silent for
    `timeout_seconds`. `tools`: whether a model that browses may call tools; false where its server refuses them;
    `grammar`: whether a server takes llama.cpp's.

    Of the local one: `threads` (0: all cores), `gpu_layers` (-1: as many as fit; where llama.cpp knows the card),
    `lora` (the path of an adapter made for the model, as GGUF), `mmap` (false: the file is read into memory)."""

    kind: str = "local"
    model: str = "qwen2.5-coder-1.5b-instruct-q4_k_m"
    address: str = ""
    key_env: str = ""
    key_file: str = ""
    threads: int = 0
    window: int = 4096
    timeout_seconds: float = 120.0
    prompt_price: float = 0.0
    output_price: float = 0.0
    tools: bool = True
    grammar: bool = False
    gpu_layers: int = -1
    lora: str = ""
    mmap: bool = True


@dataclass(frozen=True, slots=True)
class FetchConfig:
    """Only public http(s) addresses are fetched, unless `allow_hosts` names the host. Of PDFs fetched into an index at
    most `originals_megabytes` are kept, so that citations can show their pages (0: none). One source may have
    `max_megabytes`, be silent for `timeout_seconds` and redirect `max_redirects` times; `user_agent` is how Vouch names
    itself. `render`: "needed" (a page that only runs as a program is shown by the user's Chromium where the browser
    extra is installed, and read then) or "off" (it is refused)."""

    allow_hosts: tuple[str, ...] = ()
    max_megabytes: float = 50.0
    timeout_seconds: float = 20.0
    max_redirects: int = 5
    user_agent: str = "Vouch/0.2 (+local reading tool)"
    originals_megabytes: float = 500.0
    render: str = "needed"


@dataclass(frozen=True, slots=True)
class ChunkConfig:
    """`tokens` is the aim for a chunk; no chunk exceeds what the embedder takes."""

    tokens: int = 200


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """`k`: chunks found for one search; `rrf` is k of reciprocal rank fusion (Cormack et al. 2009 use 60); `reranker`
    names a cross-encoder: a folder with model.onnx and tokenizer.json, or any of sentence-transformers by hub name or
    folder; or the model at `reranker_address`, which ends in /rerank. Its key is in the environment variable
    `reranker_key_env`."""

    k: int = 20
    rrf: int = 60
    reranker: str = ""
    reranker_address: str = ""
    reranker_key_env: str = ""


@dataclass(frozen=True, slots=True)
class WebConfig:
    """The live web. `engine`: "searxng", "brave", "tavily", "bing" (any service that answers in Bing's form) or "" for
    none; `address`: where it answers ("" for Brave's and Tavily's own); `key_env`: the variable that holds its key.

    `results`: pages read for a search; `chunks`: the most that are embedded for one. `fresh_days`: pages dated before
    so many days ago are left out (0: none is); `blocked`: hosts never read, nor those below them. Size and time bound
    one page (`max_megabytes`, `timeout_seconds`; the address guard is [fetch]'s); `delay`: seconds between two pages of
    a host. A page read within `reuse_minutes` is not asked for again; `cache_megabytes` bound what is kept on disk.
    """

    engine: str = ""
    address: str = ""
    key_env: str = ""
    results: int = 5
    chunks: int = 96
    fresh_days: int = 0
    blocked: tuple[str, ...] = ()
    timeout_seconds: float = 8.0
    max_megabytes: float = 10.0
    delay: float = 0.5
    reuse_minutes: float = 10.0
    cache_megabytes: float = 200.0


THOROUGH_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class ReadingConfig:
    """Budgets of one run: `steps` actions, `quote_tokens` quoted altogether, `seconds` of reading and `money` for the
    reader (by its prices); 0 is without bound, but for `steps`. `view_tokens` of a page are in view at once.
    `passages` are kept for one question, together of at most `passage_tokens`; an explanation has half as many more, a
    list and a summary twice as many.
    These four are for a reader with a window of 4096 tokens: from 8192 on they are doubled, from 32768 on fourfold.
    `samples`: how many more drafts are drawn, of which the one that most agree with is taken; 0 or 1 draws none.
    `doubtful_samples`: the same, of a fact of which the run is neither sure nor sure that it does not know it; a
    thorough question has three.
    `policy` chooses the actions: "guided" (no model is asked what to do) or "model" (the reader is)."""

    policy: str = "guided"
    steps: int = 40
    quote_tokens: int = 6000
    seconds: float = 0.0
    money: float = 0.0
    view_tokens: int = 1000
    passages: int = 3
    passage_tokens: int = 1000
    samples: int = 0
    doubtful_samples: int = 0

    def thorough(self) -> "ReadingConfig":
        """Twice as many passages, of twice as many tokens, and more drafts of what a run doubts."""
        samples = max(THOROUGH_SAMPLES, self.doubtful_samples)
        wider = replace(self, passages=2 * self.passages, passage_tokens=2 * self.passage_tokens)
        return replace(wider, doubtful_samples=samples)


@dataclass(frozen=True, slots=True)
class CheckingConfig:
    """`judge` verifies sentences: "encoder" (the small model of our own; the reader is asked where it is not sure),
    "reader" (the language model alone) or "model" (the inference model that `model` names, by hub name or folder; needs
    the full set of requirements). `auditor`: "encoder", by which citation recall and precision are reckoned apart from
    the judge that decided what is published, or "".
    `risk`: how often, of all questions, a run may answer wrongly; it sets how sure a run must be (`vouch risks`; 1:
    never mind). `supported`: P(supported) from which a sentence counts as supported. `orders`: whether sentences of a
    page that give orders to whoever answers are left out of what the reader is given; a step of the run tells how
    many. The detector finds half of such orders (docs/security.md)."""

    judge: str = "encoder"
    model: str = ""
    auditor: str = "encoder"
    risk: float = 0.1
    supported: float = 0.5
    orders: bool = True


@dataclass(frozen=True, slots=True)
class FactsConfig:
    """Checking a text. `passages`: how many a claim is held against. `supported` and `contradicted`: the judge's
    probability from which one supports or refutes it."""

    passages: int = 4
    supported: float = 0.5
    contradicted: float = 0.8


@dataclass(frozen=True, slots=True)
class AlarmsConfig:
    """When `vouch stats` exits with 3: a share below `faithfulness` or `citation_precision`, or above `abstained`,
    `contradicted` or `unjudged`, or more `seconds` an answer in the mean (0: any), over at least `min_answers`."""

    min_answers: int = 20
    faithfulness: float = 0.0
    citation_precision: float = 0.0
    abstained: float = 1.0
    contradicted: float = 1.0
    unjudged: float = 1.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class AppConfig:
    """Who may use the page, and for what. `login`: "" (whoever reaches it), "password" (`password` is the line that
    `vouch password` prints) or "oidc" (Streamlit's own login, set up in .streamlit/secrets.toml; of those whom the
    provider knows only `people`: e-mail addresses, or "@example.org" for all of a domain; none named lets in nobody).

    `read_only`: nobody adds, fetches again or removes sources, makes indexes or goes back to a build, but `editors`
    (as `people`). `server_files`: whether those who log in may add files and folders of this machine by their path;
    without a login anybody may while the page listens on this machine only."""

    login: str = ""
    password: str = ""
    people: tuple[str, ...] = ()
    read_only: bool = False
    editors: tuple[str, ...] = ()
    server_files: bool = False


@dataclass(frozen=True, slots=True)
class LedgerConfig:
    """What is kept of answers and checks. `days`: for how long (0: until `vouch forget`). `runs`: whether with every
    page a run opened and all that its parts said, so that `vouch replay` can run it again."""

    days: int = 0
    runs: bool = True


@dataclass(frozen=True, slots=True)
class LearningConfig:
    """`demonstrations`: how many answers to other questions that proved good the reader is shown beside the evidence, 0
    to 2; the reader reads them anew for each question. `consent`: whether what was asked and answered may be written
    out to train other models (`vouch feedback export`), and under which `licence` that is then said to be."""

    demonstrations: int = 0
    consent: bool = False
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """`indexes`: the folder of all indexes and of the ledger; "" for the usual one. `index`: the one that is asked
    where none is named."""

    indexes: str = ""
    index: str = "demo"
    embedder: EmbedderConfig = field(default_factory=EmbedderConfig)
    reader: ReaderConfig = field(default_factory=ReaderConfig)
    fetch: FetchConfig = field(default_factory=FetchConfig)
    web: WebConfig = field(default_factory=WebConfig)
    chunk: ChunkConfig = field(default_factory=ChunkConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    reading: ReadingConfig = field(default_factory=ReadingConfig)
    checking: CheckingConfig = field(default_factory=CheckingConfig)
    facts: FactsConfig = field(default_factory=FactsConfig)
    alarms: AlarmsConfig = field(default_factory=AlarmsConfig)
    app: AppConfig = field(default_factory=AppConfig)
    ledger: LedgerConfig = field(default_factory=LedgerConfig)
    learning: LearningConfig = field(default_factory=LearningConfig)

    @property
    def built(self) -> Path:
        """The folder of all built indexes and of the ledger."""
        return expanded(self.indexes) if self.indexes else usual_indexes()

    def fingerprint(self) -> str:
        """Hex SHA-256 over every setting that can change an answer; where files lie, what alarms, who may look and
        what is kept do not."""
        settings = dataclasses.asdict(self)
        del settings["indexes"], settings["alarms"], settings["app"], settings["ledger"]
        del settings["learning"]["consent"], settings["learning"]["licence"]
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one question has otherwise than the configuration says; None and "" leave it as it is."""

    thorough: bool = False
    samples: int | None = None
    risk: float | None = None
    policy: str = ""

    def of(self, config: Config) -> Config:
        """`config` for this question."""
        reading = config.reading.thorough() if self.thorough else config.reading
        samples = reading.samples if self.samples is None else self.samples
        reading = replace(reading, samples=samples, policy=self.policy or reading.policy)
        checking = config.checking if self.risk is None else replace(config.checking, risk=self.risk)
        return replace(config, reading=reading, checking=checking)


def load(path: Path | None = None) -> Config:
    """Read `path`, or the file VOUCH_CONFIG names, or the usual one; defaults where there is none. The reader is the
    one that was chosen beside it, where one was.

    Raises ConfigFault naming the file and the key.
    """
    file = _file(path)
    table = _table(file) if file != usual_file() or file.exists() else {}
    config = _build(Config, table, file, "")
    chosen = reader_of(chosen_file(path))
    return dataclasses.replace(config, reader=chosen) if chosen else config


def chosen_file(path: Path | None = None) -> Path:
    """The file of the reader that was chosen in place of [reader], beside the configuration."""
    return _file(path).with_suffix(".reader.toml")


def reader_of(file: Path, table: str = "reader") -> ReaderConfig | None:
    """The reader that `file` names; None where there is no such file. Raises ConfigFault."""
    if not file.exists():
        return None
    return _build(ReaderConfig, _table(file).get(table, {}), file, f"{table}.")


def _file(path: Path | None) -> Path:
    return path or Path(os.environ.get("VOUCH_CONFIG") or usual_file())


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigFault("config.unreadable", file=file, error=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigFault("config.not_toml", file=file, error=error) from error


def _build(kind: type[T], table: dict[str, Any], file: Path, prefix: str) -> T:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        if key not in hints:
            raise ConfigFault("config.unknown_key", file=file, name=name, known=", ".join(sorted(hints)))
        values[key] = _value(hints[key], value, file, name)
    return kind(**values)


def _value(hint: Any, value: Any, file: Path, name: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigFault("config.not_a_table", file=file, name=name)
        return _build(hint, value, file, f"{name}.")  # type: ignore[arg-type]
    if hint == tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigFault("config.not_a_list", file=file, name=name)
        return tuple(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigFault("config.other_type", file=file, name=name, wanted=hint.__name__, found=type(value).__name__)
    if hint in (int, float):
        least, most = _BOUNDS.get(name, (0, _MOST))
        if not (math.isfinite(value) and least <= value <= most):
            raise ConfigFault("config.out_of_bounds", file=file, name=name, least=least, most=f"{most:g}", value=value)
    if name == "fetch.user_agent" and not (value.isascii() and value.isprintable()):
        raise ConfigFault("config.no_header", file=file, name=name)
    return value
