"""Text in the pictures that a document holds: read by OCR within bounds, and marked as what a picture shows."""

import hashlib
import time
import zipfile
import zlib
from dataclasses import dataclass, field

from rag.errors import SourceFault
from rag.sources.charset import clean
from rag.text.language import language

MOST = 40  # pictures of a document
SECONDS = 60.0  # for all of them; the one at work is finished
_BYTES = 20_000_000  # of one
_MARKS = {"zh": "[图片] "}
_MARK = "[Picture] "


def part(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """A part of an office file; None where it is not there or damaged, which does not end the rest."""
    try:
        return archive.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


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
