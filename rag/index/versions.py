"""What an index holds twice: the same text at another address, and earlier versions of a text beside later ones."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.index.index import Index
from rag.text.versions import is_older, replaces
from rag.types import PageInfo

MOST = 30  # pages of one title that are held against one another: more are a form, not versions


@dataclass(frozen=True, slots=True)
class Twins:
    """By the address of a page: another that came in before it and has the same text (`same`), or its newest version
    (`newer`)."""

    same: Mapping[str, PageInfo] = field(default_factory=dict)
    newer: Mapping[str, PageInfo] = field(default_factory=dict)


def twins(index: Index) -> Twins:
    """Of all pages of `index`. Only pages of one title and of different dates are opened."""
    first: dict[str, PageInfo] = {}
    same: dict[str, PageInfo] = {}
    titled: dict[str, list[PageInfo]] = defaultdict(list)
    for info in index.pages():
        if first.setdefault(info.sha256, info) is not info:
            same[info.uri] = first[info.sha256]
        elif info.title.strip() and info.date:
            titled[info.title.casefold()].append(info)
    newer: dict[str, PageInfo] = {}
    for infos in titled.values():
        if len({info.date for info in infos}) > 1 and len(infos) <= MOST:
            newer |= _newer(index, infos)
    return Twins(same, newer)


def _newer(index: Index, infos: list[PageInfo]) -> dict[str, PageInfo]:
    pages = {info.uri: index.open(info.uri) for info in infos}
    newest = sorted(infos, key=lambda info: info.date, reverse=True)
    found: dict[str, PageInfo] = {}
    for info in infos:
        later = (one for one in newest if is_older(info.date, one.date))
        if version := next((one for one in later if replaces(pages[one.uri], pages[info.uri])), None):
            found[info.uri] = version
    return found
