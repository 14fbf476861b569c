"""Config -> Parts: the only place that chooses implementations."""

import logging
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from rag.answering import answerability, plan, tracing
from rag.answering.drafting import told
from rag.answering.engine import Parts
from rag.answering.factcheck import CheckParts
from rag.answering.kind import KindOf, direction_of
from rag.answering.kind import prompt_of as kind_prompt
from rag.answering.live import FusedEngine, LiveEngine
from rag.answering.orders import orders
from rag.answering.plan import undivided
from rag.answering.policies import GuidedPolicy, Policy
from rag.answering.policy_model import ModelPolicy, tools
from rag.answering.ranking import States
from rag.answering.samples import Best, Worth
from rag.answering.verification import verify_prompt
from rag.checking.encoder import ACROSS, Encoder, EncoderJudge, Entailing
from rag.checking.verify import ReaderJudge
from rag.config import Config, EmbedderConfig, FetchConfig, ReaderConfig, ReadingConfig, expanded, home
from rag.errors import ConfigFault
from rag.generation.later import later
from rag.history.conversations import Conversations
from rag.history.feedback import Feedback
from rag.history.ledger import Ledger
from rag.history.notes import Notes
from rag.history.works import Works
from rag.index import made_with
from rag.index.files import current_build, index_folder
from rag.index.index import Index
from rag.index.rerank import Reranker
from rag.learning.demonstrations import Demonstrations, Proven, proven
from rag.learning.features import Candidate, Features, probability, unmarked
from rag.learning.versions import Versions
from rag.messages import english
from rag.protocols import Embedder, Judge, Prompt, Reader, SearchEngine
from rag.sources.manners import Manners
from rag.sources.page_cache import PageCache
from rag.sources.visit import Visitor
from rag.text.language import language
from rag.types import Quote, Selection, Stated
from rag.web.search import web_search

if TYPE_CHECKING:
    from rag.generation.local import LocalServer

log = logging.getLogger("vouch.index")

LEAST_WINDOW = 3072  # tokens: the commands, the two examples and a screen
WIDER = ((32_768, 4), (8192, 2))  # window from which a reader is given so many times as much evidence
# The small judge: P(supported) and P(contradicted) from which it says so.
ENCODER_SUPPORTED, ENCODER_CONTRADICTED = 0.5, 0.8
LOOKED_AT = 300  # answers of the ledger, the latest, among which demonstrations are looked for
LIVE_WEB = "live web"  # stands for an index's name in the ledger
INFERRED = 0.5  # the same of a model that the configuration names


def embedder(config: Config, index: str = "") -> Embedder:
    """The configured one; of an `index` that another has made, that one, until the index is embedded anew. Raises
    ConfigFault, ModelFault, IndexFault."""
    from rag import models
    from rag.index import embed

    named = embedder_of(config, index) if index else config.embedder
    if named != config.embedder:
        log.warning("%s", english("index.embedded_before", name=index, made=named.model, now=config.embedder.model))
    match named.kind:
        case "onnx":
            return embed.local(models.onnx_folder())
        case "sentence-transformers":
            model = models.sentence_transformer_folder() if named.model == models.EMBEDDER else named.model
            return embed.SentenceTransformerEmbedder(model, named.device, named.query_prefix, named.passage_prefix)
        case "openai":
            key = _key(named.key_env)
            return embed.HttpEmbedder(named.address, named.model, key, named.query_prefix, named.passage_prefix)
        case "ollama":
            key = _key(named.key_env)
            return embed.OllamaEmbedder(named.address, named.model, key, named.query_prefix, named.passage_prefix)
        case "hash":
            return embed.HashEmbedder()
    raise ConfigFault(
        "config.choice",
        key="embedder.kind",
        value=named.kind,
        known="onnx, sentence-transformers, openai, ollama or hash",
    )


def embedder_of(config: Config, index: str) -> EmbedderConfig:
    """What the index is searched with: what made it, until it is embedded anew. Raises IndexFault."""
    return made_with.embedder_of(index_folder(config.built, index), config.embedder)


def reader(config: Config, lasting: bool = False) -> Reader:
    """The local one is asked in a process that runs already or is started now; one that `lasting` starts stays. Loading
    takes seconds: keep what is given. Raises ConfigFault, ModelFault, ReaderFault."""
    from rag.generation import reader as readers

    named = config.reader
    match named.kind:
        case "local":
            from rag.generation.local_reader import LocalReader

            return LocalReader(named.model, partial(_local_server, config, lasting), named.timeout_seconds)
        case "openai":
            from rag.generation.api_reader import api_reader

            made = api_reader(named.model, named.address, _reader_key(named), named.timeout_seconds)
            return replace(made, grammar=named.grammar)
        case "ollama":
            from rag.generation.api_reader import ApiReader
            from rag.generation.ollama import OllamaApi

            key, patience = _reader_key(named), named.timeout_seconds
            return ApiReader(OllamaApi(named.model, named.address, key, patience, window=named.window))
        case "langchain":
            return readers.langchain_reader(named.model, named.timeout_seconds)
        case "scripted":
            return readers.scripted_reader(named.model)
    raise ConfigFault(
        "config.choice", key="reader.kind", value=named.kind, known="local, openai, ollama, langchain or scripted"
    )


def fetch(named: ReaderConfig, progress: Callable[[str, int, int], None]) -> None:
    """The local reader's file, where it is missing. Raises ModelFault, UsageFault."""
    if named.kind == "local":
        from rag.generation import gguf

        gguf.ensure(named.model, progress)


def _local_server(config: Config, lasting: bool) -> "LocalServer":
    """The server that runs or a new one, in which the prompts that were kept are then evaluated. Raises ModelFault,
    ReaderFault."""
    from rag.generation import gguf, local, prefixes
    from rag.generation.running import ServerSettings

    named = config.reader
    model, adapter = gguf.ensure(named.model), gguf.adapter(named.lora)
    settings = ServerSettings(model, named.threads, named.window, home(), named.gpu_layers, adapter, named.mmap)
    server = local.connect(settings, lasting)
    for slot, (_, prompt) in enumerate(_constant() if server.started else ()):
        prefixes.recall(server, slot, prompt)
    return server


def warm(reader: Reader, before: Callable[[], None] = lambda: None, languages: Collection[str] = ("zh", "en")) -> None:
    """Let the reader evaluate the constant part of each prompt, so that the first question does not wait for it; the
    local one keeps that on disk for the next start, and leaves it to whoever started the server. `before` is called
    before each and may end it by raising.

    Raises ReaderFault.
    """
    from rag.generation import prefixes
    from rag.generation.local_reader import LocalReader

    for slot, (spoken, prompt) in enumerate(_constant()):
        if spoken not in languages:
            continue
        before()
        if not isinstance(reader, LocalReader):
            reader.choose(prompt, ("Yes", "No"))
        elif reader.server.started and not prefixes.recall(reader.server, slot, prompt):
            prefixes.evaluate(reader.server, slot, prompt)


def ready_reader(config: Config, question: str) -> Reader:
    """The reader for one question; the local one is loaded in a thread, so that nothing is waited for until it is
    asked, and warmed up for this question: that part it must evaluate in any case, and keeps it for the next start.

    Raises ConfigFault, ReaderFault; the local one raises at its first use."""
    if config.reader.kind != "local":
        return reader(config)

    def make() -> Reader:
        made = reader(config)
        warm(made, languages=("zh" if language(question) == "zh" else "en",))
        return made

    return later(make)


def _constant() -> list[tuple[str, Prompt]]:
    """(language, prompt about nothing) for each prompt with a long constant part; its place is its slot."""
    return [
        (spoken, made)
        for spoken in ("zh", "en")
        for made in (plan.prompt_of("?", "compare", spoken), kind_prompt("?", spoken))
    ]


def index(config: Config, name: str, embedder: Embedder, create: bool = False) -> Index:
    """The index `name`. Raises IndexFault where it is missing (unless `create`), was made by another embedder, or has
    what can be no name."""
    folder = index_folder(config.built, name)
    is_new = create and current_build(folder) is None
    opened = Index.at(folder, embedder, rrf=config.search.rrf, reranker=reranker(config), create=create)
    if is_new:
        made_with.note(opened.store.origins, config.embedder)
    return opened


def ledger(config: Config) -> Ledger:
    return Ledger(config.built / "ledger.sqlite", config.ledger)


def conversations(config: Config) -> Conversations:
    """Raises IndexFault."""
    return Conversations(config.built / "conversations.sqlite", config.ledger.days)


def notes(config: Config) -> Notes:
    """Raises IndexFault."""
    return Notes(config.built / "notes.sqlite")


def works(config: Config) -> Works:
    """Raises IndexFault."""
    return Works(config.built / "works.sqlite", config.ledger.days)


def feedback(config: Config) -> Feedback:
    """Raises IndexFault."""
    return Feedback(config.built / "feedback.sqlite", config.ledger.days)


def rewards(config: Config) -> Versions:
    """The rewards that were learned of this user's feedback."""
    return Versions(config.built / "learned")


def features(config: Config, embedder: Embedder) -> Features:
    """What a reward is reckoned from; without the small judge where the configuration does without. Raises
    ModelFault."""
    return Features(embedder, verifier() if states(config) else None)


def demonstrations(config: Config, index: Index, owner: str | None) -> Demonstrations | None:
    """None where [learning] wants none. Of one owner only what they called good counts: whose the other answers of the
    ledger are, nobody knows."""
    if not config.learning.demonstrations:
        return None

    def found() -> list[Proven]:
        kept = ledger(config).answers(LOOKED_AT) if owner is None else ()
        return proven(kept, feedback(config), index.name, owner)

    return Demonstrations(found, index.embedder, config.learning.demonstrations)


def best(config: Config, embedder: Embedder) -> Best | None:
    """The learned reward that is in use; None where none is or one draft alone is written, and where other models stand
    here than it was learned with, which is logged. Raises ModelFault."""
    learned = rewards(config).present() if config.reading.samples > 1 else None
    if learned is None:
        return None
    reckon = features(config, embedder)
    if learned.made_by != reckon.made_by:
        names = [", ".join(filter(None, names)) for names in (learned.made_by, reckon.made_by)]
        log.warning("%s", english("learn.other_models", learned=names[0], here=names[1]))
        return None

    def weigh(question: str, quotes: Sequence[Quote], drafts: Sequence[str]) -> list[Worth]:
        evidence = tuple(map(told, quotes))
        found = reckon([Candidate(question, unmarked(draft), evidence) for draft in drafts])
        supported = [probability(one["weakest"]) if "weakest" in one else None for one in found]
        return [Worth(*each) for each in zip(learned.reward.rewards(found), supported, strict=True)]

    return Best(weigh, learned.version)


def parts(
    config: Config, index: Index, reader: Reader, only: Selection | None = None, owner: str | None = None
) -> Parts:
    """All of a run over one open index, or over the pages that `only` selects, with one running reader; both may be
    shared by many runs. Of the answers that proved good it is shown those of this `owner`; of all, for None. Raises
    UsageFault where it selects none."""
    engine = index.selected(only) if only else index
    made = _parts(config, engine, index.embedder, reader, {"name": index.name, "build": index.build})
    return replace(made, demonstrations=demonstrations(config, index, owner))


def live_parts(config: Config, index: Index | None, reader: Reader, embedder: Embedder) -> Parts:
    """All of one run over the live web, and over `index` too where there is one; `embedder` is the index's. Make them
    anew for every question. Pages the answer cites are kept with `rag.answering.live.keep`. Raises ConfigFault where
    [web] names no engine or its key is missing."""
    engine = web_engine(config, index, embedder)
    where = {"name": f"{index.name} + live web", "build": index.build} if index else {"name": LIVE_WEB, "build": ""}
    return replace(_parts(config, engine, embedder, reader, where), setbacks=engine.setbacks)


def web_engine(config: Config, index: Index | None, embedder: Embedder) -> LiveEngine | FusedEngine:
    """The live web, fused with `index` where there is one, for one run. Raises ConfigFault."""
    web = config.web
    bounds = replace(
        config.fetch,
        timeout_seconds=min(web.timeout_seconds, config.fetch.timeout_seconds),
        max_megabytes=min(web.max_megabytes, config.fetch.max_megabytes),
    )
    cached = PageCache(home() / "web", web.cache_megabytes)
    visitor = Visitor(bounds, _manners(bounds), cached, web.blocked, web.delay, web.reuse_minutes)
    live = LiveEngine(
        web_search(web, _key(web.key_env)),
        visitor,
        embedder,
        web.results,
        config.chunk.tokens,
        web.chunks,
        config.search.rrf,
        web.fresh_days,
    )
    return FusedEngine(index, live, config.search.rrf) if index else live


@cache
def _manners(config: FetchConfig) -> Manners:
    """One for the process: what a host has asked for holds for the next question too."""
    return Manners(config)


def _parts(config: Config, engine: SearchEngine, embedder: Embedder, reader: Reader, where: Mapping[str, str]) -> Parts:
    reading = limits(config)
    kind = KindOf(embedder, reader)
    return Parts(
        engine=engine,
        policy=policy(replace(config, reading=reading), reader),
        reader=reader,
        judge=judge(config, reader),
        limits=reading,
        kind=kind if reading.policy == "guided" else undivided(kind),
        direction=partial(direction_of, embedder=embedder),
        states=states(config),
        points=points(config),
        orders=orders(embedder) if config.checking.orders else None,
        supported=config.checking.supported,
        auditor=auditor(config),
        gate=gate(config),
        best=best(config, embedder),
        hits=config.search.k,
        prices=(config.reader.prompt_price, config.reader.output_price),
        ledger=ledger(config),
        index=where,
        config_sha256=config.fingerprint(),
        tracer=tracing.tracer(),
    )


def limits(config: Config) -> ReadingConfig:
    """[reading], which is meant for a window of 4096 tokens; a reader of a wider one is given more at once."""
    reading, times = config.reading, next((more for least, more in WIDER if config.reader.window >= least), 1)
    return replace(
        reading,
        passages=times * reading.passages,
        passage_tokens=times * reading.passage_tokens,
        quote_tokens=times * reading.quote_tokens,
        view_tokens=times * reading.view_tokens,
    )


def policy(config: Config, reader: Reader) -> Policy:
    """Who chooses the actions. Raises ConfigFault."""
    reading = config.reading
    match reading.policy:
        case "guided":
            return GuidedPolicy(reader, reading.passages, reading.passage_tokens, states(config))
        case "model":
            if config.reader.window < LEAST_WINDOW:
                raise ConfigFault("config.window", least=LEAST_WINDOW)
            from rag.generation.acting import acting

            called = config.reader.tools and config.reader.kind != "local"  # the local one is bound by a grammar
            driver = acting(reader, tools()) if called else reader
            return ModelPolicy(driver, config.reader.window, reading.steps)
    raise ConfigFault("config.choice", key="reading.policy", value=reading.policy, known="guided or model")


def judge(config: Config, reader: Reader) -> Judge:
    """Who gives the verdicts. Raises ConfigFault, ModelFault."""
    match config.checking.judge:
        case "reader":
            return ReaderJudge(reader, verify_prompt, config.checking.supported)
        case "encoder":
            return _small_judge()
        case "model":
            if not config.checking.model:
                raise ConfigFault("config.no_model")
            return EncoderJudge(partial(_named, config.checking.model), INFERRED, INFERRED)
    raise ConfigFault(
        "config.choice", key="checking.judge", value=config.checking.judge, known="encoder, reader or model"
    )


def auditor(config: Config) -> Judge | None:
    """Who reckons citations apart from the judge. Raises ConfigFault, ModelFault."""
    match config.checking.auditor:
        case "encoder":
            return _small_judge()
        case "":
            return None
    raise ConfigFault("config.choice", key="checking.auditor", value=config.checking.auditor, known='encoder, or ""')


def gate(config: Config) -> answerability.Gate | None:
    """How sure a run must be before it publishes; None where it does without the small judge, whose word the fit needs.
    Raises ConfigFault, ModelFault."""
    return answerability.gate(config.checking.risk) if states(config) else None


def states(config: Config) -> States | None:
    """The small judge's word on which passages state an answer; None where the configuration does without it."""
    return _states if "encoder" in (config.checking.judge, config.checking.auditor) else None


def _states(passages: Sequence[str], question: str) -> Sequence[Stated]:
    return finder().states(passages, question)


def points(config: Config) -> States | None:
    """The verifier's word on which words of a passage answer; None where the configuration does without it."""
    return _points if states(config) else None


def _points(passages: Sequence[str], question: str) -> Sequence[Stated]:
    return verifier().states(passages, question)


def _small_judge() -> EncoderJudge:
    return EncoderJudge(verifier, ENCODER_SUPPORTED, ENCODER_CONTRADICTED, ACROSS)


@cache
def _named(model: str) -> Entailing:
    """Read once. Raises ModelFault."""
    from rag.checking.nli import InferenceModel

    return InferenceModel(model)


@cache
def finder() -> Encoder:
    """Read once. Raises ModelFault."""
    from rag import models

    return Encoder(models.judge_folder(models.FINDER))


@cache
def verifier() -> Encoder:
    """Read once. Raises ModelFault."""
    from rag import models

    return Encoder(models.judge_folder(models.VERIFIER))


def check_parts(config: Config, index: Index, reader: Reader, only: Selection | None = None) -> CheckParts:
    """All of a check; engine, judge and ledger are those of `parts`."""
    made = parts(config, index, reader, only)
    return CheckParts(
        engine=made.engine,
        reader=reader,
        judge=made.judge,
        facts=config.facts,
        hits=made.hits,
        ledger=made.ledger,
        index=made.index,
        config_sha256=made.config_sha256,
    )


def _key(variable: str) -> str:
    """The API key in this environment variable; "" where the configuration names none. Raises ConfigFault."""
    if not variable:
        return ""
    if not (key := os.environ.get(variable, "").strip()):
        raise ConfigFault("config.no_key", variable=variable)
    return key


def _reader_key(named: ReaderConfig) -> str:
    """The key in the environment, or in a file that nobody else may read. Raises ConfigFault."""
    if not named.key_file:
        return _key(named.key_env)
    path = expanded(named.key_file)
    try:
        if os.name != "nt" and path.stat().st_mode & 0o077:
            raise ConfigFault("reader.key_file", path=path, error=english("reader.key_file_open"))
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFault("reader.key_file", path=path, error=getattr(error, "strerror", "") or error) from error


def reranker(config: Config) -> Reranker | None:
    """The cross-encoder of [search], at an address or on this machine. Raises ConfigFault, ModelFault."""
    named = config.search
    if not (named.reranker or named.reranker_address):
        return None
    from rag.index import rerank

    if named.reranker_address:
        return rerank.at_address(named.reranker_address, named.reranker, _key(named.reranker_key_env))
    return rerank.cross_encoder(named.reranker)
