"""`vouch test`: questions made of the index's own passages, asked of it, with the share of right answers."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from rag import wiring
from rag.cli.terminal import AsJson, IndexName, err, opened_index, out, print_object
from rag.config import load
from rag.errors import UsageFault
from rag.setup.self_test import Asked, figures, keep, run

ICONS = {"right": "[green]✓[/]", "wrong": "[red]✗[/]", "declined": "[yellow]–[/]"}
MOST = 200


def test(
    questions: Annotated[int, typer.Option("--questions", "-n", min=1, max=MOST, help="How many, at most.")] = 20,
    index: IndexName = "",
    seed: Annotated[int, typer.Option(help="Which passages are drawn.")] = 0,
    as_object: AsJson = False,
) -> None:
    """Test an index on itself: questions made of its passages, asked; how many are answered rightly, wrongly, declined.

    The bundled reader takes one to two minutes a question on two cores. The figures are kept beside those of other
    evaluations."""
    config = load()
    with opened_index(config, index) as opened:
        reader, tested = wiring.reader(config), list[Asked]()
        for one in run(config, opened, reader, questions, seed):
            tested.append(one)
            err.print(f"{ICONS[one.outcome]} {escape(one.probe.question)} [dim]{escape(one.probe.expected)}[/]")
        if not tested:
            raise UsageFault("test.none")
        keep(wiring.ledger(config), config, opened, reader, tested)
    told = figures(tested)
    if as_object:
        asked = [
            {"question": one.probe.question, "expected": one.probe.expected, "source": one.probe.quote.uri,
             "outcome": one.outcome, "found": one.found, "answer": one.answer.text, "id": one.answer.id}
            for one in tested
        ]  # fmt: skip
        print_object({"n": len(tested), "figures": {name: asdict(one) for name, one in told.items()}, "asked": asked})
        return
    for name, figure in told.items():
        out.print(f"{name:9} {escape(str(figure))}")
