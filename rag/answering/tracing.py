"""A run as OpenTelemetry spans, after its GenAI conventions: one for the run, below it one for each thing a part does.

Spans hold names, counts and verdicts, never a question, a page or a reply.
"""

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.util.types import AttributeValue

from rag import __version__
from rag.answering.engine import Parts
from rag.answering.ranking import States
from rag.answering.replacing import with_reader
from rag.errors import ConfigFault
from rag.protocols import Judge, Prompt, Reader, SearchEngine
from rag.types import Answer, Event, Hit, Page, Quote, Stated, Verdict

NAME = "vouch"
ASKED_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")  # OpenTelemetry's own variables

Answering = Callable[[str, Parts], Generator[Event, None, Answer]]
Facts = Mapping[str, AttributeValue]


def tracer() -> Tracer | None:
    """That of the provider which the process has set up, or of one that sends spans to where OpenTelemetry's variables
    say; None where nobody asks for spans. Raises ConfigFault where the exporter is not installed."""
    if isinstance(trace.get_tracer_provider(), ProxyTracerProvider):  # nobody has set one up
        if os.environ.get("OTEL_SDK_DISABLED") == "true" or not any(os.environ.get(name) for name in ASKED_BY):
            return None
        _export()
    return trace.get_tracer(NAME, __version__)


def _export() -> None:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigFault("traces.not_installed", variables=", ".join(ASKED_BY)) from error
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", NAME)}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


@dataclass(frozen=True, slots=True)
class Run:
    """The span of a run. It is named to each part, and is not the context's: a run is a generator, whose steps may be
    made in one thread or another."""

    tracer: Tracer
    span: Span

    @classmethod
    def begin(cls, tracer: Tracer, parts: Parts) -> "Run":
        """Below the span of whoever asks."""
        facts = {
            **_operation("invoke_agent"),
            "gen_ai.agent.name": NAME,
            "gen_ai.agent.version": __version__,
            "gen_ai.data_source.id": parts.index.get("name", ""),
        }
        return cls(tracer, tracer.start_span(f"invoke_agent {NAME}", attributes=facts))

    @contextmanager
    def step(self, operation: str, name: str, facts: Facts, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
        """A span for what is done within."""
        context = trace.set_span_in_context(self.span)
        told = {**_operation(operation), **facts}
        with _ended(self.tracer.start_span(f"{operation} {name}".strip(), context, kind, told)) as span:
            yield span


def answer(question: str, parts: Parts, tracer: Tracer, answering: Answering) -> Generator[Event, None, Answer]:
    """`answering`, followed. Its span ends with it: well, by a fault, or when nobody wants to hear the rest."""
    run = Run.begin(tracer, parts)
    with _ended(run.span):
        made = yield from answering(question, traced(parts, run))
        told = {"gen_ai.request.model": parts.reader.name, "gen_ai.response.id": made.id, "vouch.status": made.status}
        run.span.set_attributes(told | _usage(made.metrics.get("prompt_tokens"), made.metrics.get("output_tokens")))
        return made


def traced(parts: Parts, run: Run) -> Parts:
    """The same parts, with a span for each thing they do."""
    reader = TracedReader(parts.reader, run)
    return replace(
        parts,
        engine=TracedEngine(parts.engine, run, parts.index.get("name", "")),
        policy=with_reader(parts.policy, parts.reader, reader),
        reader=reader,
        judge=TracedJudge(with_reader(parts.judge, parts.reader, reader), run),
        auditor=TracedJudge(parts.auditor, run) if parts.auditor else None,
        states=_traced_states(parts.states, run) if parts.states else None,
    )


@dataclass(frozen=True, slots=True)
class TracedReader:
    """Tokens that it counts for a span are handed on to whoever asks for them."""

    reader: Reader
    run: Run
    _used: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def name(self) -> str:
        return self.reader.name

    def write(self, prompt: Prompt) -> Iterator[str]:
        with self._chat(prompt) as span:
            yield from self.reader.write(prompt)
            self._count(span)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        with self._chat(prompt) as span:
            said = self.reader.choose(prompt, choices)
            self._count(span)
        return said

    def tokens(self) -> tuple[int, int]:
        prompt, output = self.reader.tokens()
        used = (self._used[0] + prompt, self._used[1] + output)
        self._used[:] = [0, 0]
        return used

    def _chat(self, prompt: Prompt) -> AbstractContextManager[Span]:
        facts: Facts = {
            "gen_ai.request.model": self.name,
            "gen_ai.request.max_tokens": prompt.max_tokens,
            "gen_ai.request.temperature": prompt.temperature,
        }
        return self.run.step("chat", self.name, facts, SpanKind.CLIENT)

    def _count(self, span: Span) -> None:
        prompt, output = self.reader.tokens()
        self._used[0] += prompt
        self._used[1] += output
        span.set_attributes(_usage(prompt, output))


@dataclass(frozen=True, slots=True)
class TracedEngine:
    engine: SearchEngine
    run: Run
    index: str

    def search(self, query: str, k: int) -> Sequence[Hit]:
        facts: Facts = {"gen_ai.data_source.id": self.index, "gen_ai.request.top_k": k}
        with self.run.step("retrieval", self.index, facts) as span:
            found = self.engine.search(query, k)
            span.set_attribute("vouch.hits", len(found))
        return found

    def open(self, uri: str) -> Page:
        with self.run.step("execute_tool", "open", {"gen_ai.tool.name": "open"}):
            return self.engine.open(uri)


@dataclass(frozen=True, slots=True)
class TracedJudge:
    judge_: Judge
    run: Run

    @property
    def name(self) -> str:
        return self.judge_.name

    def judge(self, quotes: Sequence[Quote], claim: str, language: str) -> Verdict:
        with self.run.step("evaluate", self.name, {"gen_ai.evaluation.name": "support"}) as span:
            verdict = self.judge_.judge(quotes, claim, language)
            span.set_attribute("gen_ai.evaluation.score.label", verdict.label)
            if verdict.probability is not None:
                span.set_attribute("gen_ai.evaluation.score.value", verdict.probability)
        return verdict


def _traced_states(states: States, run: Run) -> States:
    def told(passages: Sequence[str], question: str) -> Sequence[Stated]:
        with run.step("evaluate", "passages", {"gen_ai.evaluation.name": "states", "vouch.passages": len(passages)}):
            return states(passages, question)

    return told


@contextmanager
def _ended(span: Span) -> Iterator[Span]:
    try:
        yield span
    except Exception as error:
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        span.end()


def _operation(name: str) -> dict[str, AttributeValue]:
    return {"gen_ai.operation.name": name, "gen_ai.provider.name": NAME}


def _usage(prompt: object, output: object) -> dict[str, AttributeValue]:
    """Without what is not counted."""
    told = {"gen_ai.usage.input_tokens": prompt, "gen_ai.usage.output_tokens": output}
    return {name: count for name, count in told.items() if isinstance(count, int)}
