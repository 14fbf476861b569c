"""What a run has seen and done so far: the state WebGPT's browser keeps. It holds no model and no index."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from rag.browsing.commands import command
from rag.browsing.quotes import following, locate, not_there, quote
from rag.browsing.view import ROOM, above, body, window
from rag.errors import NoSuchHit, NotAnAction, NothingOpen, OverBudget, Setback
from rag.text.tokens import tokens
from rag.types import Abstain, Action, Click, Finish, Hit, Open, Page, Quote, Span, Step

MOST_WINDOWS = 3  # that one Scroll goes


@dataclass(frozen=True, slots=True)
class View:
    """What was on the screen: results while `page` is None, else the page from `position` on."""

    hits: tuple[Hit, ...]
    page: Page | None
    position: int


@dataclass
class Browser:
    """One run's state. Every action ends in exactly one Step, kept in `steps`; every page seen is kept in `pages`.

    `clock` tells the seconds. `room` is how many tokens of a page are in view at once, `quote_tokens` how many may be
    quoted altogether (0: any).
    """

    question: str
    clock: Callable[[], float] = perf_counter
    room: int = ROOM
    quote_tokens: int = 0
    hits: tuple[Hit, ...] = ()
    page: Page | None = None
    position: int = 0
    queries: list[str] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    ended: Finish | Abstain | None = None
    _trail: list[View] = field(default_factory=list)
    _found: tuple[str, int] = ("", -1)
    _command: str = ""
    _clock: float = field(init=False)

    def __post_init__(self) -> None:
        self._clock = self.clock()

    @property
    def is_open(self) -> bool:
        return self.ended is None

    @property
    def last_event(self) -> Step:
        return self.steps[-1]

    @property
    def in_view(self) -> Span:
        """The span of the open page that is on the screen; (0, 0) where none is open."""
        return window(self.page, self.position, self.room) if self.page else (0, 0)

    def begin(self, action: Action) -> None:
        """Note what is to be done, for the step that it will end in."""
        self._command = command(action)

    def hit(self, rank: int) -> Hit:
        """The hit of this rank (from 1) in the last results. Raises NoSuchHit."""
        if not 1 <= rank <= len(self.hits):
            raise NoSuchHit("step.no_result", rank=rank, count=len(self.hits))
        return self.hits[rank - 1]

    def target(self, action: Open | Click) -> tuple[str, int]:
        """(address, position in it) that a result or a link leads to. Raises NoSuchHit."""
        if isinstance(action, Open) or self.page is None:
            found = self.hit(action.rank if isinstance(action, Open) else action.link).chunk
            return found.uri, found.start
        if not 1 <= action.link <= len(self.page.links):
            raise NoSuchHit("step.no_link", number=action.link, count=len(self.page.links))
        return self.page.links[action.link - 1].address, 0

    def show(self, query: str, hits: tuple[Hit, ...]) -> None:
        self._turn(View(hits, None, 0))
        self.queries.append(query)
        self._step("search", query, hits=hits)

    def read(self, page: Page, position: int = 0) -> None:
        """Open `page` with its window at `position`."""
        self._turn(View(self.hits, page, position))
        self.pages[page.sha256] = page
        self._step("open", page.title or page.uri)

    def find(self, text: str) -> None:
        """Move to the next place from the window's start on that reads `text`, past the one found last; from the top
        when there is none. Raises NothingOpen, NotVerbatim."""
        page = self._open_page()
        after = self._found[1] + 1 if self._found == (text, self.position) else self.position
        start, _ = following(text, page, after)
        self.position = start
        self._found = (text, start)
        self._step("find", text)

    def scroll(self, windows: int) -> None:
        """Move the window by so many windows, 1 to 3, up where negative. Raises NothingOpen, NotAnAction."""
        page = self._open_page()
        if not 1 <= abs(windows) <= MOST_WINDOWS:
            raise NotAnAction("step.scroll", most=MOST_WINDOWS, windows=windows)
        for _ in range(abs(windows)):
            if windows < 0:
                self.position = above(page, self.position, self.room)
            elif (after := window(page, self.position, self.room)[1]) < body(page)[-1][1]:
                self.position = after
        self._step("scroll", f"{windows:+d}")

    def top(self) -> None:
        self._open_page()
        self.position = 0
        self._step("top", "")

    def back(self) -> None:
        """To what was on the screen before the last page or the last results came up. Raises NothingOpen."""
        if not self._trail:
            raise NothingOpen("step.no_earlier")
        before = self._trail.pop()
        self.hits, self.page, self.position = before.hits, before.page, before.position
        self._step("back", self.page.title or self.page.uri if self.page else "results")

    def keep(self, text: str) -> Quote:
        """Quote `text` from the open page's article; the quote there is where it was kept before. Raises NothingOpen,
        NotVerbatim, OverBudget."""
        page = self._open_page()
        start, end = span = locate(text, page, near=self.position)
        if not any(first <= start and end <= last for first, last in body(page)):
            raise not_there(text, page, "step.beside_article")
        kept = quote(len(self.quotes) + 1, span, page)
        for old in self.quotes:
            if (old.page_sha256, old.start, old.end) == (kept.page_sha256, *span):
                self._step("keep", "already kept", setback=True)
                return old
        if self.quote_tokens and tokens(kept.text) > self.quotable:
            raise OverBudget("step.too_long", tokens=tokens(kept.text), left=self.quotable)
        self.quotes.append(kept)
        self._step("keep", kept.text, kept=kept)
        return kept

    @property
    def quotable(self) -> int:
        """How many tokens may still be quoted, where there is a budget for them."""
        return self.quote_tokens - sum(tokens(kept.text) for kept in self.quotes)

    def close(self, end: Finish | Abstain) -> None:
        self.ended = end
        self._step("abstain" if isinstance(end, Abstain) else "finish", getattr(end, "reason", ""))

    def compute(self, program: str) -> None:
        """Note a program that was run."""
        self._step("compute", program)

    def note(self, setback: Setback) -> None:
        self._step("setback", str(setback), setback=True)

    def _turn(self, view: View) -> None:
        self._trail.append(View(self.hits, self.page, self.position))
        self.hits, self.page, self.position = view.hits, view.page, view.position

    def _open_page(self) -> Page:
        if self.page is None:
            raise NothingOpen("step.not_open")
        return self.page

    def _step(
        self, action: str, detail: str, setback: bool = False, hits: tuple[Hit, ...] = (), kept: Quote | None = None
    ) -> None:
        now = self.clock()
        self.steps.append(Step(action, detail, now - self._clock, setback, hits, kept, self._command))
        self._clock, self._command = now, ""
