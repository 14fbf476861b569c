"""What waits for the network and somebody asks to stop: it is left to its own end, and who waited goes on at once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from rag.errors import SourceFault

T = TypeVar("T")

NEVER = threading.Event()  # nobody stops it
LOOKING = 0.05  # seconds between two looks whether a source is to be stopped


def until_stopped(work: Callable[[], T], uri: str, stop: threading.Event) -> T:
    """What `work` gives or raises. SourceFault as soon as `stop` is set: a name that is being resolved, a connection
    and a slow answer cannot be broken off everywhere, so their thread ends by its own time limit, unheard."""
    if stop is NEVER:
        return work()
    if stop.is_set():
        raise SourceFault("source.stopped", uri=uri)
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    while not wait([done], timeout=LOOKING).done:
        if stop.is_set():
            raise SourceFault("source.stopped", uri=uri)
    return done.result()
