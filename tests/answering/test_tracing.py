"""A run as spans, through OpenTelemetry's own provider and exporter in memory."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from rag.answering import tracing
from rag.answering.recording import answer as answering
from rag.errors import ReaderFault
from rag.generation.reader import ScriptedReader
from rag.history.ledger import Ledger
from tests.answering.made import answer, asks, parts

ASKED = "When was the Orrin bridge opened?"
SAYS = ScriptedReader([(asks("answer", "fact"), "The Orrin bridge was opened on 4 May 1931.")])


@pytest.fixture
def spans():
    """(a tracer, what it has ended so far)."""
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return provider.get_tracer("test"), kept.get_finished_spans


def test_a_run_is_a_span_and_what_its_parts_do_stands_below_it(spans):
    tracer, ended = spans
    made, _ = answer(ASKED, parts(SAYS, tracer=tracer))
    *below, run = ended()
    assert run.name == "invoke_agent vouch" and run.attributes["gen_ai.response.id"] == made.id
    assert run.attributes["vouch.status"] == "answered"
    assert {one.parent.span_id for one in below} == {run.context.span_id}
    done = {one.attributes["gen_ai.operation.name"] for one in below}
    assert done >= {"chat", "retrieval", "execute_tool", "evaluate"}
    [chat, *_] = [one for one in below if one.attributes["gen_ai.operation.name"] == "chat"]
    assert chat.attributes["gen_ai.request.model"] == "scripted" and "gen_ai.usage.input_tokens" in chat.attributes
    verdicts = [one.attributes.get("gen_ai.evaluation.score.label") for one in below]
    assert "supported" in verdicts
    told = " ".join(str(value) for one in ended() for value in one.attributes.values())
    assert "Orrin" not in told  # neither the question nor what the sources say


def test_a_traced_run_answers_counts_and_is_kept_as_any_other(spans, tmp_path):
    tracer, _ = spans
    kept = Ledger(tmp_path / "ledger.sqlite")
    plain, _ = answer(ASKED, parts(Counting(SAYS.replies), ledger=kept))
    traced, _ = answer(ASKED, parts(Counting(SAYS.replies), ledger=kept, tracer=tracer))
    assert traced.text == plain.text and traced.metrics["prompt_tokens"] == plain.metrics["prompt_tokens"] > 0
    assert kept.run(traced.id).answer["id"] == traced.id


class Counting(ScriptedReader):
    """A fake that counts ten tokens of a prompt each time it is asked."""

    counted = 0

    def tokens(self):
        used, self.counted = 10 * (len(self.asked) - self.counted), len(self.asked)
        return used, 0


def test_the_span_of_a_run_that_fails_or_is_left_says_so(spans):
    tracer, ended = spans
    with pytest.raises(ReaderFault):
        answer(ASKED, parts(ScriptedReader(), tracer=tracer))
    run = ended()[-1]
    assert run.name == "invoke_agent vouch" and run.status.status_code is StatusCode.ERROR
    events = answering(ASKED, parts(SAYS, tracer=tracer))
    next(events)
    events.close()
    assert [one.name for one in ended()].count("invoke_agent vouch") == 2


def test_nobody_asks_for_spans_unless_a_variable_does():
    assert tracing.tracer() is None


class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.told.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.told = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_spans_go_to_where_the_variable_says(collector):
    work = "from rag.answering.tracing import tracer; tracer().start_span('a run of Vouch').end()"
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}"}
    subprocess.run([sys.executable, "-c", work], check=True, env=environment)
    [(path, body)] = collector.told
    assert path == "/v1/traces" and b"a run of Vouch" in body
