"""Which spans of a flattened page are its article; the rest is furniture: menus, adverts, lists of other posts.

Pages saved as text have lost their tags, so this goes by what lines look like: buttons and counters,
headings over lists of other posts, a block in another script at the head or the tail, titles in a row that nothing
introduces. What it leaves out stays in the page's text, but is never found or quoted, so it
keeps whatever could be the article's: headings, lists, tables, captions, references.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.sources import cues
from rag.text.scripts import CJK
from rag.types import Span

_SHORT = 80  # widths: a Chinese character is two wide
_LONG = 160
_HEAD_LINES = 40  # furniture above an article is shorter than this
_TEASER = 300
_STOPS = re.compile(r"[。！!；;…]|[.?？][\s\"”’」)）]|[.?？。]$")
_FULL_STOP = re.compile(r"[。！；…]|\.(?:\s|[\"”’」)）]|$)")
_MARKUP = re.compile(
    r"^\s*(?:#{1,6}\s|[-*+•●○■◆▪–·>]\s*|\|.*\||\d{1,3}(?:\.\d{1,3})*[.、)）]?\s|[(（]?[一二三四五六七八九十\d]{1,3}[)）、.]|第.{1,5}[章节部])"
)
_CAPTION = re.compile(r"^\s*(?:图|表|圖|图片来源|来源|figure|fig\.|table|source|photo|credit)\s*[\d:：.]*", re.I)
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000](?=[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    width: int
    after_blank: bool

    @property
    def is_certain(self) -> bool:
        """A button, a counter or an instruction: never a line of an article."""
        if self.width > _SHORT:
            return False
        tight = _SPACED.sub("", self.text)
        return bool(cues.LABEL.match(tight) or cues.COUNTER.match(tight) or cues.INSTRUCTION.match(tight))

    @property
    def is_prose(self) -> bool:
        """A sentence or more. Sentences end in a stop; a title may end in a question mark."""
        return self.width > _LONG or (self.width > 24 and bool(_FULL_STOP.search(self.text)))

    @property
    def is_title_like(self) -> bool:
        return not self.is_prose and not cues.REFERENCES.match(self.text) and not cues.REFERENCE_ITEM.match(self.text)

    @property
    def is_bare(self) -> bool:
        """Title-like, and without anything that lists, tables, captions and definitions have."""
        return self.is_title_like and not (
            _MARKUP.match(self.text) or _CAPTION.match(self.text) or re.search(r"[:：=|\t]", self.text)
        )


def article_spans(text: str) -> tuple[Span, ...]:
    """The spans of `text` that are its article, in order, without white space at their ends.

    The whole of it where nothing is furniture, and where what would be left is under a third of it.
    """
    lines = _lines(text)
    if not lines:
        return ()
    dropped: set[int] = set()
    dropped |= _foreign_ends(lines)
    dropped |= _announced_lists(lines, dropped)
    dropped |= _head(lines, dropped)
    dropped |= _tail(lines, dropped)
    dropped |= _adverts(lines)
    kept = [index for index in range(len(lines)) if index not in dropped]
    total = sum(line.width for line in lines)
    if 3 * sum(lines[index].width for index in kept) < total:
        return ((lines[0].start, lines[-1].end),)
    spans: list[Span] = []
    for position, index in enumerate(kept):
        if position and kept[position - 1] == index - 1:
            spans[-1] = (spans[-1][0], lines[index].end)
        else:
            spans.append((lines[index].start, lines[index].end))
    return tuple(spans)


def _lines(text: str) -> list[_Line]:
    """The lines that hold anything, without white space at their ends."""
    lines: list[_Line] = []
    at = 0
    blank = True
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            start = at + raw.index(bare[0])
            lines.append(_Line(start, start + len(bare), bare, _width(bare), blank))
        blank = not bare
        at += len(raw) + 1
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


# --- a block in another script at the head or the tail ---------------------------------------


def _foreign_ends(lines: Sequence[_Line]) -> set[int]:
    """Lines at either end in scripts that the article hardly uses, such as Korean headlines round a Chinese text.

    Latin is at home everywhere: names, abstracts and references are written in it.
    """
    letters = _scripts("\n".join(line.text for line in lines))
    total = letters.total()
    home = {script for script, count in letters.items() if count >= 0.2 * total} | {"latin"}
    if "kana" in home:
        home.add("han")

    def is_foreign(line: _Line) -> bool:
        counts = _scripts(line.text)
        abroad = sum(count for script, count in counts.items() if script not in home)
        return abroad > 4 and abroad >= 0.5 * counts.total() and not cues.REFERENCE_ITEM.match(line.text)

    dropped: set[int] = set()
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        run: list[int] = []
        loose: list[int] = []
        for index in order:
            if is_foreign(lines[index]):
                run += [*loose, index]
                loose = []
            elif lines[index].is_title_like and lines[index].width <= 30 and len(loose) < 2:
                loose.append(index)  # a name or a number among the headlines
            else:
                break
        # One line can be the title's translation; two are a block.
        if sum(is_foreign(lines[index]) for index in run) > 1:
            dropped.update(run)
    return dropped


def _scripts(text: str) -> Counter[str]:
    """Letters by script. Han, kana and hangul count double, as a Latin word of two letters says as much."""
    counts: Counter[str] = Counter()
    for script, letters in _SCRIPTS.items():
        weight = 2 if script in ("han", "kana", "hangul") else 1
        counts[script] = weight * sum(map(len, letters.findall(text)))
    return counts


_SCRIPTS = {
    "latin": re.compile("[A-Za-z\u00c0-\u024f]+"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f]+"),
    "kana": re.compile("[\u3040-\u30ff]+"),
    "hangul": re.compile("[\uac00-\ud7af]+"),
    "greek": re.compile("[\u0370-\u03ff]+"),
    "cyrillic": re.compile("[\u0400-\u052f]+"),
    "hebrew": re.compile("[\u0590-\u05ff]+"),
    "arabic": re.compile("[\u0600-\u06ff]+"),
    "devanagari": re.compile("[\u0900-\u097f]+"),
    "thai": re.compile("[\u0e00-\u0e7f]+"),
}


# --- lists of other posts under a heading that says so ----------------------------------------


def _announced_lists(lines: Sequence[_Line], dropped: set[int]) -> set[int]:
    found: set[int] = set()
    last_prose = max((index for index, line in enumerate(lines) if line.is_prose and index not in dropped), default=-1)
    for index, line in enumerate(lines):
        if index in found or index in dropped or line.width > _SHORT:
            continue
        names_posts = bool(cues.LIST_HEAD.match(line.text))
        if (index > last_prose and cues.END_HEAD.match(line.text)) or (names_posts and _only_teasers(lines, index)):
            found.update((index, *_until_references(lines, range(index + 1, len(lines)))))
        elif names_posts:
            titles = _titles_under(lines, index)
            if titles:  # right above a paragraph it is a heading of the article's own
                found.update((index, *titles))
        elif cues.LIST_LINE.match(line.text) and line.is_title_like:
            found.add(index)
    return found


def _only_teasers(lines: Sequence[_Line], head: int) -> bool:
    """Whether what follows to the page's end, its last quarter at most, is titles, each with a teaser at most."""
    prose = [line for line in lines[head + 1 :] if line.is_prose]
    return (
        head > 0.75 * len(lines)
        and len(prose) <= 0.5 * (len(lines) - head - 1)
        and all(line.width <= _TEASER for line in prose)
    )


def _titles_under(lines: Sequence[_Line], head: int) -> list[int]:
    """The titles between a heading like "Related posts" and the article that goes on or starts below them."""
    prose = next((index for index in range(head + 1, len(lines)) if lines[index].is_prose), len(lines))
    titles = _until_references(lines, range(head + 1, prose))
    # The line right above the prose may be the article's own title or heading: it goes only if it is a list item too.
    if titles and not _is_one_of(lines, titles):
        titles.pop()
    # A gap ends a list whose own items stand close.
    for place, index in enumerate(titles):
        if place > 1 and lines[index].after_blank and not lines[titles[1]].after_blank:
            return titles[:place]
    return titles


def _until_references(lines: Sequence[_Line], indices: Sequence[int]) -> list[int]:
    result: list[int] = []
    for index in indices:
        if cues.REFERENCES.match(lines[index].text):
            break
        result.append(index)
    return result


def _is_one_of(lines: Sequence[_Line], titles: Sequence[int]) -> bool:
    """Whether the last of `titles` begins as most of the others do: the same bracket, bullet or word."""
    last = lines[titles[-1]].text
    others = [lines[index].text for index in titles[:-1]]
    if not others or last[0].isalnum():
        return False
    return sum(other[0] == last[0] for other in others) >= 0.6 * len(others)


# --- above the first and below the last sentence ----------------------------------------------


def _head(lines: Sequence[_Line], dropped: set[int]) -> set[int]:
    """Buttons, counters and instructions above the article's first paragraph, each by itself, and a menu."""
    rest = [index for index in range(min(len(lines), _HEAD_LINES)) if index not in dropped]
    head: list[int] = []
    for index in rest:
        if lines[index].is_prose and not lines[index].is_certain:
            break
        head.append(index)
    else:
        if len(rest) < _HEAD_LINES:
            return set()  # no prose at all: a list or a poem, of which nothing is known to be furniture
    found = {index for index in head if lines[index].is_certain}
    found |= {index for index in head if cues.NUMBER.match(lines[index].text) and {index - 1, index + 1} & found}
    return found | _menu(lines, [index for index in head if index not in found])


def _menu(lines: Sequence[_Line], head: Sequence[int]) -> set[int]:
    """Six or more short bare lines in a row at the very top, but for the three above the prose: title and byline."""
    run: list[int] = []
    for index in head[:-3]:
        if not lines[index].is_bare or lines[index].width > 24:
            break
        run.append(index)
    return set(run) if len(run) >= 6 else set()


def _tail(lines: Sequence[_Line], dropped: set[int]) -> set[int]:
    """From the topmost line below the prose that is certainly furniture, if only title-like lines lie between
    such lines; and a run of five or more bare titles that ends the page."""
    rest = [index for index in range(len(lines)) if index not in dropped]
    tail: list[int] = []
    for index in reversed(rest):
        line = lines[index]
        if not line.is_certain and (line.is_prose or cues.REFERENCE_ITEM.match(line.text)):
            break
        tail.insert(0, index)
    if len(tail) == len(rest):
        return set()  # no prose at all: a list or a poem
    found: set[int] = set()
    between = 0
    for index in reversed(tail):
        if lines[index].is_certain:
            found.update(position for position in tail if position >= index)
            between = 0
        else:
            between += 1
            if between > 3:
                break
    return found | _closing_titles(lines, [index for index in tail if index not in found], rest)


def _closing_titles(lines: Sequence[_Line], tail: Sequence[int], rest: Sequence[int]) -> set[int]:
    run: list[int] = []
    for index in reversed(tail):
        if not lines[index].is_bare:
            break
        run.insert(0, index)
    if len(run) < 5:
        return set()
    above = lines[rest[rest.index(run[0]) - 1]].text if run[0] != rest[0] else ""
    headlines = all(lines[index].width >= 22 and _words(lines[index].text) >= 5 for index in run)
    introduced = above.endswith((":", "：")) or cues.REFERENCES.match(above) is not None
    prose = sum(lines[index].width for index in rest if lines[index].is_prose)
    rare = prose > 2 * sum(lines[index].width for index in run)
    return set(run) if headlines and rare and not introduced else set()


def _words(text: str) -> int:
    return len(re.findall(f"[{CJK}]|\\w+", text))


def _adverts(lines: Sequence[_Line]) -> set[int]:
    """Lines that call themselves adverts, and adverts' marks and instructions that stand three times or more;
    these two wherever they stand."""
    counts = Counter(line.text for line in lines)
    return {
        index
        for index, line in enumerate(lines)
        if (line.width <= _TEASER and cues.MARKED_ADVERT.match(line.text))
        or (
            counts[line.text] >= 3
            and line.width <= _SHORT
            and (cues.ADVERT.match(line.text) or cues.INSTRUCTION.match(line.text))
        )
    }
