"""From a name on the command line to items, the task that asks them, the variants: sets, tiers, files of one's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import data, lists
from eval.outcomes import Task
from eval.sets import SETS, own, squad
from eval.tasks import (
    choices,
    chunking,
    extraction,
    injection,
    pairs,
    preference,
    questions,
    rejection,
    retrieval,
    sums,
)
from rag.errors import EvalFault, UsageFault
from rag.types import Page

ALL = "floor,closed,rag,loop"
# A set, its variants, most items (0: as many as its list holds). The check tier asks no language model; standard asks
# sets for development, release those for test.
TIERS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "check": (
        ("retrieval-en", "floor,dense,loop", 200),
        ("retrieval-zh", "floor,dense,loop", 200),
        ("retrieval-zh-en", "floor,dense,loop", 200),
        ("retrieval-cmrc", "floor,dense,loop", 200),
        ("chunking", "floor,dense,loop", 0),
        ("extraction-en", "floor,loop", 0),
        ("extraction-zh", "loop", 15),
        ("attributionbench", "floor,encoder", 0),
        ("fever-symmetric", "floor,encoder", 0),
        ("uhgeval", "floor,encoder", 0),
    ),
    "standard": (
        ("fixture", ALL, 0),
        ("seeds", ALL, 0),
        ("open", ALL, 0),
        ("two-hop", ALL, 0),
        ("rageval-finance-en", ALL, 0),
        ("rageval-finance-zh", ALL, 0),
        ("multifieldqa-zh", ALL, 0),
        ("rgb-zh-noise-0.4-dev", ALL, 0),
        ("rgb-en-noise-0.4-dev", ALL, 0),
        ("xquad-en-dev", ALL, 0),
        ("xquad-zh-dev", ALL, 0),
        ("cmrc-dev", ALL, 0),
    ),
    "release": (
        ("two-hop-held-out", ALL, 0),
        ("nomiracl-en", "floor,rag,loop", 0),
        ("nomiracl-zh", "floor,rag,loop", 0),
        ("rgb-zh-noise-0.4-test", ALL, 0),
        ("rgb-en-noise-0.4-test", ALL, 0),
        ("xquad-en-test", ALL, 0),
        ("xquad-zh-test", ALL, 0),
        ("cmrc-test", ALL, 0),
        ("truthfulqa-binary", "floor,closed", 0),
        ("halluqa", "floor,closed", 0),
    ),
}
OF_THEIR_OWN: dict[str, Task] = {  # questions that are scored in another way
    **dict.fromkeys(("nomiracl-en", "nomiracl-zh"), rejection.TASK),
    **dict.fromkeys(
        ("bipia", "purplellama-en", "purplellama-zh", "fixture-injection", "orders", "orders-clean"), injection.TASK
    ),
    "gsm8k": sums.TASK,
}
OTHERS = 500  # passages of wiki2 that the English questions must be found among, beside the set's own paragraphs

Loading = Callable[[Path | None], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """`variants` () asks all a set has; `limit` 0 as many items as its list holds."""

    set: str
    variants: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Items in the order they are asked; `index` is the index that items without pages name, `pages` are its pages
    where the run is to make it; `role` says what the set is for, development or test."""

    set: str
    items: Sequence[Any]
    task: Task
    variants: tuple[str, ...]
    index: str
    role: data.Role = ""
    pages: Sequence[Page] = ()


def expand(name: str, wanted: Sequence[str], limit: int) -> list[Asked]:
    """What `name` stands for: a set, a tier, or a JSON-lines file. `wanted` are variants, () for all; a set of a tier
    that has none of them is left out. Raises UsageFault for what is not known."""
    if name not in TIERS:
        _known(name)
        return [Asked(name, tuple(wanted), limit)]
    found = []
    for set_name, variants, most in TIERS[name]:
        asked = tuple(one for one in variants.split(",") if not wanted or one in wanted)
        if asked:
            found.append(Asked(set_name, asked, min(limit or most, most or limit)))
    return found


def choose(asked: Asked, option: Path | None) -> Chosen:
    """The set's items in the order of its list. Raises UsageFault, and EvalFault where its data are missing."""
    name, wanted, limit = asked.set, asked.variants, asked.limit
    folder = data.folder(option)
    role = data.role(name, folder)
    task: Task
    if name.startswith("retrieval-"):
        load, pool = RETRIEVAL[name]
        of = {"retrieval-en": "xquad-en", "retrieval-zh": "xquad-zh", "retrieval-zh-en": "xquad-zh-en"}
        items = lists.select(of.get(name, "cmrc"), load(folder), limit or None, full=True)
        task = retrieval.Pool("en" if name.endswith("en") else "zh", pool(folder)).task()
        return Chosen(name, items, task, _variants(name, task, wanted), "", role)
    if name.endswith(".jsonl"):
        items = own.load(Path(name))[: limit or None]
        return Chosen(Path(name).stem, items, questions.TASK, _variants(name, questions.TASK, wanted), "")
    entry = SETS[name]
    items = lists.select(name, entry.load(folder), limit or None)
    if not items:
        raise EvalFault(f"{name} holds no item. Run `python -m eval.data check`.")
    match entry.kind:
        case "question":
            task = OF_THEIR_OWN.get(name, questions.TASK)
        case "pair":
            task = pairs.TASK
        case "choice":
            task = choices.TASK
        case "page":
            task = extraction.TASK
        case "span":
            pages = list({item.page.uri: item.page for item in items}.values())
            task = chunking.Corpora(pages).task()
        case _:
            task = preference.Preferences().task()
    index = str(getattr(items[0], "traits", {}).get("index", ""))
    shared = entry.pages(folder) if entry.pages else ()
    return Chosen(name, items, task, _variants(name, task, wanted), index, role, shared)


def _variants(name: str, task: Task, wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of the task that are wanted. Raises UsageFault where it has none of them."""
    found = tuple(variant for variant in task.variants if not wanted or variant in wanted)
    if not found:
        raise UsageFault(f"{name} has no variant {', '.join(wanted)}; it has {', '.join(task.variants)}.")
    return found


def _known(name: str) -> None:
    if name not in SETS and name not in RETRIEVAL and not name.endswith(".jsonl"):
        tiers = ", ".join(TIERS)
        raise UsageFault(
            f"There is no set called '{name}'. Tiers: {tiers}. Sets: {', '.join([*SETS, *RETRIEVAL])}. "
            "A file of your own ends in .jsonl."
        )


def _english(folder: Path | None) -> list[Page]:
    return squad.paragraphs(folder, "xquad", "xquad.en.json", "en") + squad.wiki2(folder)[:OTHERS]


def _chinese(folder: Path | None) -> list[Page]:
    return squad.paragraphs(folder, "xquad", "xquad.zh.json", "zh") + squad.paragraphs(
        folder, "cmrc2018", "cmrc2018_dev.json", "zh"
    )


RETRIEVAL: dict[str, tuple[Loading, Callable[[Path | None], list[Page]]]] = {
    "retrieval-en": (SETS["xquad-en"].load, _english),
    "retrieval-zh": (SETS["xquad-zh"].load, _chinese),
    "retrieval-zh-en": (SETS["xquad-zh-en"].load, _english),
    "retrieval-cmrc": (SETS["cmrc"].load, _chinese),
}
