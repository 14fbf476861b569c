"""What a run has seen and done so far: the state WebGPT's browser keeps. It holds no model and no index."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from rag.errors import NoSuchHit, NothingOpen, Setback
from rag.reading.quotes import locate, quote
from rag.types import Abstain, Finish, Hit, Page, Quote, Step

WINDOW = 2000  # characters of a page that are in view at once


@dataclass
class Browser:
    """One run's state. Every action ends in exactly one Step, kept in `steps`."""

    question: str
    clock: Callable[[], float] = perf_counter
    hits: tuple[Hit, ...] = ()
    page: Page | None = None
    position: int = 0
    queries: list[str] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    ended: Finish | Abstain | None = None
    _trail: list[tuple[Page | None, int]] = field(default_factory=list)
    _clock: float = field(init=False)

    def __post_init__(self) -> None:
        self._clock = self.clock()

    @property
    def is_open(self) -> bool:
        return self.ended is None

    @property
    def last_event(self) -> Step:
        return self.steps[-1]

    def hit(self, rank: int) -> Hit:
        """The hit of this rank (from 1) in the last results. Raises NoSuchHit."""
        if not 1 <= rank <= len(self.hits):
            raise NoSuchHit(f"There is no result {rank}; the last search gave {len(self.hits)}.")
        return self.hits[rank - 1]

    def show(self, query: str, hits: tuple[Hit, ...]) -> None:
        self.queries.append(query)
        self.hits = hits
        self._step("search", query, hits=hits)

    def read(self, page: Page, position: int = 0) -> None:
        """Open `page` with its window at `position`."""
        self._trail.append((self.page, self.position))
        self.page, self.position = page, position
        self.pages[page.sha256] = page
        self._step("open", page.title or page.uri)

    def find(self, text: str) -> None:
        """Move to the next place after the window's start that reads `text`; from the top when there is none."""
        page = self._open_page()
        start, _ = locate(text, page, near=self.position)
        self.position = start
        self._step("find", text)

    def scroll(self, windows: int) -> None:
        page = self._open_page()
        self.position = max(0, min(self.position + windows * WINDOW, max(0, len(page.text) - WINDOW)))
        self._step("scroll", f"{windows:+d}")

    def back(self) -> None:
        if not self._trail:
            raise NothingOpen("There is no earlier page to go back to.")
        self.page, self.position = self._trail.pop()
        self._step("back", self.page.title or self.page.uri if self.page else "results")

    def keep(self, text: str) -> None:
        """Quote `text` from the open page. Raises NothingOpen, NotVerbatim."""
        page = self._open_page()
        span = locate(text, page, near=self.position)
        kept = quote(len(self.quotes) + 1, span, page)
        if any((old.page_sha256, old.start, old.end) == (kept.page_sha256, *span) for old in self.quotes):
            self._step("keep", "already kept", setback=True)
            return
        self.quotes.append(kept)
        self._step("keep", kept.text, kept=kept)

    def close(self, end: Finish | Abstain) -> None:
        self.ended = end
        self._step("abstain" if isinstance(end, Abstain) else "finish", getattr(end, "reason", ""))

    def note(self, setback: Setback) -> None:
        self._step("setback", str(setback), setback=True)

    def _open_page(self) -> Page:
        if self.page is None:
            raise NothingOpen("No page is open; open a result first.")
        return self.page

    def _step(
        self, action: str, detail: str, setback: bool = False, hits: tuple[Hit, ...] = (), kept: Quote | None = None
    ) -> None:
        now = self.clock()
        self.steps.append(Step(action, detail, now - self._clock, setback, hits, kept))
        self._clock = now
