"""Answers as demonstrations: are questions answered better where the reader is shown answers to others?

    python -m eval.run SETS --variant loop --config bold.toml --out graded --answers graded/answers.jsonl
    python -m benchmarks.demonstrations graded xquad-en-dev cmrc-dev --limit 16

bold.toml has [checking] risk = 1.0. A simulated user called every right answer of the run good. Each question of a set
is asked with none and with `--most` of those of the *other* sets, of its kind and language, nearest last, as
[learning] demonstrations chooses them. Development sets only. What the reader was asked before is not asked again.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.best_of_n import shown
from eval import result
from eval.chosen import choose, expand
from eval.lab import Lab
from eval.metrics.stats import difference, mean, share
from eval.outcomes import Output
from eval.store import Store, default_file
from eval.tasks.questions import outcome
from rag.answering.engine import answer
from rag.config import load
from rag.learning.demonstrations import Demonstrations, Proven, demonstration, verified
from rag.types import Answered

app = typer.Typer(add_completion=False)


@app.command()
def main(
    folder: Annotated[Path, typer.Argument(help="Results, and answers.jsonl beside them.")],
    names: Annotated[list[str], typer.Argument(metavar="SETS...")],
    most: Annotated[int, typer.Option(min=1)] = 1,
    limit: Annotated[int, typer.Option(help="Only so many questions of each; 0 for all.")] = 0,
    store: Annotated[Path | None, typer.Option(help="Where generations are kept.")] = None,
) -> None:
    """Tell how many are right with none and with demonstrations, and what they cost."""
    good, lab = _good(folder), Lab(load(), Store(store or default_file()))
    without, shown_some, told, seconds = list[bool](), list[bool](), list[bool](), list[float]()
    for name in names:
        pool = _Pool(tuple(one for of, one in good if of != name))
        [asked] = expand(name, (), limit)
        chosen = choose(asked, None)
        lab.index = chosen.index
        if chosen.pages:
            lab.shared[chosen.index] = chosen.pages
        for item in (one for one in chosen.items if one.answerable):
            with lab.over(item.pages) as parts:
                known = Demonstrations(pool, lab.embedder, most)
                found = []
                for examples in (None, known):
                    began = lab.start()
                    for event in answer(item.question, replace(parts, demonstrations=examples, gate=None)):
                        if isinstance(event, Answered):
                            text = event.answer.text
                    found.append((bool(outcome(item, Output(item.id, text=text)).right), lab.since(began)[0], text))
            without.append(found[0][0])
            told.append(found[1][0])
            shown_some.append(found[0][2] != found[1][2])
            seconds.append(found[1][1] - found[0][1])
            typer.echo(f"{name} {item.id} {found[0][0]} {found[1][0]} {found[1][2][:100]!r}")
    typer.echo(f"{len(told)} questions, {sum(shown_some)} answered otherwise, {shown(mean(seconds))} s more each")
    typer.echo(f"right: without {shown(share(without))}, with {shown(share(told))}; {shown(difference(told, without))}")
    lab.close()


@dataclass(frozen=True, slots=True)
class _Pool:
    held: tuple[Proven, ...]

    def __call__(self) -> tuple[Proven, ...]:
        return self.held


def _good(folder: Path) -> list[tuple[str, Proven]]:
    """(set, demonstration) of the right and verified answers of a run."""
    known = {one.set: one for one in result.latest(folder) if one.variant == "loop" and one.role == "development"}
    right = {(name, one.id) for name, of in known.items() for one in of.outcomes if one.right}
    found: list[tuple[str, Proven]] = []
    for line in (folder / "answers.jsonl").read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        told = row["more"]["answer"]
        if (row["set"], row["id"]) in right and verified(told) and (made := demonstration(told)):
            found.append((row["set"], Proven(made, told["language"], (told.get("plan") or {}).get("kind", "fact"))))
    return found


if __name__ == "__main__":
    app()
