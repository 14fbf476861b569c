"""Many may look at once; who changes something is alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Sharing:
    """Not to be nested. Whoever wants to be alone comes before those that want to look and came later."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._looking = 0
        self._waiting = 0
        self._alone = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._turn:
            self._turn.wait_for(lambda: not self._alone and not self._waiting)
            self._looking += 1
        try:
            yield
        finally:
            with self._turn:
                self._looking -= 1
                self._turn.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._turn:
            self._waiting += 1
            self._turn.wait_for(lambda: not self._alone and not self._looking)
            self._waiting -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._turn:
                self._alone = False
                self._turn.notify_all()
