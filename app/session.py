"""Everything the page remembers for one visitor, and every key of `st.session_state`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from app.recognised import Told as Ended
from app.runs import Run
from app.settings import Settings
from app.words import Language, from_locale
from rag.answering.conversation import Standalone
from rag.answering.table import Cell, Row
from rag.facts import Check, CheckEvent
from rag.history.conversations import new_id
from rag.history.feedback import Choice
from rag.setup.offers import Offer
from rag.setup.self_test import Asked
from rag.types import Answer, Event, Page, Quote, Step

# Keys of widgets. Everything else is in one Session under SESSION.
SESSION = "vouch"
INDEX = "index"
LANGUAGE = "language"
QUESTION = "question"
CITED = "cited"
UNCOVER = "uncover"
FILTER = "filter"
LEAF = "leaf"
ADDRESSES = "addresses"
UPLOADS = "uploads"
NEW_INDEX = "new-index"
PASTED = "pasted"
CHECKED_FILE = "checked-file"
CHECKED_ADDRESS = "checked-address"
DAYS = "days"
DOUBTFUL = "doubtful"
PASSWORD = "password"
FOLDER = "folder"
LISTED = "listed"
LISTED_KIND = "listed-kind"
LISTED_MOST = "listed-most"
WAY = "way"
FOLLOW = "follow"
VIEW = "view"
STANDING = "standing"
TAGS = "tags"
NEW_TAGS = "new-tags"
PICK_ALL = "pick-all"
ORDER = "order"
SEARCH = "search"
SEARCH_CITED = "search-cited"
PREVIEW_LEAF = "preview-leaf"
BUILD = "build"
QUALITY_VIEW = "quality-view"
MEASURE = "measure"
BY = "by"
CHART = "chart"
DAY = "day"
GROUP = "group"
PAST_LEAF = "past-leaf"
PRINTED_PAGE = "printed-page"
WANTED = "conversations-searched"
TITLE = "conversation-title"
ALL_LISTED = "conversations-all"
BUDGET = "budget"
READER = "reader"
WEB = "web"
RISK = "risk"
ONLY = "only"
ONLY_TAGGED = "tagged"
COMPARE = "compare-question"
SIDE = "compare-side"
ROWS = "table-rows"
COLUMNS = "table-columns"
MARK = "compare-mark"
COMPARE_COUNT = "compare-count"
RANK = "compare-rank"
TRAIL = "trail"  # these four with the turn's number after them
TRAIL_AT = "trail-at"
VERSION = "version"
UNDERSTOOD = "understood"
RATED = "rated"
CORRECTED = "corrected"
REMARKED = "remarked"
ADDRESS = "reader-address"
FIND = "find-here"

CHECK = 10**9  # stands where a turn's number does, for the text being checked or checked last
SEARCHED = 2 * 10**9  # likewise for the hits of the search that is tried out
COMPARED = 4 * 10**9  # likewise, and the numbers after it, for the answers that are compared, from the left
TABLED = 5 * 10**9  # likewise, and the numbers after it, for the cells of a table, row by row
NOTED = 6 * 10**9  # likewise, and the numbers after it, for the entries of a note
SHARED = 7 * 10**9  # likewise, for the answer that a link leads to
PAST = 3 * 10**9  # likewise, and the numbers after it, for answers of the ledger that are looked at


STOPPED = "stopped"  # in place of a fault, and the reason of an answer that was ended before it was one

Told = Event | Standalone


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with what came of it: an answer, or the sentence that says why there is none ("" is no sentence).
    `earlier` are the versions before this one, oldest first, which have none themselves; all share `id`, by which the
    turn is kept."""

    question: str
    answer: Answer | None
    fault: str | None = None
    asked_as: str = ""
    earlier: tuple["Turn", ...] = ()
    id: str = field(default_factory=new_id)

    @property
    def versions(self) -> tuple["Turn", ...]:
        return (*self.earlier, self)


@dataclass(frozen=True, slots=True)
class Place:
    """What is to be read: quote number `quote` of turn `turn` (the one being answered comes after the last), or with
    `uri` a whole page of the index."""

    turn: int = 0
    quote: int = 0
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """`loading` says whether the reader is still being loaded; `earlier` are the versions that this one comes after;
    `turn` and `version` are the ids that it is kept by."""

    question: str
    run: Run[Told]
    loading: Callable[[], bool]
    asked_as: str = ""
    earlier: tuple[Turn, ...] = ()
    turn: str = field(default_factory=new_id)
    version: str = field(default_factory=new_id)

    @property
    def events(self) -> list[Event]:
        return [told for told in self.run.told if not isinstance(told, Standalone)]

    @property
    def put(self) -> str:
        """How a follow-up was put so that it stands alone; "" where it was asked as it is."""
        said = next((told for told in self.run.told if isinstance(told, Standalone)), None)
        return said.question if said and said.rewritten else self.asked_as


@dataclass(frozen=True, slots=True)
class Adding:
    """`targets` are what is to be read, as far as that is known before; `begun` the sources whose reading has begun."""

    index: str
    run: Run[Ended]
    targets: Sequence[str] = ()
    begun: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checking:
    text: str
    run: Run[CheckEvent]
    work: str = ""  # the id by which it is kept


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What came of the last check, or the sentence that says why there is none ("" is no sentence)."""

    text: str
    check: Check | None
    fault: str | None = None
    id: str = ""  # by which it is kept


@dataclass(frozen=True, slots=True)
class Comparing:
    """`sides` in the order that was drawn: left, right."""

    question: str
    sides: tuple[Settings, ...]
    run: Run[Answer]


@dataclass(frozen=True, slots=True)
class Tabling:
    """A table of sources of `index` that is being filled, or was; the run tells its cells row by row."""

    index: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    run: Run[Cell]
    id: str = ""  # by which it is kept

    def number(self, cell: Cell) -> int:
        """What stands for a cell where a turn's number does."""
        return TABLED + len(self.columns) * cell.row + cell.column


@dataclass(frozen=True, slots=True)
class Testing:
    """An index that is tested on itself, or was; the run tells each question with what came of it."""

    index: str
    run: Run[Asked]


@dataclass(frozen=True, slots=True)
class Trying:
    """A reader that is tried out; the run tells (what is done, how far it is, of how much)."""

    offer: Offer
    run: Run[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Fewer answers than sides where the run ended before; `choice` is None until somebody has chosen between two, and
    `ranks` empty until they have ranked more."""

    question: str
    sides: tuple[Settings, ...]
    answers: tuple[Answer, ...]
    fault: str | None = None
    choice: Choice | None = None
    ranks: tuple[int, ...] = ()

    @property
    def over(self) -> bool:
        """Whether somebody has said which is better."""
        return self.choice is not None or bool(self.ranks)


@dataclass
class Session:
    """One visitor's. `ready`: the fingerprint of the configuration whose models and indexes were seen to be
    there; `admitted`: the password was right, `remember`
    is the token that the browser keeps, `leaving` says that it is to forget, `returned` that the place
    wanted before a login was come back to. `returning` is the build that may be gone
    back to; `shown` has quotes that belong to no turn, by the number that stands for one. `conversation` is the open
    one's id, "" before its first question; `looked_at` says which version of a turn is looked at, where it is not the
    last; `played` at which step each trail that is being played stands; `secret` is what the browser is known by;
    `question` is the one compared last; `note` is the one looked at or saved to last;
    `unkept` are words of one's own that could not be written to it, and why;
    `page` the path of the one looked at; `coming` says that a conversation was just opened
    or begun; `looked` that servers of this machine may be looked for; `untried` is
    why the reader tried last could not be; `settled` counts how often the settings were chosen otherwise than by their
    fields; `reembedding` tells (pages done, pages in all); `address` is that of a
    server to choose a reader from; `following` tells what could be asked after the last answer; `shared` is the answer
    that a link led to."""

    turns: list[Turn] = field(default_factory=list)
    asking: Asking | None = None
    adding: Adding | None = None
    checking: Checking | None = None
    checked: CheckedText | None = None
    reading: Place | None = None
    removing: str = ""
    ready: str = ""
    admitted: bool = False
    remember: str = ""
    returning: str = ""
    shown: dict[int, Sequence[Quote]] = field(default_factory=dict)
    leaving: bool = False
    returned: bool = False
    conversation: str = ""
    settings: Settings = field(default_factory=Settings)
    settled: int = 0
    looked_at: dict[int, int] = field(default_factory=dict)
    played: dict[str, int] = field(default_factory=dict)
    comparing: Comparing | None = None
    compared: Compared | None = None
    tabling: Tabling | None = None
    testing: Testing | None = None
    question: str = ""
    note: str = ""
    unkept: tuple[str, str] = ("", "")
    renaming: str = ""
    deleting: str = ""
    secret: str = ""
    page: str = ""
    coming: bool = False
    looked: bool = False
    trying: Trying | None = None
    untried: str | None = None
    reembedding: Run[tuple[int, int]] | None = None
    address: str = ""
    following: Run[str] | None = None
    shared: Answer | None = None

    def turn_to(self, page: str) -> None:
        """Look at a page of the app. What was open on another closes: the browser's Back passes by a dialog, and one
        that was just closed may not have said so yet. Left open, it would lie over the page come to."""
        if page != self.page:
            self.page, self.reading = page, None
            self.removing = self.returning = self.renaming = self.deleting = ""

    def finish(self, turn: Turn) -> None:
        """The question being answered becomes a turn."""
        self.looked_at.pop(len(self.turns), None)
        self.turns.append(turn)
        self.asking = None

    def follow(self, run: Run[str] | None) -> None:
        """Let `run` tell what could be asked next, in place of the one before it, which ends."""
        if self.following:
            self.following.stop()
        self.following = run

    def settle(self, settings: Settings) -> None:
        """Choose the settings; their fields are drawn anew with them."""
        self.settings, self.settled = settings, self.settled + 1

    def leave(self) -> None:
        """Begin a new conversation, with the settings of this one. What is being answered goes on and is kept."""
        self.turns, self.asking, self.reading, self.conversation = [], None, None, ""
        self.follow(None)
        self.looked_at.clear()
        self.played.clear()

    def show_compared(self) -> None:
        """Let the marks of both answers lead to their quotes."""
        for at, answer in enumerate(self.compared.answers if self.compared else ()):
            self.shown[COMPARED + at] = answer.quotes

    def turn(self, number: int) -> Turn:
        """The version of a turn that is looked at."""
        versions = self.turns[number].versions
        return versions[min(self.looked_at.get(number, len(versions) - 1), len(versions) - 1)]

    def cite(self, clicked: str) -> None:
        """Open the place that a clicked ``data-cite`` ("turn:quote") names; what this page never wrote does nothing."""
        turn, _, quote = clicked.partition(":")
        if turn.isdecimal() and quote.isdecimal():
            self.reading = Place(int(turn), int(quote))

    def quotes(self, turn: int) -> Sequence[Quote]:
        """The quotes of a turn, or of the answer in the making; none where there is no such turn."""
        if turn in self.shown:
            return self.shown[turn]
        if turn == CHECK:
            return self._check_quotes()
        if turn < len(self.turns):
            answer = self.turn(turn).answer
            return answer.quotes if answer else ()
        told = self.asking.run.told if self.asking and turn == len(self.turns) else ()
        return [event.quote for event in told if isinstance(event, Step) and event.quote]

    def _check_quotes(self) -> Sequence[Quote]:
        if self.checking:
            return [event.quote for event in self.checking.run.told if isinstance(event, Step) and event.quote]
        return self.checked.check.quotes if self.checked and self.checked.check else ()

    def pages(self, turn: int) -> Sequence[Page]:
        """The pages kept with a turn's answer."""
        if turn == CHECK:
            return self.checked.check.pages if self.checked and self.checked.check else ()
        answer = self.shared if turn == SHARED else self.turn(turn).answer if turn < len(self.turns) else None
        return answer.pages if answer else ()


def current() -> Session:
    """This visitor's session."""
    if SESSION not in st.session_state:
        st.session_state[SESSION] = Session()
    session: Session = st.session_state[SESSION]
    return session


def language() -> Language:
    """The interface's language: what was chosen, or else the browser's."""
    chosen: Language | None = st.session_state.get(LANGUAGE)
    return chosen or from_locale(st.context.locale)


def index(fallback: str) -> str:
    """The chosen index's name."""
    chosen: str | None = st.session_state.get(INDEX)
    return chosen or fallback


def choose_index(name: str) -> None:
    """Before the field is drawn in this run."""
    st.session_state[INDEX] = name


def choose_language(code: Language) -> None:
    """Before the field is drawn in this run."""
    st.session_state[LANGUAGE] = code


def of(key: str, mine: Session) -> str:
    """The key of a field of the settings of this conversation."""
    return f"{key}-{mine.conversation}-{mine.settled}"


def mark(side: int, number: int) -> str:
    """The key of what is said of a sentence of the answer at place `side`, from the left, from 0."""
    return f"{MARK}-{side}-{number}"


def rank(side: int) -> str:
    """The key of the rank that the answer at this place is given."""
    return f"{RANK}-{side}"


def remark(answer: str, number: int) -> str:
    """The key of the word on a sentence of an answer (its id)."""
    return f"{REMARKED}-{answer}-{number}"
