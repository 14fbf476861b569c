"""What each risk makes of a set: how many of its questions are answered rightly and wrongly at it.

    python -m eval.run fixture two-hop --variant loop --config bold.toml --out drafts   # [checking] risk = 1.0
    python -m eval.risks fixture two-hop --results drafts

A run without a risk publishes every answer that holds, and its result keeps how sure it was of each; what a risk would
have held back follows from that, and nothing is asked again. Of a run that had a risk itself only the lesser ones say
something. What is told at any risk (a sum worked out) is reckoned like any other answer.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from eval import result
from eval.result import Result
from eval.shell import command, out
from rag.answering.answerability import Level, levels
from rag.errors import EvalFault

RISKS = (1.0, 0.4, 0.25, 0.15, 0.1, 0.05)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    sets: Annotated[list[str], typer.Argument(help="Names of sets that the loop has answered.")],
    results: Annotated[Path, typer.Option(help="The folder of results.")] = result.FOLDER,
) -> None:
    loops = [one for one in result.latest(results) if one.variant == "loop"]
    made = [one for name in sets for one in loops if one.set == name]
    if missing := [name for name in sets if name not in {one.set for one in made}]:
        raise EvalFault(
            f"{results} holds no answers of the loop to {', '.join(missing)}. Make them:"
            f" python -m eval.run {' '.join(missing)} --variant loop --out {results}"
        )
    out.print(table(made), markup=False)


def table(made: Sequence[Result]) -> str:
    """A column a result, a row a risk, as Markdown."""
    heads = [f"{one.set}{f', {one.settings}' if one.settings else ''} (of {one.n}): right, wrong" for one in made]
    columns = [[counted(one, level) for level in levels(RISKS)] for one in made]
    named = ["none" if risk == 1 else f"{risk:.0%}" for risk in RISKS]
    rows = [["risk", *heads], ["---"] * (len(made) + 1), *map(list, zip(named, *columns, strict=True))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def counted(one: Result, level: Level) -> str:
    """How many of its questions `one` answers rightly and wrongly where it must be as sure as `level`. Raises
    EvalFault where it does not say how sure it was."""
    told = [row for row in one.outcomes if row.answered]
    if any(row.probability is None for row in told):
        raise EvalFault(f"{one.file_name} does not say how sure its answers are. Make it anew with the small judge.")
    kept = [row for row in told if (row.probability or 0.0) >= level.threshold]
    return f"{sum(row.right is True for row in kept)}, {sum(row.wrong is True for row in kept)}"


if __name__ == "__main__":
    command(app)
