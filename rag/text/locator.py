"""The page or slide on which a span stands, and how a citation says it: "p. 12", "第 12 页"."""

from bisect import bisect_right
from collections.abc import Mapping

from rag.types import Locator, Page, Span

_WORDS: Mapping[str, tuple[str, str, str]] = {  # one, several, Chinese
    "page": ("p. {}", "pp. {}", "第 {} 页"),
    "slide": ("slide {}", "slides {}", "第 {} 张幻灯片"),
}


def locator(page: Page, span: Span) -> Locator | None:
    """None where the text of `page` is not divided into pages."""
    if not page.page_starts:
        return None
    first = bisect_right(page.page_starts, span[0])
    last = max(first, bisect_right(page.page_starts, span[1] - 1))
    return Locator("slide" if "presentation" in page.media_type else "page", first, last)


def cite(found: Locator | None, language: str) -> str:
    """The words for it in `language` ("zh", else English); "" for None."""
    if found is None:
        return ""
    one, several, chinese = _WORDS[found.unit]
    words = chinese if language == "zh" else one if found.first == found.last else several
    return words.format(found.first if found.first == found.last else f"{found.first}–{found.last}")
