"""Fails where a figure has fallen below its floor by more than noise.

    python -m eval.gate                                          # every floor against the newest results
    python -m eval.gate --tier check --results FOLDER            # only the floors of one tier
    python -m eval.gate --set-floor "seeds/loop/answered rightly=0.72"
    python -m eval.gate --set-floor "…=0.60" --why "the set was made harder"

More than noise: the floor lies above the upper end of the figure's 95% interval; for figures that are the same in every
run (the floor has a `tolerance`), the figure lies below floor - tolerance. Where less is better, the other way round.
A missing result, or one over fewer items than the floor was set on, fails as well: silence is no pass.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import result
from eval.result import Result
from eval.shell import command, out
from rag.errors import EvalFault, UsageFault
from rag.history.statistics import Figure

BASELINE = Path(__file__).with_name("baseline.json")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Floor:
    """`n` is the least number of items a result must rest on. `tolerance` is for figures without chance, else None.
    `less_is_better` makes the floor a ceiling. `lowered` tells who asked less of it: from, to, why, at."""

    set: str
    variant: str
    figure: str
    floor: float
    n: int
    tier: str = ""
    tolerance: float | None = None
    less_is_better: bool = False
    lowered: tuple[dict[str, Any], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.set}/{self.variant}/{self.figure}"


@app.command()
def main(
    results: Annotated[Path, typer.Option(help="The folder of results.")] = result.FOLDER,
    baseline: Annotated[Path, typer.Option(help="The file of floors.")] = BASELINE,
    tier: Annotated[str, typer.Option(help="Only the floors of this tier.")] = "",
    set_floor: Annotated[list[str] | None, typer.Option(help='"set/variant/figure=value"; repeat for more.')] = None,
    set_tier: Annotated[str, typer.Option(help="The tier of the floors set.")] = "",
    tolerance: Annotated[float | None, typer.Option(help="For figures without chance.")] = None,
    less_is_better: Annotated[bool, typer.Option("--less-is-better", help="The floor set is a ceiling.")] = False,
    why: Annotated[str, typer.Option(help="Why less is asked of a figure than before.")] = "",
) -> None:
    made = result.latest(results)
    floors = read(baseline)
    if set_floor:
        for one in set_floor:
            wanted = _parsed(one, made, set_tier, tolerance, less_is_better)
            floors = with_floor(floors, wanted, why)
            out.print(f"{wanted.name}: {wanted.floor}", markup=False)
        write(floors, baseline)
        return
    looked_at = [floor for floor in floors if tier in ("", floor.tier)]
    if not looked_at:
        raise EvalFault(f"{baseline} holds no floor" + (f" of the tier '{tier}'." if tier else ".") + " Set one.")
    failed = 0
    for floor in looked_at:
        trouble = fails(floor, made)
        failed += bool(trouble)
        out.print(f"{'FAILS' if trouble else 'holds'}  {floor.name}: {trouble or measured(floor, made)}", markup=False)
    if failed:
        out.print(f"{failed} of {len(looked_at)} floors do not hold.", markup=False)
        raise typer.Exit(1)
    out.print(f"All {len(looked_at)} floors hold.", markup=False)


def fails(floor: Floor, made: Sequence[Result]) -> str:
    """Why `floor` does not hold, or ""."""
    figure = measured(floor, made)
    if figure is None:
        return f"there is no such figure; run `python -m eval.run {floor.set} --variant {floor.variant}`"
    if figure.value is None or figure.n < floor.n:
        return f"{figure} rests on fewer than {floor.n} items"
    sign = -1 if floor.less_is_better else 1
    what = "ceiling" if floor.less_is_better else "floor"
    if floor.tolerance is not None:
        if sign * (figure.value - floor.floor) < -floor.tolerance - 1e-12:
            return f"{figure} misses the {what} {floor.floor} by more than {floor.tolerance}"
        return ""
    if figure.low is None or figure.high is None:
        raise EvalFault(f"{floor.name} has no interval; give its floor a --tolerance.")
    best = figure.low if floor.less_is_better else figure.high
    return f"{figure} misses the {what} {floor.floor} by more than noise" if sign * (best - floor.floor) < 0 else ""


def measured(floor: Floor, made: Sequence[Result]) -> Figure | None:
    found = next((one for one in made if (one.set, one.name) == (floor.set, floor.variant)), None)
    return found.figures.get(floor.figure) if found else None


def with_floor(floors: Sequence[Floor], wanted: Floor, why: str) -> list[Floor]:
    """`floors` with `wanted` in them. Asking less of a figure than before needs a reason, which is kept: a lower floor,
    fewer items, a wider or a new tolerance. Raises UsageFault where none is given."""
    before = next((floor for floor in floors if floor.name == wanted.name), None)
    if before is None:
        return sorted([*floors, wanted], key=lambda floor: (floor.tier, floor.name))
    sign = -1 if before.less_is_better else 1
    asks_less = (
        sign * (wanted.floor - before.floor) < 0
        or wanted.n < before.n
        or wanted.less_is_better != before.less_is_better
        or (wanted.tolerance is not None and (before.tolerance is None or wanted.tolerance > before.tolerance))
    )
    history = before.lowered
    if asks_less:
        if not why.strip():
            raise UsageFault(f"This asks less of {wanted.name} than before ({before.floor}, n={before.n}). Say --why.")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        history = (*history, {"from": before.floor, "to": wanted.floor, "why": why.strip(), "at": at})
    kept = dataclasses.replace(wanted, tier=wanted.tier or before.tier, lowered=history)
    return [kept if floor.name == wanted.name else floor for floor in floors]


def read(file: Path) -> list[Floor]:
    """Raises EvalFault where the file cannot be used; no floors where it is not there."""
    if not file.exists():
        return []
    try:
        rows = json.loads(file.read_text("utf-8"))
        return [Floor(**{**row, "lowered": tuple(row.get("lowered", ()))}) for row in rows]
    except (ValueError, TypeError, AttributeError) as error:
        raise EvalFault(f"{file} is no list of floors: {error}. Mend it.") from error


def write(floors: Sequence[Floor], file: Path) -> None:
    rows = [json.dumps({k: v for k, v in dataclasses.asdict(floor).items() if v or v == 0.0}) for floor in floors]
    file.write_text("[\n " + ",\n ".join(rows) + "\n]\n", "utf-8")


def _parsed(text: str, made: Sequence[Result], tier: str, tolerance: float | None, less_is_better: bool) -> Floor:
    name, _, value = text.rpartition("=")
    parts = name.split("/", 2)
    try:
        number = float(value)
    except ValueError:
        parts = []
    if len(parts) != 3:
        raise UsageFault(f"'{text}' is no floor; write set/variant/figure=value, for example seeds/loop/answered=0.8.")
    floor = Floor(parts[0], parts[1], parts[2], number, 0, tier, tolerance, less_is_better)
    figure = measured(floor, made)
    if figure is None or figure.value is None:
        raise UsageFault(f"{name} has no result. Run `python -m eval.run {parts[0]} --variant {parts[1]}` first.")
    return dataclasses.replace(floor, n=figure.n)


if __name__ == "__main__":
    command(app)
