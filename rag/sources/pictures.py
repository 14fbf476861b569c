"""Text in the pictures that a document holds: read by OCR within bounds, and marked as what a picture shows."""

import base64
import binascii
import hashlib
import io
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from rag.errors import SourceFault
from rag.sources import hidden
from rag.sources.charset import clean
from rag.text.language import language

MOST = 40  # pictures of a document
SECONDS = 60.0  # for all of them; the one at work is finished
_BYTES = 20_000_000  # of one
_LEAST_WIDTH, _LEAST_HEIGHT = 120, 24  # pixels of one in a page: what is smaller is a sign or a line
_MARKS = {"zh": "[图片] "}
_MARK = "[Picture] "


def part(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """A part of an office file; None where it is not there or damaged, which does not end the rest."""
    try:
        return archive.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


def write_in(root: "etree._Element", pictures: "Pictures", find: Callable[[str], bytes | None]) -> None:
    """Put what its pictures show in their places in a page of HTML, those aside that are hidden. `find` gives the file
    behind a `src`; those that it has none of are left alone, as are signs and lines."""
    found = {image: find(str(image.get("src", "")).strip()) for image in root.iter("img")}
    held = {image: content for image, content in found.items() if content is not None and _may_say(content)}
    if not held:
        return
    hidden.apply_styles(root)
    for image in [image for image in root.iter("img") if image in held]:
        lines = pictures.lines(held[image])
        image.tag = "div"
        for line in lines:
            etree.SubElement(image, "p").text = line


def behind(src: str, uri: str) -> bytes | None:
    """The picture that a page of HTML holds within itself or, where it is a file, that lies in its folder or below.
    Those of the web are not asked for."""
    if src.startswith("data:image/"):
        head, _, body = src.partition(",")
        try:
            return base64.b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)
        except (binascii.Error, ValueError):
            return None
    folder = Path(uri).parent
    try:
        split = urlsplit(src)
        place = (folder / unquote(split.path)).resolve()
        near = folder.is_absolute() and not (split.scheme or split.netloc) and place.is_relative_to(folder.resolve())
        return place.read_bytes() if near and place.is_file() and place.stat().st_size <= _BYTES else None
    except (OSError, ValueError):  # no name that a file can have
        return None


def has_some(content: bytes, uri: str) -> bool:
    """Whether `behind` may find one in this page of HTML."""
    is_file = not uri.startswith(("http://", "https://"))
    return b"data:image/" in content or (is_file and b"<img" in content.lower())


def _may_say(content: bytes) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.width >= _LEAST_WIDTH and image.height >= _LEAST_HEIGHT
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return True  # told with the unread


@dataclass(slots=True)
class Pictures:
    """The pictures of one document. `unread` counts those that gave no text: they hold none, are of a form that cannot
    be read, or came after the bounds."""

    unread: int = 0
    doubtful: int = 0
    _known: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    _spent: float = 0.0

    def lines(self, content: bytes | None) -> tuple[str, ...]:
        """The paragraphs in a picture, each with a mark before it; a picture that came before is said once. None is one
        that cannot be had."""
        name = hashlib.sha256(content or b"").digest()
        if content and name in self._known:
            self.unread += not self._known[name]
            return ()
        found = self._read(content) if content else ()
        self._known[name] = found
        self.unread += not found
        return found

    @property
    def left_out(self) -> str:
        """How the source says what was not read."""
        told = f"{self.unread} picture{'s' if self.unread > 1 else ''}" if self.unread else ""
        if not self.doubtful:
            return told
        from rag.sources.ocr import doubted

        return ", ".join(filter(None, (told, doubted(self.doubtful))))

    def _read(self, content: bytes) -> tuple[str, ...]:
        if len(self._known) >= MOST or self._spent > SECONDS or len(content) > _BYTES:
            return ()
        from rag.sources.ocr import read_picture  # numpy and Pillow would slow every start

        began = time.monotonic()
        try:
            text, doubtful = read_picture(content, "")
        except SourceFault:  # of another form (EMF, SVG), damaged or enormous: counted with the unread
            return ()
        finally:
            self._spent += time.monotonic() - began
        self.doubtful += doubtful
        lines = tuple(line for line in clean(text).split("\n") if line.strip())
        mark = _MARKS.get(language(text), _MARK)
        return tuple(f"{mark}{line}" for line in lines)
