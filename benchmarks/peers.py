"""Answering: the whole loop beside LlamaIndex, with the same reader, embedder, pages and questions; RAGAS judges both.

    python3 -m venv ../peers && ../peers/bin/pip install -r benchmarks/peers.txt
    python -m benchmarks.peers ask --other ../peers/bin/python        # LlamaIndex answers the fixture's 60 questions
    python -m benchmarks.peers judge --other ../peers/bin/python      # RAGAS' faithfulness of both systems' answers

LlamaIndex runs as it comes (its splitter, its prompt, its two best chunks), with chunks of as many tokens as Vouch
cuts. It runs in an environment of its own and reaches reader and embedder over loopback, so both systems use one model
in one process. Its answers are scored by the rules that score the loop's, and kept in the evaluation's store, so that
a stopped run goes on. RAGAS asks the local reader as well: what it makes of that judge is RAGAS', not ours, and what it
cannot read stays in n as not judged.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Annotated, Any

import typer

from eval import result
from eval.chosen import Asked, Chosen, choose
from eval.lab import Lab
from eval.metrics.rejection import refused
from eval.metrics.stats import mean, share
from eval.outcomes import Output
from eval.run import item_hash, measured, outputs_of, table
from eval.shell import command, out
from eval.store import Store, default_file, key
from rag import models
from rag.config import home, load
from rag.generation import local
from rag.generation.running import ServerSettings
from rag.protocols import Embedder
from rag.sources import ingest

CORPUS = Path(__file__).parent.parent / "indexes" / "demo_corpus"
PEER = Path(__file__).with_name("peer_llamaindex.py")
RAGAS = Path(__file__).with_name("peer_ragas.py")
Other = Annotated[Path, typer.Option(help="The Python of an environment with benchmarks/peers.txt.")]
Limit = Annotated[int, typer.Option(help="Only the first so many questions.")]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def ask(other: Other, limit: Limit = 0) -> None:
    """LlamaIndex answers; the result is written beside the loop's as the variant "llamaindex"."""
    lab, kept = Lab(load(), Store(default_file())), Store(default_file())
    chosen = choose(Asked("fixture", ("loop",), limit), None)
    pages = [ingest.read(uri, lab.config.fetch) for uri in ingest.find(str(CORPUS))]
    told = {"chunk": lab.config.chunk.tokens, "pages": [{"uri": page.uri, "text": page.text} for page in pages]}
    outputs = []
    with (
        reader() as served,
        embeddings(lab.embedder) as vectors,
        peer(other, PEER, {**told, **served, **vectors}) as say,
    ):
        for number, item in enumerate(chosen.items, start=1):
            name = key("peer", PEER.read_bytes(), item_hash(item), lab.reader.identity, [page.sha256 for page in pages])
            found = kept.output(name)
            if found is None:
                began = perf_counter()
                reply = say({"question": item.question})
                declined = refused(reply["answer"], item.language)
                more = {"said": reply["answer"], "quotes": reply["contexts"]}
                text = "" if declined else reply["answer"]
                found = Output(item.id, perf_counter() - began, text, not declined, None, more).as_json()
                kept.keep_output(name, found)
                out.print(
                    f"{number:4}/{len(chosen.items)} {found['seconds']:5.1f} s  {reply['answer'][:90]}", markup=False
                )
            outputs.append(Output(**found))
    done = measured(chosen, "llamaindex", "", outputs, 0, lab)
    out.print(table(done))
    out.print(str(result.write(done, result.FOLDER)), markup=False)
    keep_for_judging(kept, "llamaindex", chosen, outputs)
    lab.close()


@app.command()
def judge(other: Other, limit: Limit = 0) -> None:
    """RAGAS' faithfulness of what the loop and LlamaIndex answered; LlamaIndex must have been asked all questions."""
    lab, kept = Lab(load(), Store(default_file())), Store(default_file())
    whole = choose(Asked("fixture", ("loop",), 0), None)
    chosen = replace(whole, items=whole.items[: limit or None])
    peers = kept.output(key("peers, to judge", "llamaindex", [item.id for item in whole.items]))
    if peers is None:
        sys.exit("LlamaIndex has not answered all questions yet: python -m benchmarks.peers ask")
    loop, _ = outputs_of(chosen, "loop", lab)
    rows = {"loop": loop, "llamaindex": [Output(**each) for each in peers["outputs"][: len(chosen.items)]]}
    with reader() as served, peer(other, RAGAS, served) as say:
        for name, outputs in rows.items():
            scores: list[float | None] = []
            for item, output in zip(chosen.items, outputs, strict=True):
                if not output.answered:
                    continue
                asked = {"question": item.question, "answer": output.text, "contexts": list(output.more["quotes"])}
                at = key("ragas", RAGAS.read_bytes(), lab.reader.identity, asked)
                found = kept.output(at) or say(asked)
                kept.keep_output(at, found)
                scores.append(found["faithfulness"])
                out.print(f"{name} {item.id}: {found['faithfulness']} {found.get('error', '')[:80]}", markup=False)
            judged = share(score is not None for score in scores)
            out.print(f"{name}: RAGAS faithfulness {mean(scores)}; judged {judged}", markup=False)
    lab.close()


def keep_for_judging(kept: Store, name: str, chosen: Chosen, outputs: list[Output]) -> None:
    at = key("peers, to judge", name, [item.id for item in chosen.items])
    kept.keep_output(at, {"outputs": [output.as_json() for output in outputs]})


@contextmanager
def reader() -> Iterator[dict[str, str]]:
    """The local reader, on loopback."""
    config = load().reader
    server = local.connect(ServerSettings(models.ensure(config.model), config.threads, config.window, home()))
    yield {"address": f"{server.address}/v1", "key": server.key, "model": config.model}


@contextmanager
def embeddings(embedder: Embedder) -> Iterator[dict[str, str]]:
    """The embedder, on loopback: {"texts", "query"} -> the vectors."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = (embedder.queries if asked["query"] else embedder.passages)(asked["texts"])
            body = json.dumps(found.tolist()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield {"embeddings": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()


@contextmanager
def peer(python: Path, script: Path, told: dict[str, Any]) -> Iterator[Any]:
    """A function that says one JSON object to the other Python's script and gives what it answers."""
    process = subprocess.Popen([str(python), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    speaking, listening = process.stdin, process.stdout

    def say(asked: dict[str, Any]) -> dict[str, Any]:
        speaking.write(json.dumps(asked) + "\n")
        speaking.flush()
        line = listening.readline()
        if not line:
            sys.exit(f"{script.name} ended; is benchmarks/peers.txt installed for {python}?")
        return dict(json.loads(line))

    say(told)
    yield say
    process.terminate()


if __name__ == "__main__":
    command(app)
