"""What lies on a PDF page and is no part of its content: values of a form, comments."""

from collections.abc import Callable, Iterator, Sequence
from ctypes import c_ushort
from typing import Any

from pypdfium2 import raw

from rag.sources.glyphs import Frame
from rag.sources.printed import Line

_MARKS = (raw.FPDF_ANNOT_TEXT, *range(raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_CARET + 1))  # with comments on them
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW


def lines(page: Any, forms: Any, text: Sequence[Line]) -> Iterator[Line]:
    """A line each, at its place. `text` are the lines of the page; `forms` is None where it has no form."""
    frame, place = Frame.of(page), raw.FS_RECTF()
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, index)
        if raw.FPDFAnnot_GetRect(note, place) and not raw.FPDFAnnot_GetFlags(note) & _UNSEEN:
            box = frame.turned((place.left, place.right, place.bottom, place.top))
            if said := _said(note, forms, box, text):
                yield Line(said, *box, max(box[3] - box[2], 1.0), row=said)
        raw.FPDFPage_CloseAnnot(note)


def _said(note: Any, forms: Any, box: tuple[float, float, float, float], text: Sequence[Line]) -> str:
    kind = raw.FPDFAnnot_GetSubtype(note)
    if kind == raw.FPDF_ANNOT_WIDGET and forms:
        form = raw.FPDFAnnot_GetFormFieldType(forms, note)
        if form == raw.FPDF_FORMFIELD_PUSHBUTTON or (
            form == raw.FPDF_FORMFIELD_RADIOBUTTON and not raw.FPDFAnnot_IsChecked(forms, note)
        ):
            return ""  # each of a group of buttons has the value of the one that is chosen
        value = _read(lambda *room: raw.FPDFAnnot_GetFormFieldValue(forms, note, *room))
        name = _beside(box, text) or _read(lambda *room: raw.FPDFAnnot_GetFormFieldName(forms, note, *room))
        return f"{name}: {value}" if value not in ("", "Off") else ""  # of a box that is not ticked
    if kind != raw.FPDF_ANNOT_FREETEXT and kind not in _MARKS:
        return ""
    said = _read(lambda *room: raw.FPDFAnnot_GetStringValue(note, b"Contents", *room))
    if kind == raw.FPDF_ANNOT_FREETEXT or not said:
        return said
    author = _read(lambda *room: raw.FPDFAnnot_GetStringValue(note, b"T", *room))
    return f"Comment by {author}: {said}" if author else f"Comment: {said}"


def _beside(box: tuple[float, float, float, float], text: Sequence[Line]) -> str:
    """The nearest text at the height of a field, most of it."""
    left, right, bottom, top = box
    cells = [cell for line in text for cell in line.cells or (line,)]
    level = [
        cell for cell in cells if min(cell.top, top) - max(cell.bottom, bottom) > 0.5 * min(cell.size, top - bottom)
    ]
    nearest = min(level, key=lambda cell: max(cell.left - right, left - cell.right, 0.0), default=None)
    return nearest.text.rstrip(" :：") if nearest else ""


def _read(ask: Callable[[Any, int], int]) -> str:
    """A text of pdfium's, which is asked for its length first."""
    size = ask(None, 0)
    buffer = (c_ushort * (size // 2 + 1))()
    ask(buffer, size)
    return " ".join(bytes(buffer)[: max(0, size - 2)].decode("utf-16-le", "replace").split())
