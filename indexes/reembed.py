"""All of an index embedded anew with another embedder, in a build beside the one that goes on answering.

Nothing is fetched: pages are cut and embedded from the text that is kept.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from indexes.rebuild import AIM, CUT
from rag.config import Config
from rag.index import made_with, staging
from rag.index.files import STORE, current_build
from rag.index.index import Index
from rag.index.store import Store
from rag.protocols import Embedder
from rag.sources.chunk import chunk
from rag.sources.look import cutting
from rag.types import Chunk, Page

Tell = Callable[[int, int], None]  # pages done, pages in all


def wants(folder: Path, embedder: Embedder) -> bool:
    """Whether another embedder made the build in use. Raises IndexFault."""
    store = Store(folder / (current_build(folder) or "") / STORE)
    made = store.identity.embedder
    store.close()
    return made != embedder.name


def reembed(config: Config, name: str, embedder: Embedder, tell: Tell = lambda done, total: None) -> tuple[int, int]:
    """(pages, texts embedded). What is broken off goes on at the next call; the build before stays, to go back to.

    Raises IndexFault, ModelFault; the build in use goes on answering then.
    """
    folder = config.built / name
    with staging.rebuilding(folder):
        source = Store(folder / (current_build(folder) or "") / STORE)
        try:
            uris = [uri for uri, _ in source.digests()]
            aim = int(source.origins.noted(AIM) or config.chunk.tokens)
            with Index.stage(folder, embedder, config.search.rrf) as index:
                for done, _ in enumerate(index.put(_cut(source, uris, aim, embedder)), 1):
                    tell(done, len(uris))
                index.store.origins.take(source.origins)
                if index.store.origins.noted(CUT):
                    index.store.origins.note(CUT, cutting(aim, embedder.max_tokens, embedder.name))
                made_with.note(index.store.origins, config.embedder)
                index.promote()
                return len(uris), index.embedded
        finally:
            source.close()


def _cut(source: Store, uris: list[str], aim: int, embedder: Embedder) -> Iterator[tuple[Page, list[Chunk]]]:
    for uri in uris:
        if page := source.page(uri):  # else it was removed meanwhile
            yield page, chunk(page, embedder.token_ends, aim, embedder.max_tokens)
