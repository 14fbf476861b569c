"""Addresses that nobody chose by hand -> pages: asked politely, several at once, and not sent again when unchanged."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources import rendering
from rag.sources.edge import one_source
from rag.sources.look import Look, look, reading, settle
from rag.sources.manners import Manners
from rag.sources.page_cache import PageCache
from rag.sources.turns import in_turns
from rag.types import Origin, Page

SOURCE = "live web"  # stands in an Origin where a recipe's source does
_WORKERS = 8
_MOST_SHOWN = 2  # pages of one visitor, one after another


@dataclass(frozen=True, slots=True)
class Visitor:
    """Reads web pages as robots.txt allows, with `delay` seconds between two of one host or as many as that asks for.

    `config` bounds size, time and redirects and keeps to public addresses; `blocked` hosts, and hosts below them, are
    left alone. What `cache` holds is used without asking for `reuse_minutes`, and then for as long as the server says
    that it has not changed. At most two pages are shown in a browser, in `showing` seconds together, so have one for
    each question.
    """

    config: FetchConfig
    manners: Manners
    cache: PageCache
    blocked: Sequence[str] = ()
    delay: float = 0.5
    reuse_minutes: float = 10.0
    showing: float = 60.0
    _shown: list[float] = field(default_factory=list, init=False)  # seconds that each took

    def visit(self, addresses: Sequence[str]) -> Iterator[tuple[str, Page | SourceFault]]:
        """The page of each address, or why there is none, in any order."""
        known = {address: self.cache.get(address) for address in dict.fromkeys(addresses)}
        recent = {address: kept[1] for address, kept in known.items() if kept and self._is_recent(kept[0])}
        for address, page in recent.items():
            try:
                self._check_host(address)
                self._check_host(page.uri)
            except SourceFault as fault:
                yield address, fault
            else:
                yield address, page
        todo = [address for address in known if address not in recent]
        origins = {address: kept[0] for address, kept in known.items() if kept}
        for address, seen in in_turns(todo, lambda address: self._look(address, origins.get(address)), _WORKERS, 1):
            try:
                with one_source(address):
                    page = self._page(seen, known[address])
            except SourceFault as fault:
                yield address, fault
            else:
                yield address, page

    def _look(self, address: str, known: Origin | None) -> Look:
        """In any thread; raises nothing that a source can cause."""
        try:
            with one_source(address):
                self._check_host(address)
                robots = self.manners.robots(address)
                if not robots.allows(address):
                    raise SourceFault(
                        f"{address} was left alone: its robots.txt does not allow it. Open it in a browser."
                    )
                self.manners.wait(address, max(self.delay, robots.delay), self.config.timeout_seconds)
        except SourceFault as fault:
            return Look(address, fault=fault)
        return look(address, known, self.config)

    def _page(self, seen: Look, known: tuple[Origin, Page] | None) -> Page:
        """Raises SourceFault."""
        if seen.fetched:
            self._check_host(seen.fetched.url)  # where the redirects ended
        shown = seen.fetched and rendering.needs_browser(seen.fetched, self.config)
        left = self._left_to_show(seen.fetched.url) if seen.fetched and shown else self.showing
        began = time.monotonic()
        found = settle(seen, SOURCE, known[0] if known else None, self.config, showing=left)
        if shown:
            self._shown.append(time.monotonic() - began)
        if found.status in ("gone", "failed") or found.origin is None:
            raise SourceFault(found.why)
        page = found.page or (known[1] if known else None)
        assert page is not None  # "changed" has a page, "same" was known
        self._check_host(page.uri)  # where a script led
        self.cache.put(found.origin, page)
        return page

    def _left_to_show(self, address: str) -> float:
        """Seconds that a browser may take for this page. Raises SourceFault where none may."""
        if len(self._shown) >= _MOST_SHOWN:
            raise SourceFault("source.shown_enough", uri=address, most=_MOST_SHOWN)
        if (left := self.showing - sum(self._shown)) <= 0:
            raise SourceFault("source.shown_long", uri=address)
        return left

    def _check_host(self, address: str) -> None:
        host = (urlsplit(address).hostname or "").lower()
        for name in self.blocked:
            if host == name.lower() or host.endswith(f".{name.lower()}"):
                raise SourceFault(f"{address} was left alone: {name} is among web.blocked. Take it out to read it.")

    def _is_recent(self, origin: Origin) -> bool:
        now, checked = datetime.now(UTC), datetime.fromisoformat(origin.checked_at)
        recent = now - timedelta(minutes=self.reuse_minutes) < checked <= now  # not by a clock that was set back since
        return origin.reading == reading() and recent
