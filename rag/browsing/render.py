"""The browser as a reader sees it: WebGPT's text (Nakano et al. 2021, figure 1b), of bounded length whatever was read.

It is made afresh at each step and is all that the reader remembers.
"""

from collections.abc import Sequence

from rag.browsing.browser import Browser
from rag.browsing.view import body, domain, lines, mark, numbers, one_line, shown
from rag.text.tokens import fitting, tokens
from rag.types import Hit, Quote, Step

LEAST = 600  # tokens; in fewer there is no browsing
SNIPPET = 120  # characters of a result
_QUESTION, _QUOTES, _ACTIONS, _TITLE = 0.15, 0.25, 0.15, 0.05  # shares of the whole; the page has what is left
_FRAME = 60  # tokens of the headings and the fence


def render(browser: Browser, actions_left: int, most: int) -> str:
    """What is on the screen, in at most `most` tokens by `tokens`; `most` is LEAST or more.

    The page's own text, quotes and titles included, is data: shown so that it can pass for nothing else, the page
    between <page> and </page>.
    """
    title, bar, text = _screen(browser)
    parts = [
        f"♦Question\n{clip(shown(browser.question), int(most * _QUESTION))}",
        f"♦Quotes\n{_newest([_quoted(kept) for kept in browser.quotes], int(most * _QUOTES))}",
        f"♦Past actions\n{_newest([done(step) for step in browser.steps], int(most * _ACTIONS))}",
        f"♦Title\n{clip(title, int(most * _TITLE))}",
        f"♦Scrollbar: {bar}",
    ]
    left = most - _FRAME - sum(tokens(part) for part in parts)
    parts += [f"♦Text\n<page>\n{clip(text, left)}\n</page>", f"♦Actions left: {actions_left}", "♦Next action"]
    return "\n".join(parts)


def links(browser: Browser) -> list[int]:
    """The numbers of the links on the screen."""
    if browser.page:
        return numbers(browser.page, browser.in_view)
    return list(range(1, len(_results(browser.hits, browser.room)) + 1))


def done(step: Step) -> str:
    """A past action on one line; what came of it where it could not be done."""
    line = one_line(step.command or f"{step.action} {step.detail}")
    return f"{line[:120]} (not done: {one_line(step.detail)[:120]})" if step.setback else line[:160]


def clip(text: str, most: int) -> str:
    """`text`, or as much of its beginning as takes at most `most` tokens, "…" included."""
    return text if tokens(text) <= most else text[: fitting(text, max(0, most - 3))] + "…"


def _screen(browser: Browser) -> tuple[str, str, str]:
    """(title, what the scrollbar shows, text)."""
    if browser.page is None:
        if not browser.queries:
            return "", "0 - 100", ""
        results = "\n".join(_results(browser.hits, browser.room)) or "No results."
        return f"Search results for: {one_line(browser.queries[-1])}", "0 - 100", results
    page = browser.page
    start, end = browser.in_view
    whole = max(1, body(page)[-1][1])
    title = f"{one_line(page.title)} ({domain(page.uri)})"
    return title, f"{min(100, 100 * start // whole)} - {min(100, -(-100 * end // whole))}", lines(page, (start, end))


def _results(hits: Sequence[Hit], room: int) -> list[str]:
    """As many results as fit, each a link with the beginning of what was found."""
    told: list[str] = []
    for rank, hit in enumerate(hits, 1):
        title = one_line(hit.title)[:80] or domain(hit.chunk.uri)
        line = f"{mark(rank, title, hit.chunk.uri)} {one_line(hit.chunk.text[:SNIPPET])}"
        room -= tokens(line) + 1
        if room < 0 and told:
            break
        told.append(line)
    return told


def _quoted(kept: Quote) -> str:
    return f"From {one_line(kept.title)[:80]} ({domain(kept.uri)})\n> {one_line(kept.text)}"


def _newest(told: Sequence[str], most: int) -> str:
    """The last of `told` that fit, in order; "…" before them where some do not."""
    kept: list[str] = []
    for line in reversed(told):
        fits = clip(line, most // 2)
        most -= tokens(fits) + 1
        if most < 2:
            kept.append("…")
            break
        kept.append(fits)
    return "\n".join(reversed(kept))
