"""Text in pictures: photographs, scans, PDF pages without letters.

rapidocr 3.10.0 ships its models (PP-OCRv6 small, Chinese and English) in the wheel; nothing is fetched.
"""

import functools
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelFault, SourceFault
from rag.sources.layout import paragraphs, reading_order
from rag.sources.paged import paged
from rag.sources.printed import Line
from rag.types import Page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

# A scan of A3 at 600 dpi has 70 million; Pillow itself warns from 89 million on.
_MAX_PIXELS = 80_000_000
_THREADS = 2
_SIDE = 2000  # pixels: a picture is made so small before it is read
_LONG = 1.3  # times that: what is longer is cut
SURE = 0.8  # of 1: of blurred, tiny and noisy letters, lines below it had more than half of them wrong, those above 1%


def read_image(content: bytes, uri: str) -> Page:
    """The text of a picture (of every frame of a TIFF). Raises SourceFault for a damaged or enormous one."""
    pages = _seen(content, uri)
    text, starts = paged("\n".join(paragraphs([page.lines for page in pages])))
    left_out = doubted(sum(page.doubtful for page in pages))
    return Page(uri, text, page_starts=starts if len(pages) > 1 else (), left_out=left_out)


def read_picture(content: bytes, uri: str) -> tuple[str, int]:
    """(the paragraphs of a picture within a document, a line each; how many lines were doubtful). Raises
    SourceFault."""
    first = _seen(content, uri)[0]
    return "\n".join(paragraphs([first.lines])), first.doubtful


def _seen(content: bytes, uri: str) -> "list[Seen]":
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise SourceFault(
                    f"{uri} has {image.width} x {image.height} pixels, more than can be read. Save a smaller copy."
                )
            return [recognise(frame) for frame in ImageSequence.Iterator(image)]
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise SourceFault(f"{uri} is damaged: the picture cannot be opened ({error}). Get a fresh copy.") from error


@dataclass(frozen=True, slots=True)
class Seen:
    """The printed lines in a picture, in reading order; places in pixels, y growing upwards. `doubtful` counts those
    that were left out, since they were read too unsurely to be what the picture says."""

    lines: list[Line]
    doubtful: int = 0


def recognise(image: "Image") -> Seen:
    """What stands in a picture; a long one is read piece by piece, since its letters would be too small otherwise."""
    import numpy as np
    from PIL import ImageOps

    pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))[:, :, ::-1]  # rapidocr takes BGR
    lines: list[Line] = []
    doubtful = 0
    for first, last in _pieces(pixels):
        found = _engine()(np.ascontiguousarray(pixels[first:last]))
        if found.boxes is None or not found.txts:
            continue
        for box, text, sure in zip(found.boxes, found.txts, found.scores, strict=True):
            (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
            top, bottom = float(top) + first, float(bottom) + first
            if text.strip() and sure >= SURE:
                lines.append(Line(text.strip(), float(left), float(right), -bottom, -top, bottom - top))
            doubtful += bool(text.strip()) and sure < SURE
    return Seen(reading_order(lines), doubtful)


def doubted(lines: int) -> str:
    """How a source says what was left out."""
    return f"{lines} line{'s' if lines > 1 else ''} of doubtful letters in pictures" if lines else ""


def _pieces(pixels: "NDArray[np.uint8]") -> Iterator[tuple[int, int]]:
    """The rows from and to which a picture is read at once, cut where a row has least on it."""
    height, width = pixels.shape[:2]
    most = max(_SIDE, width)
    ink = pixels.std(axis=(1, 2)) if height > _LONG * most else None
    first = 0
    while ink is not None and height - first > _LONG * most:
        row = first + most - most // 4
        first, before = row + _emptiest(ink[row : first + most]), first
        yield before, first
    yield first, height


def _emptiest(ink: "NDArray[np.float64]") -> int:
    """The middle of the widest run of rows with the least on them."""
    import numpy as np

    empty = np.flatnonzero(ink <= ink.min() + 1)
    runs = np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1)
    widest = max(runs, key=len)
    return int(widest[len(widest) // 2])


@functools.cache
def _engine() -> Any:
    """Loaded once a process: it takes a second."""
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    if not list(models.glob("*rec*.onnx")) or not list(models.glob("*det*.onnx")):
        # Without them rapidocr would try to download; a reading tool does not call out unasked.
        raise ModelFault(
            f"The OCR models are missing from {models}. Install again: pip install --force-reinstall rapidocr"
        )
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.model_root_dir": str(models),
            "Global.max_side_len": _SIDE,
            "Global.text_score": 0.0,
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
        }
    )
