"""Everything the page remembers for one visitor, and every key of `st.session_state`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from app.runs import Run
from app.words import Language, from_locale
from rag.facts import Check, CheckEvent
from rag.sources.ingest import Outcome
from rag.types import Answer, Event, Page, Quote, Step

# Keys of widgets. Everything else is in one Session under SESSION.
SESSION = "vouch"
INDEX = "index"
LANGUAGE = "language"
QUESTION = "question"
CITED = "cited"
FILTER = "filter"
LEAF = "leaf"
ADDRESSES = "addresses"
UPLOADS = "uploads"
NEW_INDEX = "new-index"
PASTED = "pasted"
DAYS = "days"
DOUBTFUL = "doubtful"
PASSWORD = "password"
FOLDER = "folder"
LISTED = "listed"
LISTED_KIND = "listed-kind"
LISTED_MOST = "listed-most"
WAY = "way"
VIEW = "view"
STANDING = "standing"
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

CHECK = 10**9  # stands where a turn's number does, for the text being checked or checked last
SEARCHED = 2 * 10**9  # likewise for the hits of the search that is tried out
PAST = 3 * 10**9  # likewise, and the numbers after it, for answers of the ledger that are looked at


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with what came of it: an answer, or the sentence that says why there is none ("" is no sentence)."""

    question: str
    answer: Answer | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What is to be read: quote number `quote` of turn `turn` (the one being answered comes after the last), or with
    `uri` a whole page of the index."""

    turn: int = 0
    quote: int = 0
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """`loading` says whether the reader is still being loaded."""

    question: str
    run: Run[Event]
    loading: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Adding:
    index: str
    run: Run[Outcome]


@dataclass(frozen=True, slots=True)
class Checking:
    text: str
    run: Run[CheckEvent]


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What came of the last check, or the sentence that says why there is none ("" is no sentence)."""

    text: str
    check: Check | None
    fault: str | None = None


@dataclass
class Session:
    """One visitor's. `ready`: models and indexes were seen to be there; `admitted`: the password was right, `remember`
    is the token that the browser keeps, `leaving` says that it is to forget. `returning` is the build that may be gone
    back to; `shown` has quotes that belong to no turn, by the number that stands for one."""

    turns: list[Turn] = field(default_factory=list)
    asking: Asking | None = None
    adding: Adding | None = None
    checking: Checking | None = None
    checked: CheckedText | None = None
    reading: Place | None = None
    removing: str = ""
    ready: bool = False
    admitted: bool = False
    remember: str = ""
    returning: str = ""
    shown: dict[int, Sequence[Quote]] = field(default_factory=dict)
    leaving: bool = False

    def finish(self, turn: Turn) -> None:
        """The question being answered becomes a turn."""
        self.turns.append(turn)
        self.asking = None

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
            answer = self.turns[turn].answer
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
        answer = self.turns[turn].answer if turn < len(self.turns) else None
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
