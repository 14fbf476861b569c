"""Text in pictures: photographs, scans, PDF pages without letters.

rapidocr 3.10.0 ships its models (PP-OCRv6 small, Chinese and English) in the wheel; nothing is fetched.
"""

import functools
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelFault, SourceFault
from rag.sources.layout import paragraphs, reading_order
from rag.sources.paged import paged
from rag.sources.printed import Line
from rag.types import Page

if TYPE_CHECKING:
    from PIL.Image import Image

# A scan of A3 at 600 dpi has 70 million; Pillow itself warns from 89 million on.
_MAX_PIXELS = 80_000_000
_THREADS = 2


def read_image(content: bytes, uri: str) -> Page:
    """The text of a picture (of every frame of a TIFF). Raises SourceFault for a damaged or enormous one."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise SourceFault(
                    f"{uri} has {image.width} x {image.height} pixels, more than can be read. Save a smaller copy."
                )
            pages = [recognise(frame) for frame in ImageSequence.Iterator(image)]
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise SourceFault(f"{uri} is damaged: the picture cannot be opened ({error}). Get a fresh copy.") from error
    text, starts = paged("\n".join(paragraphs(pages)))
    return Page(uri, text, page_starts=starts if len(pages) > 1 else ())


def recognise(image: "Image") -> list[Line]:
    """The printed lines in a picture, in reading order; places in pixels, y growing upwards."""
    import numpy as np
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image).convert("RGB")
    found = _engine()(np.asarray(upright)[:, :, ::-1])  # rapidocr takes BGR
    if found.boxes is None or not found.txts:
        return []
    lines = []
    for box, text in zip(found.boxes, found.txts, strict=True):
        (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
        if text.strip():
            lines.append(
                Line(text.strip(), float(left), float(right), float(-bottom), float(-top), float(bottom - top))
            )
    return reading_order(lines)


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
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
        }
    )
