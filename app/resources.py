"""What all visitors share: models, indexes and the one turn at the reader; kept by configuration."""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from rag import wiring
from rag.config import Config
from rag.errors import Fault
from rag.index.index import Index
from rag.seams import Embedder, Prompt, Reader

log = logging.getLogger("vouch.page")


@dataclass(frozen=True, slots=True)
class SoonReader:
    """A reader that is still loading. Searching and quoting go on meanwhile; the first thing that needs it waits."""

    loading: "Future[Reader]"

    @property
    def name(self) -> str:
        return self.loading.result().name

    def write(self, prompt: Prompt) -> Iterator[str]:
        return self.loading.result().write(prompt)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        return self.loading.result().choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        """None are used while it loads."""
        return self.loading.result().tokens() if self.loading.done() else (0, 0)


@st.cache_resource(show_spinner=False)
def turn(fingerprint: str) -> threading.Lock:
    """Held by the one question that is being answered: the reader counts tokens, and two cores serve one at a time."""
    return threading.Lock()


@st.cache_resource(show_spinner=False)
def _embedder(fingerprint: str, _config: Config) -> Embedder:
    return wiring.embedder(_config)


def embedder(config: Config) -> Embedder:
    """Raises ConfigFault, ModelFault."""
    return _embedder(config.fingerprint(), config)


@st.cache_resource(show_spinner=False)
def _reader(fingerprint: str, _config: Config) -> SoonReader:
    loading: Future[Reader] = Future()

    def load() -> None:
        try:
            reader = wiring.reader(_config)
            wiring.warm(reader)
        except Fault as fault:
            loading.set_exception(fault)
        except Exception as error:
            log.exception("The reader did not load")
            loading.set_exception(error)
        else:
            loading.set_result(reader)

    threading.Thread(target=load, daemon=True).start()
    return SoonReader(loading)


def reader(config: Config) -> SoonReader:
    """Starts loading at the first call. A reader that did not load is tried again at the next."""
    found = _reader(config.fingerprint(), config)
    if found.loading.done() and found.loading.exception():
        _reader.clear(config.fingerprint(), config)
        found = _reader(config.fingerprint(), config)
    return found


@st.cache_resource(show_spinner=False)
def _index(fingerprint: str, built: Path, name: str, _config: Config, _create: bool) -> Index:
    return wiring.index(_config, name, embedder(_config), _create)


def index(config: Config, name: str, create: bool = False) -> Index:
    """The open index; it sees by itself what others add to it. Raises IndexFault where there is none."""
    return _index(config.fingerprint(), config.built, name, config, create)


def names(config: Config) -> list[str]:
    """The indexes there are."""
    return sorted(path.parent.name for path in config.built.glob("*/CURRENT"))
