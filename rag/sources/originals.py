"""PDFs of the web as they were read, so that a citation can show their pages; a file of this machine is shown from its
place, where it is still the one that was read."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from rag.errors import GoneFault
from rag.sources.bounded import keep
from rag.types import Page

_ENDING = ".pdf"


@dataclass(frozen=True, slots=True)
class Originals:
    """In `folder`, named by the hash of their bytes, at most `megabytes` of them: the oldest go first."""

    folder: Path
    megabytes: float = 500.0

    @staticmethod
    def beside(index: Path, megabytes: float = 500.0) -> "Originals":
        """Those of the index in this folder."""
        return Originals(index.parent / "originals" / index.name, megabytes)

    def keep(self, page: Page, content: bytes) -> None:
        """The file that `page` was read from, where its pages can be drawn. Raises ConfigFault."""
        if page.file_sha256 and _is_web(page.uri) and len(content) <= self.megabytes * 1e6:
            keep(self._file(page.file_sha256), content, self.megabytes)

    def find(self, page: Page) -> bytes:
        """The file that `page` was read from. Raises GoneFault where it is not there any more, or not the same."""
        try:
            content = (self._file(page.file_sha256) if _is_web(page.uri) else Path(page.uri)).read_bytes()
        except OSError as error:
            raise GoneFault("original.gone", uri=page.uri) from error
        if hashlib.sha256(content).hexdigest() != page.file_sha256:
            raise GoneFault("original.gone", uri=page.uri)
        return content

    def sweep(self, used: Collection[str]) -> None:
        """Delete those that are not among the hashes `used`: of sources that were taken out or have changed."""
        for file in self.folder.glob(f"*{_ENDING}"):
            if file.stem not in used:
                file.unlink(missing_ok=True)

    def _file(self, sha256: str) -> Path:
        return self.folder / f"{sha256}{_ENDING}"


def _is_web(uri: str) -> bool:
    return uri.startswith(("http://", "https://"))
