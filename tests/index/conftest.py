"""Pages and embedders for the tests of the index; nothing stands in for SQLite, FAISS or tantivy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.index.embed import HashEmbedder
from rag.types import Chunk, Page

Pair = tuple[Page, list[Chunk]]


class CountingEmbedder(HashEmbedder):
    """Remembers the passages it was asked to embed."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def passages(self, texts):
        self.embedded.extend(texts)
        return super().passages(texts)

    def queries(self, texts):
        return HashEmbedder().queries(texts)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "built" / "notes"


@pytest.fixture
def pair() -> Callable[..., Pair]:
    """(uri, text, size) -> the page and its chunks, each `size` characters long but the last."""

    def make(uri: str, text: str, size: int = 60, **facts: str) -> Pair:
        page = Page(uri, text, **facts)
        starts = range(0, len(text), size)
        chunks = [Chunk(uri, page.sha256, at, min(at + size, len(text)), text[at : at + size]) for at in starts]
        return page, chunks

    return make
