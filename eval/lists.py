"""Which items of a set are asked: fixed lists in eval/lists, so that two runs are asked the same and compare in pairs.

python -m eval.lists make               make the lists of all sets in SIZES that are here
python -m eval.lists make SET --n 60    make one
python -m eval.lists check              do the data still hold what the lists name?

Any first part of a list is balanced by itself: items take turns by whether they can be answered, or by label; within
that the set's own strata (source, category, article) come in proportion. What is first follows from a hash of seed and
id, so that sets with the same ids (RGB at every noise, XQuAD in every language) get the same items.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import typer
from rich.console import Console

from eval.data import FolderOption, folder
from eval.items import Choice, Pair, Question
from eval.sets import SETS, entry
from eval.shell import command
from rag.errors import EvalFault, Fault
from rag.types import sha256

LISTS = Path(__file__).with_name("lists")
SEED = 20261122

# What the tiers `check` and `standard` ask at most. Sets that are not named here are asked in full, in the same order.
SIZES = {
    "nomiracl-en": 80,
    "nomiracl-zh": 80,
    **{f"rgb-{code}-noise-{share}": 30 for code in ("zh", "en") for share in ("0", "0.2", "0.4", "0.6", "0.8")},
    **{f"rgb-{code}-{what}": 30 for code in ("zh", "en") for what in ("rejection", "counterfactual")},
    "rgb-zh-integration": 30,
    "xquad-en": 30,
    "xquad-zh": 30,
    "xquad-zh-en": 30,
    "cmrc": 30,
    "truthfulqa-binary": 50,
    "truthfulqa-mc1": 50,
    "truthfulqa-mc2": 50,
    "halluqa": 50,
    "simpleqa-zh": 50,
    "gsm8k": 50,
    "bipia": 50,
    "purplellama-en": 51,
    "purplellama-zh": 5,
    "attributionbench": 300,
    "fever-symmetric": 300,
    "fm2": 300,
    "uhgeval": 300,
    "uhgeval-clauses": 300,
    "halueval-qa-balanced": 300,
    "ocnli": 300,
    "ragchecker": 560,
    "chunking": 276,
    "extraction-en": 30,
    "extraction-zh": 30,
}


# Parts of a set that is split between development and test: the first so many in `order`, without a file. Of a part
# that is for test those come last that the list of the whole set names: they have been looked at.
PARTS = {
    f"{whole}-{part}": 60
    for whole in ("rgb-zh-noise-0.4", "rgb-en-noise-0.4", "xquad-en", "xquad-zh", "cmrc")
    for part in ("dev", "test")
}


class Item(Protocol):
    """What every set's items have."""

    @property
    def id(self) -> str: ...


I = TypeVar("I", bound=Item)  # noqa: E741


def order(items: Iterable[I], seed: int = SEED) -> list[I]:
    """The items in the order in which they are asked: deterministic, and any first part of it balanced."""
    groups: dict[str, list[I]] = {}
    for item in items:
        groups.setdefault(strata(item)[0], []).append(item)
    spread = [_spread(groups[key], seed) for key in sorted(groups)]
    longest = max(map(len, spread), default=0)
    return [group[turn] for turn in range(longest) for group in spread if turn < len(group)]


def select(name: str, items: Sequence[I], limit: int | None = None, *, full: bool = False) -> list[I]:
    """The items of set `name` that are asked: those of its list, or the first of a part; all of them with `full` or
    where it is neither.

    `limit` keeps the first so many. Where all are asked those of the list come first, the others follow in `order`.
    Raises EvalFault where the list names an item that is not there.
    """
    if name in PARTS:
        return _of_part(name, items)[: limit if full else min(limit or PARTS[name], PARTS[name])]
    ids, seed = read(name)
    by_id = {item.id: item for item in items}
    lost = [id_ for id_ in ids if id_ not in by_id]
    if lost:
        raise EvalFault(
            f"The list of {name} names {len(lost)} items that are not in the data ({lost[0]} …). "
            f"Get the set's files again (python -m eval.data check), or run `python -m eval.lists make {name}`."
        )
    listed = set(ids)
    chosen = [by_id[id_] for id_ in ids]
    if full or not ids:
        chosen += order([item for item in items if item.id not in listed], seed)
    return chosen[:limit]


def read(name: str) -> tuple[tuple[str, ...], int]:
    """(ids, seed) of a set's list; no ids where it has none. Raises EvalFault where the file cannot be used."""
    path = LISTS / f"{name}.json"
    if not path.exists():
        return (), SEED
    try:
        found = json.loads(path.read_text("utf-8"))
        return tuple(map(str, found["ids"])), int(found["seed"])
    except (ValueError, KeyError, TypeError) as error:
        raise EvalFault(f"{path} is not a list of ids: {error}. Run `python -m eval.lists make {name}`.") from error


def _of_part(name: str, items: Sequence[I]) -> list[I]:
    seen = set(read(name.removesuffix("-test"))[0]) if name.endswith("-test") else set()
    return order([item for item in items if item.id not in seen]) + order([item for item in items if item.id in seen])


def strata(item: Any) -> tuple[str, str]:
    """What an item's turn depends on: (answerable or label, the set's own stratum); "" where there is none."""
    match item:
        case Question():
            return str(item.answerable), str(item.traits.get("stratum", ""))
        case Pair():
            return item.label, str(item.traits.get("stratum", ""))
        case Choice():
            return "", str(item.traits.get("stratum", ""))
        case _:
            return "", str(item.stratum)


def _share(text: str) -> float:
    """A number in [0, 1) that follows from `text`."""
    return int(sha256(text)[:12], 16) / 16**12


def _spread(items: list[I], seed: int) -> list[I]:
    """The strata in proportion, spread evenly over the list (systematic sampling, each from a start of its own)."""
    groups: dict[str, list[I]] = {}
    for item in sorted(items, key=lambda item: sha256(f"{seed}:{item.id}")):
        groups.setdefault(strata(item)[1], []).append(item)
    placed = [
        ((at + _share(f"{seed}:{key}")) / len(group), key, at)
        for key, group in groups.items()
        for at in range(len(group))
    ]
    return [groups[key][at] for _, key, at in sorted(placed)]


def _make(name: str, n: int, place: Path | None) -> str:
    items = entry(name).load(place)
    ids = [item.id for item in order(items)][:n]
    if len(set(ids)) < len(ids):
        raise EvalFault(f"{name} has two items of one id. Mend its loader in eval/sets.")
    LISTS.mkdir(exist_ok=True)
    text = json.dumps({"seed": SEED, "ids": ids}, ensure_ascii=False, indent=0)
    (LISTS / f"{name}.json").write_text(text + "\n", "utf-8")
    return f"{name}: {len(ids)} of {len(items)}"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="A set; all of SIZES where none is named.")] = "",
    n: Annotated[int, typer.Option("--n", help="How many items; by default what SIZES says, else all.")] = 0,
    folder_option: FolderOption = None,
) -> None:
    """Make the list of a set, or of all."""
    place, console = folder(folder_option), Console(highlight=False)
    for one in [name] if name else SIZES:
        console.print(_make(one, n or SIZES.get(one) or 10**9, place), markup=False)


@app.command()
def check(folder_option: FolderOption = None) -> None:
    """Whether the data hold every item the lists name; ends with 1 where they do not."""
    place, console, faults = folder(folder_option), Console(highlight=False), 0
    for name in (name for name in SETS if (LISTS / f"{name}.json").exists()):
        try:
            console.print(f"{name}: {len(select(name, entry(name).load(place)))}", markup=False)
        except Fault as fault:
            faults += 1
            console.print(f"{name}: {fault}", style="red", markup=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)


if __name__ == "__main__":
    command(app)
