"""Measure sets by variants, side by side on the same items.

    python -m eval.run seeds --variant loop                      # questions of our own over the index "seeds"
    python -m eval.run xquad-en cmrc --limit 30                  # all variants the set has
    python -m eval.run standard                # sets for development; `release`: for test; `check`: without a model
    python -m eval.run rgb-zh-noise-0.4 --variant loop --config a.toml --config b.toml
    python -m eval.run my-questions.jsonl --index work           # a file of your own

What each set is for (development, test) is told and stands in its result. Every generation and every item's output is
kept in VOUCH_HOME/eval (or --store), so a stopped run goes on where it was and metrics are made anew for nothing.
Results go to eval/results/<set>-<variant>-<commit>.json, and what the Quality page shows of them to summary.json.
"""

import dataclasses
import hashlib
import json
import statistics
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from eval import result
from eval.chosen import Chosen, choose, expand
from eval.compare import compare
from eval.items import Question
from eval.lab import Lab, reader_identity
from eval.outcomes import Output
from eval.report import summarised
from eval.result import Result
from eval.shell import command
from eval.shell import out as tell
from eval.store import Store, default_file, key
from eval.tasks.questions import PROMPTS
from rag import wiring
from rag.config import REPOSITORY, load
from rag.errors import ReaderFault
from rag.generation import prompts
from rag.history import evaluations
from rag.history.statistics import Figure
from rag.learning.features import normalised

QUICK = 0.5  # seconds; of items faster than that only every hundredth gets a line
IN_A_ROW = 3  # items the reader may fail on one after another before the run stops

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    sets: Annotated[list[str], typer.Argument(help="Names of sets, of tiers (check, standard, release), or files.")],
    variant: Annotated[str, typer.Option(help="Which, with commas; by default all a set has, or its tier asks.")] = "",
    limit: Annotated[int, typer.Option(help="Only the first so many items of each list.")] = 0,
    config: Annotated[list[Path] | None, typer.Option(help="A TOML file; several are compared.")] = None,
    index: Annotated[str, typer.Option(help="The built index for questions that bring no pages.")] = "",
    data: Annotated[Path | None, typer.Option(help="The folder of public sets; else VOUCH_DATA.")] = None,
    out: Annotated[Path, typer.Option(help="Where results are written.")] = result.FOLDER,
    store: Annotated[Path | None, typer.Option(help="Where generations are kept.")] = None,
    nightly: Annotated[bool, typer.Option("--nightly", help="Mark the ledger's rows as a nightly run's.")] = False,
    answers: Annotated[
        Path | None, typer.Option(help="Write every output here too, with its text, a line each.")
    ] = None,
) -> None:
    kept = Store(store or default_file())
    wanted = tuple(name.strip() for name in variant.split(",") if name.strip())
    asked = [each for name in sets for each in expand(name, wanted, limit)]
    made: list[Result] = []
    commit()  # asked once, now: the tree may change while the run goes on
    for file in [*config] if config else [None]:
        lab = Lab(load(file), kept)
        try:
            for each in asked:
                chosen = choose(each, data)
                lab.index = index or chosen.index
                lab.asked = frozenset(normalised(getattr(item, "question", "")) for item in chosen.items)
                if chosen.pages:
                    lab.shared[chosen.index] = chosen.pages
                for name in chosen.variants:
                    what = chosen.role or "no role"
                    tell.print(f"[bold]{chosen.set}[/bold] ({what}), {name}: {len(chosen.items)} items")
                    outputs, faults = outputs_of(chosen, name, lab)
                    if answers:
                        _add_lines(answers, chosen.set, name, outputs)
                    done = measured(chosen, name, file.stem if file else "", outputs, faults, lab)
                    made.append(done)
                    wiring.ledger(lab.config).add_evaluation(for_ledger(done), "nightly" if nightly else "evaluation")
                    tell.print(table(done))
                    tell.print(f"{result.write(done, out)}\n", markup=False)
        finally:
            lab.close()
    evaluations.write(summarised(result.latest(out)), out)
    for line in comparisons(made):
        tell.print(line, markup=False)


def for_ledger(done: Result) -> dict[str, Any]:
    """The row that `vouch stats` shows of a run: its figures with their n and intervals, calibration among them."""
    return {
        "name": done.set,
        "variant": done.name,
        "reader": done.reader["name"],
        "config_sha256": done.config_sha256,
        "prompts_sha256": done.prompts_sha256,
        "build": done.commit,
        "n": done.n,
        "seconds": done.seconds["total"],
        "figures": {name: dataclasses.asdict(figure) for name, figure in done.figures.items()},
    }


def outputs_of(chosen: Chosen, variant: str, lab: Lab) -> tuple[list[Output], int]:
    """(what `variant` makes of the items, on how many the reader failed), going on where an earlier run stopped.

    Raises ReaderFault when the reader fails on three items in a row; a single item it fails on counts as not answered
    and is asked again next time.
    """
    items = chosen.items
    bare = any(isinstance(item, Question) and not item.pages for item in items)
    same = _same(chosen.set, variant, lab, bare and variant not in ("closed", *chosen.task.alone))
    outputs: list[Output] = []
    faults, in_a_row, new_seconds = 0, 0, list[float]()
    for number, item in enumerate(items, start=1):
        item_key = key("output", same, item_hash(item))
        found = lab.store.output(item_key)
        if found is not None:
            outputs.append(Output(**found))
            continue
        try:
            output = chosen.task.run(item, variant, lab)
        except ReaderFault as fault:
            faults, in_a_row = faults + 1, in_a_row + 1
            tell.print(f"{number:4}/{len(items)} {item.id}: {fault}", markup=False)
            if in_a_row == IN_A_ROW:
                raise
            outputs.append(Output(item.id, answered=False))
            continue
        in_a_row = 0
        lab.store.keep_output(item_key, output.as_json())
        outputs.append(output)
        new_seconds.append(output.seconds)
        if output.seconds < QUICK and number % 100 and number < len(items):
            continue
        left = statistics.mean(new_seconds) * (len(items) - number)
        told = " ".join((output.text or "–").split())[:90]
        tell.print(
            f"{number:4}/{len(items)} {output.seconds:6.1f} s  {_minutes(left)} left  {item.id}  {told}", markup=False
        )
    return outputs, faults


def measured(chosen: Chosen, variant: str, settings: str, outputs: Sequence[Output], faults: int, lab: Lab) -> Result:
    """Figures of the outputs, with all that says where they come from."""
    scored = chosen.task.score(chosen.items, outputs)
    seconds = [output.seconds for output in outputs] or [0.0]
    reader, sha256 = reader_identity(lab.config.reader)
    return Result(
        set=chosen.set,
        variant=variant,
        settings=settings,
        n=len(outputs),
        figures=scored.figures,
        seconds={
            "total": round(sum(seconds), 3),
            "median": round(statistics.median(seconds), 3),
            "longest": round(max(seconds), 3),
        },
        reader={"name": reader, "sha256": sha256},
        embedder=lab.config.embedder.model if lab.config.embedder.kind != "hash" else "hash",
        prompts_sha256=key(prompts.fingerprint(), prompts.fingerprint(PROMPTS)),
        config_sha256=lab.config.fingerprint(),
        list_sha256=key([item.id for item in chosen.items]),
        commit=commit(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        outcomes=scored.outcomes,
        faults=faults,
        role=chosen.role,
    )


def _add_lines(file: Path, name: str, variant: str, outputs: Sequence[Output]) -> None:
    with file.open("a", encoding="utf-8") as lines:
        for output in outputs:
            row = {"set": name, "variant": variant, **output.as_json()}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


@cache
def commit() -> str:
    """The short hash of the tree's commit, "dirty" after it when files differ; "unknown" outside a checkout."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


def comparisons(made: Sequence[Result]) -> list[str]:
    """Every later variant or configuration against every earlier one of its set, on the items both have."""
    lines = []
    for at, ours in enumerate(made):
        for theirs in made[:at]:
            if ours.set == theirs.set and (found := compare(ours, theirs)) is not None:
                lines.append(f"{ours.set}: {found}")
    return lines


def table(done: Result) -> Table:
    rows = Table("figure", "value", "n", "95% interval", box=None, pad_edge=False)
    for name, figure in done.figures.items():
        rows.add_row(name, shown(figure), str(figure.n), interval(figure))
    rows.add_row("seconds an item, median", f"{done.seconds['median']:.2f}", str(done.n), "")
    if done.faults:
        rows.add_row("items the reader failed on (run again to ask them again)", str(done.faults), str(done.n), "")
    return rows


def shown(figure: Figure) -> str:
    return "–" if figure.value is None else f"{figure.value:.3f}"


def interval(figure: Figure) -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.3f}–{figure.high:.3f}"


def item_hash(item: Any) -> str:
    """Hex SHA-256 over all of the item but when its pages were read."""
    plain = dataclasses.asdict(item)
    for page in plain.get("pages", ()):
        del page["read_at"]
    return key(plain)


def _same(name: str, variant: str, lab: Lab, asks_an_index: bool) -> str:
    """The hash of everything but the item that an output depends on: the code that makes outputs, prompts and the
    configuration, the reader and the index. Outputs of other code are made anew, from remembered generations."""
    index = lab.named()[1].fingerprint() if asks_an_index else ""
    return key(_code(), name, variant, lab.config.fingerprint(), lab.reader.identity, index)


@cache
def _code() -> str:
    digest = hashlib.sha256()
    here = REPOSITORY / "eval"
    files = [*(REPOSITORY / "rag").rglob("*.py"), *(REPOSITORY / "rag").rglob("*.md"), *(here / "tasks").glob("*.py")]
    for file in sorted([*files, *(here / "prompts").glob("*.md"), here / "lab.py"]):
        digest.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:4.0f} min" if seconds >= 100 else f"{seconds:4.0f} s"


if __name__ == "__main__":
    command(app)
