"""What all visitors share: models, indexes and the one turn at the reader; kept by configuration."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

import streamlit as st

from app.runs import OneAtATime
from rag import wiring
from rag.config import Config
from rag.errors import Fault
from rag.history.conversations import Conversations
from rag.history.feedback import Feedback
from rag.history.notes import Notes
from rag.history.works import Works
from rag.index.index import Index
from rag.index.versions import Twins
from rag.index.versions import twins as twins_of
from rag.protocols import Embedder, Prompt, Reader

log = logging.getLogger("vouch.page")


DRAWING = 3.0  # seconds that a browser has for the first page before the loading of a reader takes every core


class Asked(Exception):
    """Ends the warming-up: a question needs the reader."""


@dataclass(frozen=True, slots=True)
class SoonReader:
    """A reader that is being loaded and then warmed up by `load`, in a thread. Searching and quoting go on meanwhile.

    The first use waits for the loading. It ends the warming-up after the call in hand, whose tokens are not the
    question's. The loading begins at once when it is `wanted`.
    """

    wanted: threading.Event = field(default_factory=threading.Event)
    loading: "Future[Reader]" = field(default_factory=Future)
    asked: threading.Event = field(default_factory=threading.Event)
    rested: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        return self.loading.result().name

    def write(self, prompt: Prompt) -> Iterator[str]:
        return self._ready().write(prompt)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        return self._ready().choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        """None are used before it is ready."""
        return self.loading.result().tokens() if self.rested.is_set() and not self.failed else (0, 0)

    @property
    def failed(self) -> bool:
        return self.loading.done() and self.loading.exception() is not None

    def load(self, make: Callable[[], Reader], after: float = 0.0) -> None:
        """Begin after so many seconds, or as soon as it is wanted."""
        self.wanted.wait(after)
        try:
            reader = make()
        except Fault as fault:
            self.loading.set_exception(fault)
            return
        except Exception as error:  # a thread has nobody else to tell; whoever asks gets it
            log.exception("The reader did not load")
            self.loading.set_exception(error)
            return
        self.loading.set_result(reader)
        try:
            wiring.warm(reader, self._look)
        except Asked:
            log.info("A question came while the reader was warming up")
        except Fault as fault:
            log.warning("The reader did not warm up: %s", fault)
        finally:
            self.rested.set()

    def _look(self) -> None:
        """Raises Asked once somebody asks."""
        if self.asked.is_set():
            raise Asked

    def _ready(self) -> Reader:
        reader = self.loading.result()
        self.asked.set()
        if not self.rested.is_set():
            self.rested.wait()
            reader.tokens()
        return reader


# Each is kept by the settings it is made from, written out: a conversation of another budget shares the models.


@st.cache_resource(show_spinner=False)
def _turn(reader: str) -> OneAtATime:
    return OneAtATime()


def turn(config: Config) -> OneAtATime:
    """Held by the one question that is being answered: a reader counts tokens, and two cores serve one at a time, so
    all local readers share one."""
    return _turn("local" if config.reader.kind == "local" else repr(config.reader))


@st.cache_resource(show_spinner=False)
def _conversations(built: Path, days: int, _config: Config) -> Conversations:
    return wiring.conversations(_config)


def conversations(config: Config) -> Conversations:
    """Raises IndexFault."""
    return _conversations(config.built, config.ledger.days, config)


@st.cache_resource(show_spinner=False)
def _notes(built: Path, _config: Config) -> Notes:
    return wiring.notes(_config)


def notes(config: Config) -> Notes:
    """Raises IndexFault."""
    return _notes(config.built, config)


@st.cache_resource(show_spinner=False)
def _works(built: Path, days: int, _config: Config) -> Works:
    return wiring.works(_config)


def works(config: Config) -> Works:
    """Raises IndexFault."""
    return _works(config.built, config.ledger.days, config)


@st.cache_resource(show_spinner=False)
def _feedback(built: Path, days: int, _config: Config) -> Feedback:
    return wiring.feedback(_config)


def feedback(config: Config) -> Feedback:
    """Raises IndexFault."""
    return _feedback(config.built, config.ledger.days, config)


@st.cache_resource(show_spinner=False)
def _embedder(settings: str, _config: Config) -> Embedder:
    return wiring.embedder(_config)


def embedder(config: Config) -> Embedder:
    """Raises ConfigFault, ModelFault."""
    return _embedder(repr(config.embedder), config)


@st.cache_resource(show_spinner=False)
def _reader(settings: str, _config: Config) -> SoonReader:
    soon = SoonReader()
    threading.Thread(target=soon.load, args=(lambda: wiring.reader(_config), DRAWING), daemon=True).start()
    return soon


def reader(config: Config, wanted: bool = True) -> SoonReader:
    """Starts loading at the first call; where it is not `wanted` yet, a little later. A reader that did not load is
    tried again at the next."""
    settings = repr(config.reader)
    found = _reader(settings, config)
    if found.failed:
        _reader.clear(settings, config)
        found = _reader(settings, config)
    if wanted:
        found.wanted.set()
    return found


@st.cache_resource(show_spinner=False)
def _index(settings: str, built: Path, name: str, _config: Config, _create: bool) -> Index:
    named = replace(_config, embedder=wiring.embedder_of(_config, name))
    return wiring.index(named, name, embedder(named), _create)


def index(config: Config, name: str, create: bool = False) -> Index:
    """The open index; it sees by itself what others add to it. The configured one is made where it is missing.

    Raises IndexFault where there is none.
    """
    settings = repr((wiring.embedder_of(config, name), config.search))
    return _index(settings, config.built, name, config, create or name == config.index)


@st.cache_resource(show_spinner=False, max_entries=8)
def _twins(folder: Path, fingerprint: str, _index: Index) -> Twins:
    return twins_of(_index)


def twins(index: Index) -> Twins:
    """What the index holds twice, worked out anew where it has changed. Raises IndexFault."""
    return _twins(index.folder, index.fingerprint(), index)


def names(config: Config) -> list[str]:
    """The indexes there are."""
    return sorted(path.parent.name for path in config.built.glob("*/CURRENT"))
