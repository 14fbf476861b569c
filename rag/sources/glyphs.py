"""The characters of a PDF page -> printed lines: those that its reader sees, raised figures apart, gaps between cells.

pdfium gives characters in the order of the page's content and says where a line ends. A line that it ends at a raised
figure goes on; one that ends in a broken word does not.
"""

import ctypes
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from ctypes import c_int, c_uint
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

from rag.sources import scripts
from rag.sources.printed import GAP, Line, Rule, around

SOFT_HYPHEN = "\u00ad"
_RECTANGLE = 5  # segments of a path
_TINY = 2.0  # points: a letter of this height is not for people
_SMALLER = 0.8  # of the height of the letters before: a raised or lowered one
_MOVED = 0.1  # of that height, up or down
_BOLD = 600  # weight of a font
_ALIKE = 5  # of 255 in each of red, green and blue
_OPAQUE = 128  # of 255
_SAMPLE = 8  # of so many letters one tells how they are turned
_INVISIBLE = (3, 7)  # render modes without paint
Box = tuple[float, float, float, float]
_MADE_OF = (10, 13)  # the line ends that pdfium adds


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character, or "" for the end of a line, with the box of its font: as high for "a" as for "g"."""

    text: str
    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    top: float = 0.0
    is_bold: bool = False

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 0.1)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Frame:
    """What of a page is shown, in the coordinates of its content, and by how many degrees it is turned to the right."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int

    @staticmethod
    def of(page: Any) -> "Frame":
        area = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, area)  # unlike get_cropbox it knows what a page inherits
        return Frame(area.left, area.bottom, area.right, area.top, page.get_rotation())

    def turned(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """(left, right, bottom, top) from the lower left corner of the page as it is shown."""
        left, right = box[0] - self.left, box[1] - self.left
        bottom, top = box[2] - self.bottom, box[3] - self.bottom
        width, height = self.right - self.left, self.top - self.bottom
        match self.turn:
            case 90:
                return bottom, top, width - right, width - left
            case 180:
                return width - right, width - left, height - top, height - bottom
            case 270:
                return height - top, height - bottom, left, right
            case _:
                return left, right, bottom, top


def upright_text(page: Any) -> Any:
    """The text page of a page, which is turned where most of its letters stand on their side or head."""
    text = page.get_textpage()
    some = range(0, text.count_chars(), _SAMPLE)
    turns = Counter(round(math.degrees(raw.FPDFText_GetCharAngle(text, at)) / 90) * -90 % 360 for at in some)
    turn, count = turns.most_common(1)[0] if turns else (0, 0)
    if turn != page.get_rotation() and 2 * count > len(some):
        page.set_rotation(turn)
        return page.get_textpage()  # pdfium orders letters as the page is shown
    return text


def lines(page: Any, text: Any, walls: Sequence[Rule] = ()) -> list[Line]:
    """The lines of a pypdfium2 page with this text page as it is shown; places in points from its lower left corner.
    `walls` are lines that stand between cells."""
    parts = ([cell for part in _cells(run, _crossed(run, walls)) if (cell := _cell(part))] for run in _runs(page, text))
    return [around(cells) for cells in parts if cells]


def image_share(page: Any) -> float:
    """Of the page's area, that of its pictures: a scan may come in strips."""
    width, height = page.get_size()
    bounds = (picture.get_bounds() for picture in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    area = sum((right - left) * (top - bottom) for left, bottom, right, top in bounds)
    return float(area / (width * height))


def _runs(page: Any, text: Any) -> Iterator[list[_Glyph]]:
    """The glyphs of each printed line."""
    run: list[_Glyph] = []
    ended = False
    for glyph in _glyphs(page, text):
        if glyph.text == "":
            ended = True
            continue
        if run and (run[-1].text == SOFT_HYPHEN or (ended and not _goes_on(run, glyph)) or _is_below(run, glyph)):
            yield run
            run = []
        run.append(glyph)
        ended = False
    yield run


def _is_below(run: Sequence[_Glyph], glyph: _Glyph) -> bool:
    """Whether a letter stands on another line, to the left: pdfium does not end one before a single letter."""
    last = next((before for before in reversed(run) if not before.text.isspace()), glyph)
    return not glyph.text.isspace() and glyph.top < last.bottom and glyph.left < last.left


def _goes_on(run: Sequence[_Glyph], glyph: _Glyph) -> bool:
    """Whether a line that pdfium ended goes on: beside its last letter, at its height or a raised or lowered mark."""
    last = run[-1]
    shared = min(last.top, glyph.top) - max(last.bottom, glyph.bottom)
    height = max(last.height, glyph.height)
    return shared > 0.5 * min(last.height, glyph.height) and -0.2 * height < glyph.left - last.right < 0.6 * height


def _glyphs(page: Any, text: Any) -> Iterator[_Glyph]:
    """What is seen, in the order of the content."""
    seen, frame = _Seen(page, text), Frame.of(page)
    place = raw.FS_RECTF()
    high = 0  # the first half of a character beyond the first plane
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in _MADE_OF:
            yield _Glyph("")
        elif 0xD800 <= code < 0xDC00:
            high = code
        elif code and raw.FPDFText_GetLooseCharBox(text, index, place):
            if 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
            box = (place.left, place.right, place.bottom, place.top)
            if raw.FPDFText_IsGenerated(text, index) == 1 or seen.shows(index, box):
                # pdfium's mark of a hyphen that the end of the line made, in its two forms
                letter = SOFT_HYPHEN if code in (0xFFFE, 0x0002) else chr(code)
                yield _Glyph(letter, *frame.turned(box), seen.is_bold)
            high = 0


class _Seen:
    """What of a page can be seen, and whether what was asked for last is bold. Text objects are judged once each, by
    their first letter."""

    def __init__(self, page: Any, text: Any) -> None:
        self._page, self._text = page, text
        self._frame = Frame.of(page)
        self._judged: dict[int, tuple[bool, bool]] = {}
        self.is_bold = False
        self._grounds: list[tuple[float, float, float, float, tuple[int, ...] | None, bool]] | None = None
        self._places: dict[int, int] = {}  # by text object: how many grounds were painted before it

    def shows(self, index: int, box: tuple[float, float, float, float]) -> bool:
        left, right, bottom, top = box
        frame = self._frame
        if right < frame.left or left > frame.right or top < frame.bottom or bottom > frame.top:
            return False
        found = raw.FPDFText_GetTextObject(self._text, index)
        key = ctypes.cast(found, ctypes.c_void_p).value or 0
        if key not in self._judged:
            seen = min(top - bottom, 99.0) >= _TINY and self._is_painted(found, index, box)
            self._judged[key] = seen, self._has_bold_font(index)
        seen, self.is_bold = self._judged[key]
        return seen

    def _has_bold_font(self, index: int) -> bool:
        name, flags = ctypes.create_string_buffer(128), c_int()
        raw.FPDFText_GetFontInfo(self._text, index, name, len(name), flags)
        return raw.FPDFText_GetFontWeight(self._text, index) >= _BOLD or b"bold" in name.value.lower()

    def _is_painted(self, found: Any, index: int, box: Box) -> bool:
        if not found:
            return True
        ground = self._ground(found, box)
        if raw.FPDFTextObj_GetTextRenderMode(found) in _INVISIBLE:
            return ground is None  # the text of a scan, under its picture
        red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
        if not raw.FPDFText_GetFillColor(self._text, index, red, green, blue, alpha):
            return True
        letters = (red.value, green.value, blue.value)
        return alpha.value > 0 and (
            ground is None or any(abs(a - b) > _ALIKE for a, b in zip(letters, ground, strict=True))
        )

    def _ground(self, found: Any, box: Box) -> tuple[int, ...] | None:
        """The colour that lies where a letter stands, or above it, which makes the letter as good as of this colour;
        None of a picture or a shading."""
        x, y = (box[0] + box[1]) / 2, (box[2] + box[3]) / 2
        if self._grounds is None:
            self._grounds = [*self._find_grounds()]
        place = self._places.get(ctypes.cast(found, ctypes.c_void_p).value or 0, len(self._grounds))
        ground: tuple[int, ...] | None = (255, 255, 255)
        for at, (left, bottom, right, top, colour, covers) in enumerate(self._grounds):
            if left <= x <= right and bottom <= y <= top:
                if at < place:
                    ground = colour
                elif covers and colour is not None and set(colour) in ({0}, {255}):
                    return self._colour(found)  # blacked out, or whited
        return ground

    def _colour(self, found: Any) -> tuple[int, ...]:
        parts = c_uint(), c_uint(), c_uint(), c_uint()
        raw.FPDFPageObj_GetFillColor(found, *parts)
        return tuple(part.value for part in parts[:3])

    def _find_grounds(self) -> Iterator[tuple[float, float, float, float, tuple[int, ...] | None, bool]]:
        """Pictures and areas that are filled, in the order in which they are painted; which of them lie below each text
        is kept on the way. Only a rectangle covers all that its bounds hold."""
        kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_TEXT]
        count, fill, stroke = 0, c_int(), c_int()
        for found in self._page.get_objects(kinds, max_depth=3):
            if found.type == raw.FPDF_PAGEOBJ_TEXT:
                self._places[ctypes.cast(found.raw, ctypes.c_void_p).value or 0] = count
                continue
            red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
            if found.type != raw.FPDF_PAGEOBJ_PATH:
                count += 1
                yield (*found.get_bounds(), None, False)
            elif (
                raw.FPDFPath_GetDrawMode(found, fill, stroke)
                and fill.value
                and raw.FPDFPageObj_GetFillColor(found, red, green, blue, alpha)
                and alpha.value >= _OPAQUE
            ):
                count += 1
                plain = raw.FPDFPath_CountSegments(found) <= _RECTANGLE
                yield (*found.get_bounds(), (red.value, green.value, blue.value), plain)


def _crossed(run: Sequence[_Glyph], walls: Sequence[Rule]) -> list[float]:
    """Where, from left to right, lines stand at the height of a run of letters."""
    middle = run[0].middle if run else 0.0
    return sorted(wall.at for wall in walls if wall.start <= middle <= wall.end)


def _cells(run: Sequence[_Glyph], walls: Sequence[float]) -> Iterator[list[_Glyph]]:
    """The parts of a line between wide gaps, or on both sides of a wall."""
    part: list[_Glyph] = []
    last: _Glyph | None = None
    for glyph in run:
        if not glyph.text.isspace():
            if last and (
                glyph.left - last.right > GAP * max(last.height, glyph.height)
                or bisect_right(walls, glyph.left + 1) > bisect_left(walls, last.right - 1)
            ):
                yield part
                part = []
            last = glyph
        part.append(glyph)
    yield part


def _cell(part: Sequence[_Glyph]) -> Line | None:
    """A line of these letters. Smaller ones that are moved up or down are written as `scripts` has it."""
    solid = [glyph for glyph in part if not glyph.text.isspace()]
    if not solid:
        return None
    text, mark, up = "", "", False
    base = solid[0]
    for glyph in part:
        moved = glyph.middle - base.middle
        small = glyph.height < _SMALLER * base.height and abs(moved) > _MOVED * base.height and bool(text)
        if mark and not (small and up == (moved > 0) and not glyph.text.isspace()):
            text, mark = text + _script(text, mark, up), ""
        if small and not glyph.text.isspace():
            mark, up = mark + glyph.text, moved > 0
        else:
            text += glyph.text
            base = base if glyph.text.isspace() else glyph
    text += _script(text, mark, up)
    bottom, top = min(glyph.bottom for glyph in solid), max(glyph.top for glyph in solid)
    left, right = min(glyph.left for glyph in solid), max(glyph.right for glyph in solid)
    bold = all(glyph.is_bold for glyph in solid)
    return Line(" ".join(text.split()), left, right, bottom, top, max(top - bottom, 1.0), is_bold=bold)


def _script(text: str, mark: str, up: bool) -> str:
    return (scripts.raised if up else scripts.lowered)(text, mark) if mark else ""
