"""A person at the wheel: their trail is kept with the answer as a model's would be, in WebGPT's commands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.browsing.browser import Browser
from rag.browsing.commands import UNTOLD, parse
from rag.browsing.render import render
from rag.types import Abstain, Action, Kind

SCREEN = 1200  # tokens of what is shown at once


@dataclass(frozen=True, slots=True)
class HandPolicy:
    """`ask` shows the screen and gives the line that was typed; it raises EOFError where no more will come, which ends
    the run without an answer. `steps` is how many actions a run has."""

    ask: Callable[[str], str]
    steps: int

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        while True:
            try:
                typed = self.ask(render(browser, self.steps - len(browser.steps), SCREEN))
            except EOFError:
                yield Abstain(UNTOLD)
                return
            yield parse(typed)
