"""Whose turn it is: a local reader answers one question at a time, in the order in which they came."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rag.errors import UsageFault


@dataclass(frozen=True, slots=True)
class Turns:
    """At most `most` may wait, one of them at work; whoever comes after is told to come again."""

    most: int = 16
    _line: deque[threading.Event] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn and keep it. Raises UsageFault where too many wait."""
        mine = threading.Event()
        with self._lock:
            if len(self._line) >= self.most:
                raise UsageFault("server.busy", waiting=len(self._line))
            self._line.append(mine)
            self._line[0].set()
        try:
            mine.wait()
            yield
        finally:
            with self._lock:
                self._line.remove(mine)
                if self._line:
                    self._line[0].set()

    def waiting(self) -> int:
        with self._lock:
            return len(self._line)
