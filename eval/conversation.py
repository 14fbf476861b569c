"""Measure how follow-up questions are put so that they stand alone.

    python -m eval.conversation tests/fixtures/conversations.jsonl

A follow-up is right where the question put for it holds a word of every group that the file wants (and none of `no`);
one marked `alone` where it was not touched. The history is what
was put for the turns before, with the answers of the file. Stand-alone questions of --alone are counted too: none of
them may be touched after a conversation about something else. Each row is written to --out as it ends; a stopped run
goes on.
"""

import json
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console

from eval.run import commit
from eval.shell import command
from rag import wiring
from rag.answering.conversation import Exchange, standalone
from rag.config import load
from rag.errors import UsageFault
from rag.history.statistics import wilson
from rag.protocols import Reader

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)
AIM = 0.8


@app.command()
def main(
    conversations: Path,
    alone: Annotated[Path | None, typer.Option(help="Questions that stand alone, a JSON line each.")] = None,
    out: Annotated[Path | None, typer.Option(help="Rows, a line each; by default beside the built indexes.")] = None,
) -> None:
    config = load()
    if not conversations.exists():
        raise UsageFault(f"There is no file {conversations}.")
    told = [json.loads(line) for line in conversations.read_text("utf-8").splitlines() if line.strip()]
    who = config.fingerprint()[:8]
    file = out or config.built / "eval" / f"conversation-{conversations.stem}-{commit()}-{who}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {row["id"]: row for row in _rows(file)}
    reader = wiring.reader(config)
    with file.open("a", encoding="utf-8") as lines:
        for conversation in told:
            for row in run(conversation, reader, done):
                if row["id"] not in done:
                    lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                    lines.flush()
                    done[row["id"]] = row
                mark = "✓" if row["right"] else "✗"
                shown = f"{row['asked']} → {row['put']}"
                console.print(f"{mark} {row['seconds']:5.1f} s {shown}", markup=False)
    rows = [row for row in done.values() if row["id"].startswith(tuple(one["id"] for one in told))]
    for name, wanted in (("all", ("zh", "en")), ("zh", ("zh",)), ("en", ("en",))):
        _tell(f"rewriting right, {name}", [row["right"] for row in rows if row["language"] in wanted])
    if alone:
        asked = [json.loads(line)["question"] for line in alone.read_text("utf-8").splitlines() if line.strip()]
        _tell("stand-alone questions left as they are", [untouched(question, told, reader) for question in asked])
    console.print(f"aim {AIM:.0%}; {file}", markup=False)


def run(conversation: dict[str, Any], reader: Reader, done: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each follow-up: {"id", "language", "asked", "put", "right", "seconds"}."""
    rows, history = [], list[Exchange]()
    for number, turn in enumerate(conversation["turns"], 1):
        put = turn["question"]
        if history:
            name = f"{conversation['id']}.{number}"
            row = done.get(name) or graded(name, conversation["language"], turn, history, reader)
            rows.append(row)
            put = row["put"]
        history.append(Exchange(put, turn["answer"]))
    return rows


def graded(name: str, language: str, turn: dict[str, Any], history: list[Exchange], reader: Reader) -> dict[str, Any]:
    started = perf_counter()
    found = standalone(turn["question"], history, reader)
    return {
        "id": name,
        "language": language,
        "asked": turn["question"],
        "put": found.question,
        "right": is_right(turn, found.question),
        "seconds": round(perf_counter() - started, 2),
    }


def is_right(turn: dict[str, Any], put: str) -> bool:
    if turn.get("alone"):
        return bool(put == turn["question"])
    folded = put.casefold()
    holds = all(any(word.casefold() in folded for word in group) for group in turn["terms"])
    wrong = any(word.casefold() in folded for word in turn.get("no", ()))
    return holds and not wrong


def untouched(question: str, told: list[dict[str, Any]], reader: Reader) -> bool:
    """Whether the question is left as it is after the first turn of a conversation in each language."""
    for language in ("zh", "en"):
        turn = next(one for one in told if one["language"] == language)["turns"][0]
        if standalone(question, [Exchange(turn["question"], turn["answer"])], reader).rewritten:
            return False
    return True


def _tell(what: str, flags: list[bool]) -> None:
    if flags:
        low, high = wilson(sum(flags), len(flags))
        console.print(f"{what}: {sum(flags)}/{len(flags)} = {sum(flags) / len(flags):.1%} [{low:.1%}, {high:.1%}]")


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


if __name__ == "__main__":
    command(app)
