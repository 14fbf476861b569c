"""A reader that is loaded in a thread, while searching and quoting go on."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from rag.protocols import Prompt, Reader


@dataclass(frozen=True, slots=True)
class LaterReader:
    """The first use waits for the loading, and raises what it raised."""

    made: "Future[Reader]"

    @property
    def name(self) -> str:
        return self.made.result().name

    def write(self, prompt: Prompt) -> Iterator[str]:
        return self.made.result().write(prompt)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        return self.made.result().choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        """None are used before it is loaded, nor where that failed."""
        ready = self.made.done() and self.made.exception() is None
        return self.made.result().tokens() if ready else (0, 0)


def later(make: Callable[[], Reader]) -> LaterReader:
    """Starts `make` at once. The process does not end before it has: one that ended amid the loading might crash."""
    return LaterReader(ThreadPoolExecutor(1, "reader").submit(make))
