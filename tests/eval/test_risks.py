from dataclasses import replace

import pytest
from typer.testing import CliRunner

from eval import result, risks
from eval.outcomes import Outcome
from rag.answering.answerability import levels
from rag.errors import EvalFault
from tests.eval.test_report import made

SURE = [level.threshold for level in levels(risks.RISKS)]  # of a hashed embedder's run, from no risk down


def told(folder, *sets: str) -> list[list[str]]:
    """The cells of the table, a row each."""
    found = CliRunner().invoke(risks.app, [*sets, "--results", str(folder)], catch_exceptions=False)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found.stdout.splitlines()]


def kept(outcomes: list[Outcome], sure: float) -> str:
    """How many answers are right and wrong of those that are as sure as that."""
    told = [row for row in outcomes if row.answered and row.probability >= sure]
    return f"{sum(row.right is True for row in told)}, {sum(row.wrong is True for row in told)}"


def test_each_risk_holds_back_what_is_less_sure_than_it_asks_for(tmp_path):
    outcomes = [
        Outcome("right", "en", True, True, False, SURE[5]),  # just as sure as 5% asks for
        Outcome("too unsure", "en", True, True, False, SURE[5] - 0.001),
        Outcome("wrong", "en", False, True, True, SURE[1] - 0.001),
        Outcome("declined", "en", True, False, False, 0.99),  # rightly, and no answer at any risk
        Outcome("nobody knows", "en", None, True, None, 0.99),
    ]
    result.write(replace(made("lake", "loop", "....."), outcomes=outcomes), tmp_path)
    result.write(made("bridge", "loop", "-"), tmp_path)
    result.write(made("lake", "rag", "-----"), tmp_path)
    rows = told(tmp_path, "lake", "bridge")
    assert rows[0] == ["risk", "lake (of 5): right, wrong", "bridge (of 1): right, wrong"]
    assert [row[0] for row in rows[2:]] == ["none", "40%", "25%", "15%", "10%", "5%"]
    assert [row[1] for row in rows[2:]] == [kept(outcomes, sure) for sure in SURE]
    assert [row[2] for row in rows[2:]] == ["0, 1" if sure <= 0.5 else "0, 0" for sure in SURE]
    assert len(set(row[1] for row in rows[2:])) > 1


def test_what_cannot_be_reckoned_says_what_to_do(tmp_path):
    with pytest.raises(EvalFault, match=r"no answers of the loop to lake.*eval\.run lake --variant loop"):
        told(tmp_path, "lake")
    unsure = [replace(row, probability=None) for row in made("lake", "loop", "+").outcomes]
    result.write(replace(made("lake", "loop", "+"), outcomes=unsure), tmp_path)
    with pytest.raises(EvalFault, match="small judge"):
        told(tmp_path, "lake")
