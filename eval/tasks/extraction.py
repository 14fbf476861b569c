"""How much of a saved page's article is found, and how little else; without ground truth, whether it is read at all.

floor    every word of the page that is not script or style
loop     the part of the page that Vouch makes chunks of
"""

import re
from collections.abc import Sequence

from lxml import html  # type: ignore[import-untyped]

from eval.lab import Lab
from eval.metrics.extraction import Match, extraction, match
from eval.metrics.stats import share
from eval.outcomes import Outcome, Output, Scored, Task
from eval.sets.extraction import SavedPage
from rag.errors import SourceFault
from rag.history.statistics import Figure
from rag.sources.extract import extract

LEAST = 100  # characters a page of an article has
_BROKEN = re.compile("[\ufffd\ue000-\uf8ff]|锟斤拷|Ã.|â€")


def run(item: SavedPage, variant: str, lab: Lab) -> Output:
    began = lab.start()
    text, language, fault = _floor(item) if variant == "floor" else _extracted(item)
    found = match(item.body, text) if item.body is not None else None
    more = {
        "precision": found.precision if found else None,
        "recall": found.recall if found else None,
        "sound": len(text) >= LEAST and language in (item.language, "") and not _BROKEN.search(text),
        "fault": fault,
    }
    return Output(item.id, lab.since(began)[0], answered=bool(text), more=more)


def _floor(item: SavedPage) -> tuple[str, str, str]:
    tree = html.fromstring(item.html)
    parts = tree.xpath("//body//text()[not(ancestor::script) and not(ancestor::style)]")
    return " ".join(map(str, parts)), "", ""


def _extracted(item: SavedPage) -> tuple[str, str, str]:
    try:
        page = extract(item.html, f"{item.id}.html")
    except SourceFault as fault:
        return "", "", str(fault)
    return "\n".join(page.text[start:end] for start, end in page.body or ((0, len(page.text)),)), page.language, ""


def score(items: Sequence[SavedPage], outputs: Sequence[Output]) -> Scored:
    pages = [Match(output.more["precision"], output.more["recall"]) for output in outputs]
    figures: dict[str, Figure] = {}
    if any(item.body is not None for item in items):
        found = extraction(pages)
        figures = {"F1": found.f1, "precision": found.precision, "recall": found.recall}
    figures["read soundly"] = share(output.more["sound"] for output in outputs)
    outcomes = [
        Outcome(item.id, item.language, output.more["sound"], score=_f1(page))
        for item, output, page in zip(items, outputs, pages, strict=True)
    ]
    return Scored(figures, outcomes)


def _f1(page: Match) -> float | None:
    if page.precision is None or page.recall is None:
        return None
    total = page.precision + page.recall
    return round(2 * page.precision * page.recall / total, 4) if total else 0.0


TASK = Task(("floor", "loop"), run, score)
