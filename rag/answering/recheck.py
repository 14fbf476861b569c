"""Old answers against the index as it is now: what was published as supported, does it still stand?

A quote that still stands in its page, wherever it has moved, still supports its sentence and costs no model call.
A sentence whose quotes are gone is checked anew, as a pasted text would be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rag.answering.factcheck import CheckParts, factcheck
from rag.browsing.quotes import locate
from rag.errors import NotVerbatim, Unreachable
from rag.facts import CheckEnded
from rag.types import Quote

Standing = Literal["stands", "supported", "refuted", "not found", "unjudged"]


@dataclass(frozen=True, slots=True)
class Rechecked:
    """One published sentence. `standing`: "stands" where its quotes are in the index still, else what a check finds;
    `quotes` are that check's."""

    answer: str
    at: str
    question: str
    sentence: str
    standing: Standing
    quotes: tuple[Quote, ...] = ()

    @property
    def holds(self) -> bool:
        return self.standing in ("stands", "supported")


def recheck(answers: Sequence[Mapping[str, Any]], parts: CheckParts) -> Iterator[Rechecked]:
    """Every sentence that `answers` (of `Ledger.answers`) published as supported, from this index, as it stands now.

    Nothing is added to the ledger. Raises Fault as a check does.
    """
    quiet = replace(parts, ledger=None)
    for answer in answers:
        if answer["status"] != "answered" or answer["index"].get("name") != parts.index.get("name"):
            continue
        quotes = {quote["id"]: quote for quote in answer["quotes"]}
        for sentence in answer["sentences"]:
            if sentence["verdict"] != "supported":
                continue
            cited = [quotes[number] for number in sentence["citations"]]
            standing: Standing = "stands"
            found: tuple[Quote, ...] = ()
            if not cited or not all(_stands(quote, parts) for quote in cited):
                standing, found = _anew(sentence["text"], quiet)
            yield Rechecked(answer["id"], answer["at"], answer["question"], sentence["text"], standing, found)


def _stands(quote: Mapping[str, Any], parts: CheckParts) -> bool:
    try:
        locate(quote["text"], parts.engine.open(quote["source"]))
    except (Unreachable, NotVerbatim):
        return False
    return True


def _anew(sentence: str, parts: CheckParts) -> tuple[Standing, tuple[Quote, ...]]:
    """The worst finding of its claims. A sentence of which nothing is checkable was a quote's own words, now gone."""
    *_, last = factcheck(sentence, parts)
    assert isinstance(last, CheckEnded)  # a check always ends with one
    found = {checked.finding for checked in last.check.claims}
    order: tuple[Standing, ...] = ("refuted", "not found", "unjudged", "supported")
    return next((finding for finding in order if finding in found), "not found"), last.check.quotes
