"""Work that outlives one run of the page's script.

Streamlit runs the script anew at every click. What takes longer than a click (answering, reading sources, fetching
models) runs in a thread of its own; the script only looks at how far it has come, so that a click neither stops the
work nor starts it twice.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from rag.errors import Fault
from rag.protocols import Prompt, Reader

T = TypeVar("T")
log = logging.getLogger("vouch.page")


class Stopped(Exception):
    """Raised in a run's work, where it tells something, after somebody asked it to stop."""


class Run(Generic[T]):
    """`work` in a thread: it is given a function to tell what has come. `turn` is held meanwhile, so that runs which
    share it take turns.

    Made in one session and kept in that session's state: nobody else's page sees it. Once `over`, it never changes.
    `stopping` is set by `stop`; who makes it first can give it to a StoppableReader, or to work that `winds_up`: such
    work ends by itself then, and what it still tells counts.
    """

    def __init__(
        self,
        work: Callable[[Callable[[T], None]], None],
        turn: AbstractContextManager[object] | None = None,
        stopping: threading.Event | None = None,
        winds_up: bool = False,
    ) -> None:
        self._work, self._winds_up = work, winds_up
        self._turn = turn or nullcontext()
        self._told: list[T] = []
        self._began = threading.Event()
        self._stop = stopping or threading.Event()
        self._over = threading.Event()
        self._fault: str | None = None
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def told(self) -> tuple[T, ...]:
        """What has come so far, in order."""
        return tuple(self._told)

    @property
    def waiting(self) -> bool:
        """Whether another run has the turn."""
        return not self._began.is_set() and not self.over

    @property
    def over(self) -> bool:
        return self._over.is_set()

    @property
    def fault(self) -> str | None:
        """Why it ended before its end: a sentence, "" where only the log can say more; None where all went well."""
        return self._fault

    def stop(self) -> None:
        """End it at the next thing it tells, or where its StoppableReader is next asked or writes a piece."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Whether it is over, after at most so long."""
        return self._over.wait(seconds)

    def _tell(self, item: T) -> None:
        if self._stop.is_set() and not self._winds_up:
            raise Stopped
        self._told.append(item)

    def _run(self) -> None:
        try:
            with self._turn:
                self._began.set()
                if self._stop.is_set():
                    raise Stopped
                self._work(self._tell)
        except Stopped:
            log.info("A run was stopped")
        except Fault as fault:
            self._fault = str(fault)
        except Exception:  # the last edge: a thread has nobody else to tell
            log.exception("A run ended in an error nobody foresaw")
            self._fault = ""
        finally:
            self._over.set()


class OneAtATime:
    """Held by one run at a time. Whoever wants it ends, at its next call or piece, the run that holds it `aside`: what
    nobody waits for keeps nobody waiting."""

    def __init__(self) -> None:
        self._held, self._wanted = threading.Lock(), list[None]()
        self._aside = set[threading.Event]()

    def __enter__(self) -> None:
        self._wanted.append(None)
        for stopping in tuple(self._aside):
            stopping.set()
        self._held.acquire()
        self._wanted.pop()

    def __exit__(self, *_: object) -> None:
        self._held.release()

    @contextmanager
    def aside(self, stopping: threading.Event) -> Iterator[None]:
        """Holds it until it is wanted; `stopping` is set then."""
        with self._held:
            self._aside.add(stopping)
            if self._wanted:
                stopping.set()
            try:
                yield
            finally:
                self._aside.discard(stopping)


def in_turns(items: Iterator[T], turn: AbstractContextManager[object]) -> Iterator[T]:
    """The items, `turn` held while each is made and free between two: work of many minutes lets others come in."""
    while True:
        with turn:
            made = list(islice(items, 1))
        if not made:
            return
        yield made[0]


@dataclass(frozen=True, slots=True)
class StoppableReader:
    """`reader`, until `stopped` is set: then no call begins any more, and one that writes ends at its next piece.
    Raises Stopped there."""

    reader: Reader
    stopped: threading.Event

    @property
    def name(self) -> str:
        return self.reader.name

    def write(self, prompt: Prompt) -> Iterator[str]:
        self._look()
        for piece in self.reader.write(prompt):
            self._look()
            yield piece

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        self._look()
        return self.reader.choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        return self.reader.tokens()

    def _look(self) -> None:
        if self.stopped.is_set():
            raise Stopped
