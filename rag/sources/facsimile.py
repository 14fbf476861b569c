"""A page of a PDF as a picture, with the lines of a quote boxed.

The lines are found again by reading the page once more, in the way in which its text was read: so they are right in
columns, in tables and in scans too, and nothing of them has to be kept.
"""

import io
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from rag.errors import SourceFault
from rag.sources import glyphs
from rag.sources.layout import pieces
from rag.sources.pdf import opened
from rag.sources.printed import Line

_LONGEST = 1500  # pixels of the longer side
_MARGIN = 3  # pixels around a line
_FILL, _EDGE = (255, 196, 0, 64), (201, 104, 0, 255)


@dataclass(frozen=True, slots=True)
class Drawing:
    """`boxes` lines are boxed."""

    png: bytes
    boxes: int


def draw(content: bytes, uri: str, number: int, words: str = "", near: float = 0.0) -> Drawing:
    """Page `number` (from 1), the lines of `words` boxed; of several places that read so, those nearest to the share
    `near` of the page's text. Raises SourceFault where the file cannot be read or has no such page."""
    from PIL import Image, ImageDraw

    with opened(content, uri) as document:
        if not 1 <= number <= len(document.pdf):
            raise SourceFault("original.no_page", uri=uri, number=number)
        lines = document.lines(number - 1) if words.strip() else None  # first: a scan on its side is turned by it
        page = document.pdf[number - 1]
        glyphs.upright_text(page)
        width, height = page.get_size()
        scale = _LONGEST / max(width, height)
        picture = page.render(scale=scale).to_pil().convert("RGB")
    marked = find_lines(lines or [], words, near)
    boxes = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(boxes)
    for line in marked:
        left, right = line.left * scale - _MARGIN, line.right * scale + _MARGIN
        top, bottom = (height - line.top) * scale - _MARGIN, (height - line.bottom) * scale + _MARGIN
        pen.rectangle((left, top, right, bottom), _FILL, _EDGE, 2)
    picture.paste(boxes, mask=boxes)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return Drawing(out.getvalue(), len(marked))


def find_lines(page: Sequence[Line], words: str, near: float = 0.0) -> list[Line]:
    """The lines of a page in which `words`, a part of its text, stand."""
    lines = [line for piece in pieces(page) for line in piece]
    found: set[int] = set()
    for wanted in filter(None, words.split("\n")):
        found |= _places([line.row or line.text for line in lines], wanted, near) or (
            # A row of a table that began pages before is written with names that stand there.
            _places([line.text for line in lines], " ".join(map(_value, wanted.split(" | "))), near)
        )
    return [lines[number] for number in sorted(found)]


def _places(texts: Sequence[str], wanted: str, near: float) -> set[int]:
    """The numbers of the texts in which `wanted` stands; of several places the one nearest to the share `near`."""
    letters, sought = list(map(_letters, texts)), _letters(wanted)
    starts = list(accumulate(map(len, letters), initial=0))
    places = [place.start() for place in re.finditer(f"(?={re.escape(sought)})", "".join(letters))] if sought else []
    if not places:
        return set()
    start = min(places, key=lambda place: abs(place - near * starts[-1]))
    numbers = range(bisect_right(starts, start) - 1, bisect_right(starts, start + len(sought) - 1))
    return {number for number in numbers if letters[number]}


def _value(cell: str) -> str:
    return cell.partition(": ")[2] or cell


def _letters(text: str) -> str:
    """What is left of a text whatever breaks its lines and joins its words."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text))).casefold()
