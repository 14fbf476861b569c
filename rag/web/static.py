"""The shipped fake of a search engine: pages held in memory, ranked by the words they share with a query."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import Unreachable
from rag.text.scripts import CJK
from rag.types import Chunk, Hit, Page

_WORD = re.compile(rf"[^\W_{CJK}]+|[{CJK}]")


@dataclass(frozen=True, slots=True)
class StaticEngine:
    """Each page is one hit, its whole text the chunk. `down` makes every call fail, as an engine that is down does."""

    pages: Sequence[Page]
    down: bool = False

    def search(self, query: str, k: int) -> Sequence[Hit]:
        if self.down:
            raise Unreachable("web.down")
        wanted = set(_WORD.findall(query.casefold()))
        scored = [(len(wanted & set(_WORD.findall(page.text.casefold()))), page) for page in self.pages]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])[:k]
        return [Hit(_whole(page), page.title, float(score), None, rank) for rank, (score, page) in enumerate(best, 1)]

    def open(self, uri: str) -> Page:
        for page in self.pages:
            if page.uri == uri and not self.down:
                return page
        raise Unreachable("web.no_page", uri=uri)


def _whole(page: Page) -> Chunk:
    return Chunk(page.uri, page.sha256, 0, len(page.text), page.text)
