"""Put a file of questions to the whole loop and grade what comes back.

    python -m eval.ask eval/questions/seeds.jsonl --index seeds
    python -m eval.ask tests/fixtures/questions.jsonl --index demo --limit 10

Each answer is written to --out as it ends, so a stopped run goes on where it was; the table and the summary are made
from that file. An answer counts as right when it holds what the question's line lists; an unanswerable question is
right when the loop abstains.
"""

import json
import statistics
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from eval.grade import right
from eval.metrics.stats import wilson
from rag import wiring
from rag.config import REPOSITORY, load
from rag.errors import UsageFault
from rag.export import as_json
from rag.research import research
from rag.types import Answer, Answered

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False)


@app.command()
def main(
    questions: Path,
    index: Annotated[str, typer.Option(help="The index that holds the questions' pages.")] = "",
    limit: Annotated[int, typer.Option(help="Only the first so many questions.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Answers, a line each; by default beside the built indexes.")] = None,
) -> None:
    config = load()
    if not questions.exists():
        raise UsageFault(f"There is no file {questions}.")
    asked = [json.loads(line) for line in questions.read_text("utf-8").splitlines()][: limit or None]
    file = out or config.built / "eval" / f"{questions.stem}-{commit()}-{config.fingerprint()[:8]}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {row["id"]: row for row in _rows(file)}
    with wiring.index(config, index or config.index, wiring.embedder(config)) as opened:
        reader = wiring.reader(config)
        wiring.warm(reader)
        parts = wiring.parts(config, opened, reader)
        with file.open("a", encoding="utf-8") as lines:
            for at, question in enumerate(asked, start=1):
                if question["id"] in done:
                    continue
                row = _graded(question, list(research(question["question"], parts))[-1])
                done[question["id"]] = row
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                lines.flush()
                mark = "✓" if row["right"] else "✗"
                told = " ".join((row["answer"] or f"({row['reason']})").split())
                console.print(
                    f"{at:3}/{len(asked)} {mark} {row['seconds']:5.1f} s {row['id']} {told[:110]}", markup=False
                )
    summary = summarise([done[question["id"]] for question in asked])
    summary |= {"questions": questions.name, "reader": reader.name, "config_sha256": config.fingerprint()}
    file.with_suffix(".summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", "utf-8")
    console.print(_table(summary))
    console.print(f"{file}", markup=False)


def commit() -> str:
    """The short hash of the tree's commit, "dirty" after it when files differ; "unknown" outside a checkout."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=7"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


def _rows(file: Path) -> Iterable[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def _graded(question: dict[str, Any], last: object) -> dict[str, Any]:
    assert isinstance(last, Answered)  # research always ends with one
    answer = last.answer
    ok = right(answer.text, question["answers"]) if question["answerable"] else answer.status == "abstained"
    quoted = " ".join(quote.text for quote in answer.quotes)
    return {
        "id": question["id"],
        "language": question["language"],
        "answerable": question["answerable"],
        "right": ok,
        "evidence": right(quoted, question["answers"]) if question["answerable"] else None,
        "verbatim": all(_verbatim(answer)),
        "first_quote": round(_first_quote(answer), 2),
        "seconds": round(answer.timings["total"], 2),
        "answer_id": answer.id,
        **{name: value for name, value in as_json(answer).items() if name != "id"},
    }


def _verbatim(answer: Answer) -> list[bool]:
    pages = {page.sha256: page.text for page in answer.pages}
    return [pages[quote.page_sha256][quote.start : quote.end] == quote.text for quote in answer.quotes]


def _first_quote(answer: Answer) -> float:
    """Seconds from the question to the first quote on screen; of the whole run where there was none."""
    spent = 0.0
    for step in answer.steps:
        spent += step.seconds
        if step.quote:
            return spent
    return answer.timings["total"]


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts, shares with 95% intervals, medians; by language and over all."""
    answerable = [row for row in rows if row["answerable"]]
    groups = {
        "answered rightly": answerable,
        "answered rightly, zh": [row for row in answerable if row["language"] == "zh"],
        "answered rightly, en": [row for row in answerable if row["language"] == "en"],
        "abstained where unanswerable": [row for row in rows if not row["answerable"]],
    }
    rates = {name: _rate(sum(row["right"] for row in group), len(group)) for name, group in groups.items()}
    rates["evidence among the quotes"] = _rate(sum(row["evidence"] for row in answerable), len(answerable))
    rates["abstained where answerable"] = _rate(
        sum(row["status"] == "abstained" for row in answerable), len(answerable)
    )
    sentences = [sentence for row in rows if row["status"] == "answered" for sentence in row["sentences"]]
    rates["sentences supported"] = _rate(sum(s["verdict"] == "supported" for s in sentences), len(sentences))
    rates["runs whose quotes are all verbatim"] = _rate(sum(row["verbatim"] for row in rows), len(rows))
    return {
        "n": len(rows),
        "rates": rates,
        "median_seconds": statistics.median(row["seconds"] for row in rows),
        "median_first_quote_seconds": statistics.median(row["first_quote"] for row in rows),
        "largest_first_quote_seconds": max(row["first_quote"] for row in rows),
        "commit": commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "prompts_sha256": rows[0]["prompts_sha256"],
    }


def _rate(hits: int, n: int) -> dict[str, Any]:
    low, high = wilson(hits, n)
    return {"hits": hits, "n": n, "value": hits / n if n else None, "low": round(low, 3), "high": round(high, 3)}


def _table(summary: dict[str, Any]) -> Table:
    table = Table("measure", "share", "n", "95% interval", box=None, pad_edge=False)
    for name, rate in summary["rates"].items():
        value = "–" if rate["value"] is None else f"{rate['value']:.0%}"
        table.add_row(name, value, f"{rate['hits']}/{rate['n']}", f"{rate['low']:.0%}–{rate['high']:.0%}")
    table.add_row("seconds, median", f"{summary['median_seconds']:.1f}", str(summary["n"]), "")
    table.add_row("seconds to the first quote, median", f"{summary['median_first_quote_seconds']:.1f}", "", "")
    return table


if __name__ == "__main__":
    app()
