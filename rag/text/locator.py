"""The page or slide on which a span stands, or the second at which it is said, and how a citation says it: "p. 12",
"第 12 页", "at 12:31"."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Literal

from rag.types import Locator, Page, Span

_WORDS: Mapping[str, tuple[str, str, str]] = {  # one, several, Chinese
    "page": ("p. {}", "pp. {}", "第 {} 页"),
    "slide": ("slide {}", "slides {}", "第 {} 张幻灯片"),
    "second": ("at {}", "at {}", "{} 处"),
}
_UNITS: Mapping[str, Literal["page", "slide", "second"]] = {
    "presentation": "slide",
    "powerpoint": "slide",
    "subrip": "second",
}


def locator(page: Page, span: Span) -> Locator | None:
    """None where the text of `page` is not divided into pages. Of captions the first "page" is the second 0:00."""
    if not page.page_starts:
        return None
    first = bisect_right(page.page_starts, span[0])
    last = max(first, bisect_right(page.page_starts, span[1] - 1))
    units = (unit for name, unit in _UNITS.items() if name in page.media_type)
    return Locator(next(units, "page"), first, last)


def cite(found: Locator | None, language: str) -> str:
    """The words for it in `language` ("zh", else English); "" for None."""
    if found is None:
        return ""
    one, several, chinese = _WORDS[found.unit]
    words = chinese if language == "zh" else one if found.first == found.last else several
    first, last = numbered(found.unit, found.first), numbered(found.unit, found.last)
    return words.format(first if first == last else f"{first}–{last}")


def numbered(unit: str, number: int) -> str:
    """A page's number; of a second its time: "12:31", "1:02:31"."""
    if unit != "second":
        return str(number)
    minutes, seconds = divmod(number - 1, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
