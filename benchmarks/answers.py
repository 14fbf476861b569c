"""Whole answers with the shipped reader: seconds to the first quote and to the end, and where they go.

    python -m rag add DATA/seeds --index seeds
    python -m benchmarks.answers --count 8                         # the first eight of eval/questions/seeds.jsonl
    python -m benchmarks.answers --start 8 --count 8 --keep rows   # goes on; the medians are of all that --keep holds

Everything is loaded and warmed up first, as the page keeps it. Of each prompt it counts the tokens that were cached,
that were evaluated and that were written, as llama.cpp tells them: these depend on nothing else that runs.
"""

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from rag import wiring
from rag.answering.recording import answer as research
from rag.config import REPOSITORY, load
from rag.generation.local_reader import LocalReader
from rag.generation.reader import shares
from rag.protocols import Prompt
from rag.types import Answered, Step

QUESTIONS = REPOSITORY / "eval" / "questions" / "seeds.jsonl"


@dataclass
class CountingReader:
    """The local server asked without langchain, so that llama.cpp's own timings come with each reply."""

    inner: LocalReader
    calls: list[dict[str, float]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.inner.name

    def write(self, prompt: Prompt) -> Iterator[str]:
        grammar = {"grammar": prompt.grammar} if prompt.grammar else {}
        yield self._ask(prompt, max_tokens=prompt.max_tokens, **grammar)["message"]["content"]

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        found = self._ask(prompt, max_tokens=1, logprobs=True, top_logprobs=10)["logprobs"]["content"][0]
        return shares([(entry["token"], entry["logprob"]) for entry in found["top_logprobs"]], choices)

    def tokens(self) -> tuple[int, int]:
        return 0, 0

    def _ask(self, prompt: Prompt, **options: Any) -> dict[str, Any]:
        server = self.inner.server
        turns = [{"role": "system", "content": prompt.system}]
        for user, reader in prompt.turns:
            turns += [{"role": "user", "content": user}, {"role": "assistant", "content": reader}]
        body = {"messages": [*turns, {"role": "user", "content": prompt.user}], "temperature": 0, **options}
        key = {"Authorization": f"Bearer {server.key}"}
        reply = httpx.post(
            f"{server.address}/v1/chat/completions", json=body, headers=key, timeout=900, trust_env=False
        )
        told = reply.raise_for_status().json()
        self.calls.append(told["timings"])
        return dict(told["choices"][0])


def main(
    index: str = "seeds",
    questions: Path = QUESTIONS,
    start: int = 0,
    count: int = 8,
    keep: Annotated[Path | None, typer.Option(help="Lines are added here, and the medians are of all of them.")] = None,
) -> None:
    config = load()
    reader = wiring.reader(config)
    if not isinstance(reader, LocalReader):
        raise typer.BadParameter("reader.kind must be local")
    began = time.perf_counter()
    wiring.warm(reader)
    counting, embedder = CountingReader(reader), wiring.embedder(config)
    print(f"warming up: {time.perf_counter() - began:.1f} s")
    asked = [json.loads(line)["question"] for line in questions.read_text("utf-8").splitlines()]
    rows: list[dict[str, Any]] = []
    with wiring.index(config, index, embedder) as opened:
        parts = replace(wiring.parts(config, opened, counting), ledger=None)
        parts.judge.judge((), "?", "en")
        opened.search("warm up 预热", 1)
        for question in asked[start : start + count]:
            rows.append(timed(question, parts, counting))
            print(json.dumps(rows[-1], ensure_ascii=False))
            if keep:
                with keep.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
    if keep:
        rows = [json.loads(line) for line in keep.read_text("utf-8").splitlines()]
    report(rows)


def timed(question: str, parts: Any, reader: CountingReader) -> dict[str, Any]:
    reader.calls.clear()
    began, first = time.perf_counter(), 0.0
    for event in research(question, parts):
        match event:
            case Step(quote=quote) if quote is not None and not first:
                first = time.perf_counter() - began
            case Answered(answer):
                row = {"status": answer.status, **{name: round(took, 2) for name, took in answer.timings.items()}}
    counted = {
        name: int(sum(call[key] for call in reader.calls))
        for name, key in (("cached", "cache_n"), ("evaluated", "prompt_n"), ("written", "predicted_n"))
    }
    spent = {
        name: round(sum(call[key] for call in reader.calls) / 1e3, 2)
        for name, key in (("evaluating", "prompt_ms"), ("generating", "predicted_ms"))
    }
    return {
        "question": question,
        **row,
        "first_quote": round(first, 2),
        "prompts": len(reader.calls),
        **counted,
        **spent,
    }


def report(rows: Sequence[dict[str, Any]]) -> None:
    told = [row for row in rows if row["first_quote"]]
    print(f"\nn = {len(rows)}, load {os.getloadavg()[0]:.1f}; medians:")
    for name in (
        "total",
        "reading",
        "writing",
        "checking",
        "evaluating",
        "generating",
        "cached",
        "evaluated",
        "written",
    ):
        values = [row[name] for row in rows]
        print(f"  {name:12} {statistics.median(values):8.2f}   longest {max(values):8.2f}")
    if told:
        print(f"  first quote  {statistics.median(row['first_quote'] for row in told):8.2f}   n = {len(told)}")


if __name__ == "__main__":
    typer.run(main)
