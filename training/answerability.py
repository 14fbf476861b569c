"""Fit how sure a run is of its answer, on graded answers to development questions.

    python -m eval.run SETS --variant loop --config bold.toml --out graded --answers graded/answers.jsonl
    python -m training.answerability graded

bold.toml has [checking] risk = 1.0, so that every draft is published. The tables that are told are those of
docs/evaluation.md: what the threshold of `--risk` publishes of each set, and what others would, by a fit that had not
seen the question.

Only sets whose role is development are read. The fit is a logistic regression with an L2 penalty; the curve of risk and
coverage is of probabilities that a question got from the nine tenths it was not in. Deterministic.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from eval import result
from eval.chosen import choose, expand
from eval.metrics.calibration import auroc, ece
from rag.answering.answerability import FITTED, Signals, fitted
from rag.config import REPOSITORY, CheckingConfig

FOLDS, PENALTY, STEPS = 10, 4.0, 60
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.75)
BY_HAND = REPOSITORY / "eval" / "questions" / "by_hand.jsonl"
NAMES = ("fits", "supported", "agrees", "certain", "pointed", "stated", "zh")
Column = NDArray[np.float64]

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A graded answer: its set, the values of its signals, whether it was right, and whether its question has an
    answer."""

    set: str
    values: dict[str, float]
    right: bool
    answerable: bool


@app.command()
def main(
    folder: Annotated[Path, typer.Argument(help="Results, and answers.jsonl beside them.")],
    out: Annotated[Path, typer.Option(help="Where the fit is written.")] = FITTED,
    risk: Annotated[float, typer.Option(help="What a run may risk in the table by sets.")] = CheckingConfig().risk,
) -> None:
    """Write the fit and tell how well it ranks and how well it is calibrated."""
    rows, asked = graded(folder)
    table = np.array([[row.values.get(name, np.nan) for name in NAMES] for row in rows])
    means = np.nanmean(table, axis=0)
    table = np.where(np.isnan(table), means, table)
    deviations = np.maximum(table.std(axis=0), 1e-6)
    inputs, right = (table - means) / deviations, np.array([row.right for row in rows], float)
    outside = np.zeros(len(rows))
    fold = np.arange(len(rows)) % FOLDS
    for one in range(FOLDS):
        weights, bias = regression(inputs[fold != one], right[fold != one])
        outside[fold == one] = 1 / (1 + np.exp(-(inputs[fold == one] @ weights + bias)))
    weights, bias = regression(inputs, right)
    said, truth = outside.tolist(), [bool(value) for value in right]
    typer.echo(f"{len(rows)} answers to {asked} questions, {int(right.sum())} right")
    typer.echo(f"AUROC {auroc(said, truth).value:.3f}, ECE {ece(said, truth).value:.3f} (out of fold)")
    made = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "sets": {name: sum(row.set == name for row in rows) for name in sorted({row.set for row in rows})},
        "questions": asked,
        "auroc": round(float(auroc(said, truth).value or 0.0), 4),
        "bias": float(bias),
        "weights": dict(zip(NAMES, weights.tolist(), strict=True)),
        "means": dict(zip(NAMES, means.tolist(), strict=True)),
        "deviations": dict(zip(NAMES, deviations.tolist(), strict=True)),
        "curve": curve(outside, right, asked),
    }
    out.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    for line in published(rows, outside, fitted(out).level(risk).threshold):
        typer.echo(line)


def published(rows: Sequence[Row], said: Column, threshold: float) -> Iterator[str]:
    """Lines: for each set what `threshold` publishes; then, for others too, the shares of what can be answered that are
    answered rightly and wrongly, of what cannot that are answered, and the wrong ones where one in five cannot."""
    for name in [*sorted({row.set for row in rows}), ""]:
        mine = [(row, p >= threshold) for row, p in zip(rows, said, strict=True) if not name or row.set == name]
        none = [told for row, told in mine if not row.answerable]
        right, wrong = (sum(told and row.right is good for row, told in mine) for good in (True, False))
        yield (
            f"{name or 'all'}: {len(mine)} ({len(none)} unanswerable),"
            f" {sum(row.right for row, _ in mine)} drafts right;"
            f" right {right}, wrong {wrong}, declined {none.count(False)}"
        )
    for least in sorted({*THRESHOLDS, threshold}, reverse=True):
        told = [(row, bool(p >= least)) for row, p in zip(rows, said, strict=True)]
        can, cannot = ([one for one in told if one[0].answerable is able] for able in (True, False))
        right, wrong = (sum(t and row.right is good for row, t in can) / max(1, len(can)) for good in (True, False))
        near = sum(t for _, t in cannot) / max(1, len(cannot))
        yield f"from {least:.2f}: right {right:.0%}, wrong {wrong:.0%}, {near:.0%}; {0.8 * wrong + 0.2 * near:.0%}"


def graded(folder: Path, by_hand: Path = BY_HAND) -> tuple[list[Row], int]:
    """(the answers that were graded, how many questions were asked for them). What a person said of an answer goes
    before what the metric says: containment takes "守门员" for no football player."""
    told = _by_hand(by_hand)
    known = {one.set: one for one in result.latest(folder) if one.variant == "loop" and one.role == "development"}
    verdicts = {(name, outcome.id): outcome for name, one in known.items() for outcome in one.outcomes}
    lines = (folder / "answers.jsonl").read_text("utf-8").splitlines()
    latest = {(row["set"], row["id"]): row for row in map(json.loads, lines)}
    answerable = {(name, item.id) for name in known for item in _items(name) if item.answerable}
    rows, asked = [], 0
    for place, row in latest.items():
        verdict = verdicts.get(place)
        if verdict is None or (row["answered"] and verdict.right is None):
            continue
        asked += 1
        if row["answered"]:
            values = signals(row["more"]["answer"]).values()
            right = told.get((*place, said_by(row["text"])), bool(verdict.right))
            rows.append(Row(place[0], values, right, place in answerable))
    return rows, asked


def _by_hand(file: Path) -> dict[tuple[str, str, str], bool]:
    """By set, id and digest of the answer whether a person calls it right."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return {(row["set"], row["id"], row["answer"]): row["right"] for row in map(json.loads, lines)}


def said_by(text: str) -> str:
    """What an answer is known by: the first 16 hex digits of its SHA-256. Of the sets no text is kept here."""
    return sha256(text.encode()).hexdigest()[:16]


def _items(name: str) -> Sequence[Any]:
    [asked] = expand(name, (), 0)
    return choose(asked, None).items


def signals(answer: dict[str, Any]) -> Signals:
    """What the run knew, from its answer's JSON."""
    metrics = answer["metrics"]
    names = ("fits", "supported", "agrees", "certain", "pointed", "stated")
    return Signals(answer["language"], *(metrics.get(name) for name in names))


def regression(inputs: Column, right: Column) -> tuple[Column, float]:
    """(weights, bias) of a logistic regression, by Newton's method; PENALTY on the weights, none on the bias."""
    whole = np.hstack([inputs, np.ones((len(inputs), 1))])
    penalty = np.diag([PENALTY] * inputs.shape[1] + [1e-6])
    found = np.zeros(whole.shape[1])
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-(whole @ found)))
        gradient = whole.T @ (said - right) + penalty @ found
        found = found - np.linalg.solve(whole.T @ (whole * (said * (1 - said))[:, None]) + penalty, gradient)
    return found[:-1], float(found[-1])


def curve(said: Column, right: Column, asked: int) -> list[tuple[float, float, float, float]]:
    """(threshold, share of questions answered, share answered wrongly, share wrong of the answers), surest first."""
    order = np.argsort(-said)
    answered = np.arange(1, len(order) + 1)
    wrong = np.cumsum(1 - right[order])
    points: Sequence[tuple[float, float, float, float]] = [
        (float(said[at]), float(n / asked), float(w / asked), float(w / n))
        for at, n, w in zip(order, answered, wrong, strict=True)
    ]
    # The risk of a threshold is that of the worst one above it too, so that a lower risk never answers more.
    worst, kept = 0.0, []
    for threshold, share, risk, of_answers in points:
        worst = max(worst, risk)
        kept.append((round(threshold, 4), round(share, 4), round(worst, 4), round(of_answers, 4)))
    return kept


if __name__ == "__main__":
    app()
