"""Text in pictures: photographs, scans, PDF pages without letters.

rapidocr 3.10.0 ships its models (PP-OCRv6 small, Chinese and English) in the wheel; nothing is fetched.
"""

import functools
import io
from collections import Counter
from collections.abc import Iterator, Sequence
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
_ASKED = 3  # lines that tell how a picture is turned
_TALL = 1.5  # times as high as wide: a line on its side, or one of Chinese from top to bottom
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
    that were left out, since they were read too unsurely to be what the picture says; by so many quarters the picture
    had to be `turned` to the left."""

    lines: list[Line]
    doubtful: int = 0
    turned: int = 0


@dataclass(frozen=True, slots=True)
class _Text:
    """A line in pixels, y growing downwards; `sure` of 1."""

    text: str
    sure: float
    left: float
    top: float
    right: float
    bottom: float


def recognise(image: "Image") -> Seen:
    """What stands in a picture. One on its side or head is turned, and places are as in it upright; a long one is read
    piece by piece, since its letters would be too small otherwise."""
    import numpy as np
    from PIL import ImageOps

    pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))[:, :, ::-1]  # rapidocr takes BGR
    found = list(_read(pixels))
    if quarters := _turned(pixels, found):
        found = list(_read(np.rot90(pixels, quarters)))
    lines = [
        Line(one.text, one.left, one.right, -one.bottom, -one.top, one.bottom - one.top)
        for one in found
        if one.sure >= SURE
    ]
    return Seen(reading_order(lines), len(found) - len(lines), quarters)


def _read(pixels: "NDArray[np.uint8]") -> Iterator[_Text]:
    import numpy as np

    for first, last in _pieces(pixels):
        piece = np.ascontiguousarray(pixels[first:last])
        found = _engine()(piece, use_det=True, use_cls=True)  # it keeps what it was last told
        if found.boxes is None or not found.txts:
            continue
        for box, text, sure in zip(found.boxes, found.txts, found.scores, strict=True):
            (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
            if text.strip():
                place = float(left), float(top) + first, float(right), float(bottom) + first
                yield _Text(text.strip(), float(sure), *place)


def _turned(pixels: "NDArray[np.uint8]", found: Sequence[_Text]) -> int:
    """By how many quarters to the left a picture has to be turned: most of its longest lines are read surely so, and
    not as they stand."""
    import numpy as np

    votes = []
    for line in sorted(found, key=lambda line: len(line.text), reverse=True)[:_ASKED]:
        crop = pixels[max(0, int(line.top)) : int(line.bottom) + 1, max(0, int(line.left)) : int(line.right) + 1]
        tall = crop.shape[0] > _TALL * crop.shape[1]
        sure = {}
        for quarters in (1, 3) if tall else (0, 2):
            read = _engine()(np.ascontiguousarray(np.rot90(crop, quarters)), use_det=False, use_cls=False)
            sure[quarters] = float(read.scores[0]) if read.scores else 0.0
        best = max(sure, key=lambda quarters: sure[quarters])
        votes.append(best if sure[best] >= SURE > min(sure.values()) else 0)
    vote, count = Counter(votes).most_common(1)[0] if votes else (0, 0)
    return vote if 2 * count > len(votes) else 0


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
