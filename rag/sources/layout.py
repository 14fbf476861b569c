"""Printed lines with their places -> paragraphs: for PDF pages and for what OCR sees.

A page breaks lines where the paper ends, and a sentence broken in two can be neither found nor quoted whole.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rag.sources.paged import PAGE_MARK
from rag.sources.printed import Line, continued, parts
from rag.text.scripts import CJK

_STARTS_ITEM = re.compile(
    r"(?:[•●○■◆▪–—*·-]\s*|\(?[0-9]{1,3}[.)、．]\s*|[（(][一二三四五六七八九十0-9]+[)）]|[一二三四五六七八九十]+、)\S"
)
_WIDE = re.compile(f"[{CJK}\u3000-\u303f\uff00-\uffef]")
_CLOSER = re.compile("[，。、；：？！）」』”’》】,.;:?!)]")  # never begins a line, unless a program put it there
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.|seite|第|[-–—\[\s])*(\d{1,5})[-–—\]\s]*(?:页|頁)?(?:\s*(?:/|of|von|共)\s*\d{1,5}\s*(?:页|頁)?)?", re.I
)
_WITH_PAGE = re.compile(r"(?:\bpage|\bseite|第)\s*(\d{1,5})", re.I)
_LETTER = re.compile(r"[^\W\d_]")  # a line without any is a row of figures
_OPEN_HYPHEN = re.compile(r"\w-$")  # "3-" at the end of a line, or of a compound
_HYPHENED = re.compile(r"\w+-\w+")
_BROKEN_WORD = re.compile(rf"(\w+)\u00ad({PAGE_MARK}*)(\w+)")
_SAME_SIZE = 0.2  # of a line's height: less is noise of measuring, more is a heading
_CELLS = 0.5  # of the lines' width: a gap as wide lies between cells
_PAIRED = 0.8  # of the lines of a column of cells have one beside them
_APART = 1.8  # heights of a line from a running head to the text
_SENTENCE_END = re.compile(r"[.!?。！？:：;；][\"'”’」』)）]*$")


def paragraphs(pages: Sequence[Sequence[Line]]) -> list[str]:
    """The pages' paragraphs in the order of their lines, a row of a table each; without page numbers, a running head
    once. Each page but the first begins with PAGE_MARK, also within a paragraph.

    Lines are joined where the first word of the next one would not have fitted, and nothing else
    (an indent, a gap, a larger letter, a list mark) says that a paragraph starts.
    """
    result: list[str] = []
    previous: list[Line] = []
    table: Sequence[Line] = ()
    marks = ""
    for page in _without_running_heads(pages):
        groups = list(pieces(page))
        for at, group in enumerate(groups):
            if group[0].row:
                rows = continued(group, table) if at == 0 and len(group) > 1 else group  # a ruled row comes alone
                result += [f"{marks if not number else ''}{row.row}" for number, row in enumerate(rows)]
                if rows is group:
                    table = group
            elif previous and _goes_on_over_page(previous, group):
                text = joined(group)
                before = f"{result[-1][:-1]}\u00ad" if _OPEN_HYPHEN.search(result[-1]) else result[-1]
                result[-1] = before + _space(before, text) + marks + text
            else:
                result.append(marks + joined(group))
            previous, marks = [], ""
        table = table if groups and groups[-1][0].row else ()
        previous = list(page[-1:]) if page and not page[-1].cells else []
        marks += PAGE_MARK
    return _with_whole_words([*result[:-1], result[-1] + marks[:-1]] if result else [])


def pieces(page: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each paragraph, and the rows of each table."""
    for part in parts(page):
        if part[0].row:
            yield part
        else:
            for block in _blocks(part):
                yield from _groups(block)


def _with_whole_words(paragraphs: Sequence[str]) -> list[str]:
    """Words that the end of a line broke, made whole; with a hyphen where the text has them so elsewhere."""
    hyphened = {word for text in paragraphs for word in _HYPHENED.findall(text)}

    def whole(found: re.Match[str]) -> str:
        before, marks, after = found.groups()
        return f"{before}{'-' if f'{before}-{after}' in hyphened else ''}{marks}{after}"

    return [_BROKEN_WORD.sub(whole, text).replace("\u00ad", "") for text in paragraphs]


def reading_order(lines: Sequence[Line]) -> list[Line]:
    """Lines of a page whose order is unknown: columns from left to right, each from the top (a recursive XY cut)."""
    if len(lines) < 2:
        return list(lines)
    for side, other in (_cut(lines, across=True), _cut(lines, across=False)):
        if side and other:
            return reading_order(side) + reading_order(other)
    return sorted(lines, key=lambda line: (-round(line.top / max(line.size, 1)), line.left))


def _cut(lines: Sequence[Line], across: bool) -> tuple[list[Line], list[Line]]:
    """Split at the widest white band: a gutter between columns (`across`), or a gap between rows.

    A gutter needs three lines on each side, so that a row of a table is not taken for columns; and what is wide beside
    the lines that it parts, which stand in pairs at one height, lies between the cells of a table.
    """

    def near(line: Line) -> float:
        return line.left if across else -line.top

    def far(line: Line) -> float:
        return line.right if across else -line.bottom

    ordered = sorted(lines, key=near)
    size = sorted(line.size for line in lines)[len(lines) // 2]
    best, place, reach = 0.6 * size if across else 0.0, 0, far(ordered[0])
    least = 3 if across else 1
    for index, line in enumerate(ordered[1:], start=1):
        gap = near(line) - reach
        if gap > best and least <= index <= len(ordered) - least:
            if across and _parts_cells(gap, ordered[:index], ordered[index:]):
                reach = max(reach, far(line))
                continue
            best, place = near(line) - reach, index
        reach = max(reach, far(line))
    return ordered[:place], ordered[place:]


def _parts_cells(gap: float, left: Sequence[Line], right: Sequence[Line]) -> bool:
    fewer, more = sorted((left, right), key=len)
    beside = min(fewer, more, key=lambda side: sum(line.right - line.left for line in side) / len(side))
    width = sum(line.right - line.left for line in beside) / len(beside)
    paired = sum(any(one.bottom < other.middle < one.top for other in more) for one in fewer)
    return gap > _CELLS * width and paired >= _PAIRED * len(fewer)


def _without_running_heads(pages: Sequence[Sequence[Line]]) -> list[Sequence[Line]]:
    """Drop page numbers, a running head after its first page and a running foot before its last, so that neither stands
    in a sentence.

    A page number is a number alone, or with the word for it, that grows by one a page on half the pages; a running head
    is the same text on half of them, set apart from the rest. Lines that differ in a figure say different things, and
    all stay.
    """
    if len(pages) < 3:
        return list(pages)
    named = [_running_names(page, number) for number, page in enumerate(pages)]
    counts = Counter(name for names in named for name in set(names.values()))
    stays: dict[tuple[bool, str | int], int] = {}
    for number, names in enumerate(named):
        for foot, name in names.values():
            stays[foot, name] = number if foot else stays.get((foot, name), number)
    least = max(3, len(pages) / 2)
    return [
        [
            line
            for at, line in enumerate(page)
            if at not in names
            or counts[names[at]] < least
            or (isinstance(names[at][1], str) and stays[names[at]] == number)
        ]
        for number, (page, names) in enumerate(zip(pages, named, strict=True))
    ]


def _running_names(page: Sequence[Line], number: int) -> dict[int, tuple[bool, str | int]]:
    """Of the first and last two lines of a page: whether it is one of the last, and what it is known by. One that is no
    more than a number, or that white space sets apart."""
    printed = [at for at, line in enumerate(page) if not line.row]
    found: dict[int, tuple[bool, str | int]] = {}
    for foot, edge in ((False, printed[:3]), (True, printed[:-4:-1])):
        for place, at in enumerate(edge[:2]):
            name = _running_name(page[at].text, number)
            if isinstance(name, int) or any(_are_apart(page[a], page[b]) for a, b in itertools.pairwise(edge[place:])):
                found.setdefault(at, (foot, name))
    return found


def _are_apart(one: Line, other: Line) -> bool:
    return abs(one.top - other.top) > _APART * max(one.size, other.size) or one.right < other.left


def _running_name(text: str, page: int) -> str | int:
    """What a line is known by on other pages: its text, with how far its page number is ahead of the pages in place of
    that; or only this, where it is no more than the number."""
    if number := _PAGE_NUMBER.fullmatch(text.strip()):
        return int(number.group(1)) - page
    number = _WITH_PAGE.search(text)
    return f"{text[: number.start(1)]}{int(number.group(1)) - page}{text[number.end(1) :]}" if number else text


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of lines one under another, each overlapping the next from side to side."""
    blocks: list[list[Line]] = []
    for line in lines:
        above = blocks[-1][-1] if blocks else None
        if (
            above is not None
            and line.top < above.top
            and above.bottom - line.top < 1.2 * max(above.size, line.size)
            and min(above.right, line.right) - max(above.left, line.left) > 0
        ):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _groups(block: Sequence[Line]) -> list[list[Line]]:
    """A block's lines, a list a paragraph."""
    left = min(line.left for line in block)
    right = max(line.right for line in block)
    steps = sorted(above.top - below.top for above, below in itertools.pairwise(block))
    step = steps[len(steps) // 3] if steps else 0.0
    groups = [[block[0]]]
    for above, below in itertools.pairwise(block):
        # A long line without a full stop goes on, even where a word more had fitted: breaking is no exact art.
        may_end = bool(_SENTENCE_END.search(above.text)) or above.right - left < 0.7 * (right - left)
        starts = (
            (may_end and _fits(below, right - above.right))
            or (below.left - left > 0.8 * below.size and below.left - above.left > 0.8 * below.size)
            or abs(above.size - below.size) > _SAME_SIZE * above.size
            or above.top - below.top > 1.35 * step
            or _STARTS_ITEM.match(below.text)
        )
        goes_on = _CLOSER.match(below.text) or above.text.endswith(("\u00ad", "-"))
        if (starts and not goes_on) or not (_LETTER.search(above.text) and _LETTER.search(below.text)):
            groups.append([below])
        else:
            groups[-1].append(below)
    return groups


def _fits(line: Line, room: float) -> bool:
    """Whether the first word of `line`, with a space, would have had room on the line above it."""
    first = 1 if _WIDE.match(line.text) else len(line.text.split(maxsplit=1)[0]) + 1
    return (line.right - line.left) * (first + 0.5) / max(1, len(line.text)) < room


def _goes_on_over_page(before: Sequence[Line], after: Sequence[Line]) -> bool:
    """A sentence that the end of a page (or column) interrupts: no full stop before it, no capital or mark after."""
    text = after[0].text
    return (
        not _SENTENCE_END.search(before[-1].text)
        and abs(before[-1].size - after[0].size) <= _SAME_SIZE * before[-1].size
        and not _STARTS_ITEM.match(text)
        and (text[:1].islower() or (bool(_WIDE.match(text)) and len(before[-1].text) > 15))
    )


def joined(lines: Sequence[Line]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        text += _space(text, line.text) + line.text
    return text


def _space(before: str, after: str) -> str:
    """None between Chinese or Japanese characters, nor in a word that the line's end breaks."""
    if before.endswith("\u00ad") or _OPEN_HYPHEN.search(before):
        return ""
    return "" if _WIDE.match(before[-1:]) and _WIDE.match(after) and not _is_hangul(before[-1:] + after[:1]) else " "


def _is_hangul(text: str) -> bool:
    return any("\uac00" <= character <= "\ud7af" for character in text)
