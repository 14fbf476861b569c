"""Check sentences whose truth by the sources is known, and count what comes back.

    python -m eval.factcheck tests/fixtures/claims.jsonl --index demo

A sentence may split into several claims: one that is refuted refutes it, all must be supported to support it. Each is
written to --out as it ends, so a stopped run goes on where it was; what the reader said is kept in eval's store, so a
run after a change of the rules asks it only what is new.
"""

import json
import statistics
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from eval.lab import Lab
from eval.run import commit
from eval.shell import command
from eval.store import Store, default_file
from rag import wiring
from rag.answering.factcheck import CheckParts, factcheck
from rag.config import load
from rag.errors import UsageFault
from rag.export.json import check_as_json
from rag.facts import Check, CheckEnded

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False)
VERDICTS = ("supported", "refuted", "not found", "unjudged", "not checkable")


@app.command()
def main(
    sentences: Path,
    index: Annotated[str, typer.Option(help="The index that holds the sentences' pages.")] = "",
    limit: Annotated[int, typer.Option(help="Only the first so many.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Checks, a line each; by default beside the built indexes.")] = None,
) -> None:
    config = load()
    if not sentences.exists():
        raise UsageFault(f"There is no file {sentences}.")
    asked = [json.loads(line) for line in sentences.read_text("utf-8").splitlines() if line.strip()][: limit or None]
    file = out or config.built / "eval" / f"facts-{sentences.stem}-{commit()}-{config.fingerprint()[:8]}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {row["id"]: row for row in _rows(file)}
    lab = Lab(config, Store(default_file()))
    with wiring.index(config, index or config.index, lab.embedder) as opened:
        # no ledger: a check made again from the store would stand there twice
        parts = replace(wiring.check_parts(config, opened, lab.reader), ledger=None)
        with file.open("a", encoding="utf-8") as lines:
            for at, wanted in enumerate(asked, start=1):
                if wanted["id"] in done:
                    continue
                began = lab.start()
                row = done[wanted["id"]] = graded(wanted, parts) | {"seconds": round(lab.since(began)[0], 2)}
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                lines.flush()
                mark = "✓" if row["right"] else "✗"
                told = f"{row['verdict']} (wanted {row['wanted']}): {wanted['text']}"
                console.print(f"{at:3}/{len(asked)} {mark} {row['seconds']:5.1f} s {row['id']} {told}", markup=False)
    rows = [done[wanted["id"]] for wanted in asked]
    console.print(_table(rows))
    right = sum(row["right"] for row in rows)
    seconds = statistics.median(row["seconds"] for row in rows)
    console.print(f"right {right}/{len(rows)}; median {seconds:.1f} s a sentence; {file}", markup=False)


def graded(wanted: dict[str, Any], parts: CheckParts) -> dict[str, Any]:
    """One sentence checked: {"id", "wanted", "verdict", "right", "seconds", "check"}."""
    *_, last = factcheck(wanted["text"], parts)
    assert isinstance(last, CheckEnded)  # a check always ends with one
    verdict = whole(last.check)
    return {
        "id": wanted["id"],
        "language": wanted["language"],
        "wanted": wanted["verdict"],
        "verdict": verdict,
        "right": verdict == wanted["verdict"],
        "seconds": round(last.check.timings["total"], 2),
        "check": check_as_json(last.check),
    }


def whole(check: Check) -> str:
    """The finding over all claims of a sentence: the worst of them."""
    found = {checked.finding for checked in check.claims}
    order = ("refuted", "not found", "unjudged", "supported", "not checkable")
    return next(finding for finding in order if finding in found)


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def _table(rows: list[dict[str, Any]]) -> Table:
    """The confusion: a row for what is true, a column for what was found."""
    counts = Counter((row["wanted"], row["verdict"]) for row in rows)
    table = Table("by the sources", *VERDICTS, "right", box=None, pad_edge=False)
    for wanted in ("supported", "refuted", "not found"):
        total = sum(count for (true, _), count in counts.items() if true == wanted)
        table.add_row(wanted, *(str(counts[wanted, v] or "·") for v in VERDICTS), f"{counts[wanted, wanted]}/{total}")
    return table


if __name__ == "__main__":
    command(app)
