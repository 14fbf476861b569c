"""What one run may spend: actions, quoted tokens, seconds, money. Whatever is used up first ends the reading."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from rag.browsing.browser import Browser
from rag.config import ReadingConfig
from rag.protocols import Reader

LEAST_QUOTE = 24  # tokens; where fewer may be quoted, no more sentence fits


@dataclass
class Budget:
    """`prices` are money for a million prompt and a million output tokens; (0, 0) for a reader that costs nothing."""

    limits: ReadingConfig
    reader: Reader
    prices: tuple[float, float] = (0.0, 0.0)
    clock: Callable[[], float] = perf_counter
    _used: list[int] = field(default_factory=lambda: [0, 0])
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def tokens(self) -> tuple[int, int]:
        """(prompt, output) tokens of the reader since the run began."""
        for at, new in enumerate(self.reader.tokens()):
            self._used[at] += new
        return self._used[0], self._used[1]

    def money(self) -> float:
        return sum(count * price / 1e6 for count, price in zip(self.tokens(), self.prices, strict=True))

    def spent(self, browser: Browser) -> str:
        """Which budget is used up, as "40 actions"; "" while none is."""
        limits = self.limits
        if len(browser.steps) >= limits.steps:
            return f"{limits.steps} actions"
        if browser.quote_tokens and browser.quotable < LEAST_QUOTE:
            return f"{browser.quote_tokens} quoted tokens"
        if limits.seconds and self.clock() - self._began >= limits.seconds:
            return f"{limits.seconds:g} seconds"
        if limits.money and self.money() >= limits.money:
            return f"{limits.money:g} in money"
        return ""
