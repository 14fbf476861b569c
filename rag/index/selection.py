"""An index of which only some pages are asked: a search engine over those that a selection names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from rag.errors import UsageFault
from rag.text.tags import tags as tidy
from rag.text.tags import without
from rag.types import Hit, Page, PageInfo, Selection

if TYPE_CHECKING:
    from rag.index.index import Index


@dataclass(frozen=True, slots=True)
class SelectedIndex:
    """Implements `rag.protocols.SearchEngine`. What is added meanwhile and passes is found too."""

    index: "Index"
    selection: Selection

    def search(self, query: str, k: int) -> list[Hit]:
        """As the index's, of the selected pages. Raises UsageFault where there are none."""
        return self.index.search(query, k, self.selection)

    def open(self, uri: str) -> Page:
        return self.index.open(uri)


def selection(
    sources: Sequence[str] = (),
    media_types: Sequence[str] = (),
    since: str = "",
    until: str = "",
    tags: Sequence[str] = (),
) -> Selection | None:
    """What these select; None where all are empty. Raises UsageFault for what is no date."""
    for date in (since, until):
        if date and not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", date):
            raise UsageFault("selection.date", date=date)
    if not (sources or media_types or since or until or tags):
        return None
    return Selection(tuple(sources), tuple(media_types), since, until, tidy(tags))


def selected(pages: Sequence[PageInfo], selection: Selection) -> list[str]:
    """The URIs of the pages that pass. Raises UsageFault where none does."""
    found = [page.uri for page in pages if passes(page, selection)]
    if not found:
        raise UsageFault("selection.empty", pages=len(pages))
    return found


def passes(page: PageInfo, selection: Selection) -> bool:
    """Whether `selection` takes `page` in."""
    if selection.uris and page.uri not in selection.uris:
        return False
    if selection.sources and not any(_is_of(page, source) for source in selection.sources):
        return False
    if selection.media_types and not any(page.media_type.startswith(kind) for kind in selection.media_types):
        return False
    if selection.tags and len(without(page.tags, selection.tags)) == len(page.tags):
        return False
    if not selection.since and not selection.until:
        return True
    day, since, until = page.date[:10], selection.since, selection.until
    return bool(day) and day >= since[: len(day)] and (not until or day[: len(until)] <= until)


def _is_of(page: PageInfo, source: str) -> bool:
    told = page.uri.casefold(), page.title.casefold()
    wanted = source.casefold()
    if told[0].startswith(wanted) or wanted in told:
        return True
    return any(fnmatchcase(each, wanted) for each in told)
