"""Sources into an index, and what came of each kept: the one way in for the command line and the page."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from rag.config import Config
from rag.index.attempts import Attempts
from rag.index.index import Index
from rag.sources.ingest import Outcome, ingest
from rag.sources.originals import Originals
from rag.sources.stopping import NEVER


def add(
    targets: Sequence[str],
    index: Index,
    config: Config,
    begin: Callable[[str], None] = lambda uri: None,
    stop: threading.Event = NEVER,
) -> Iterator[Outcome]:
    """Read every source behind `targets` (files, folders, addresses) and shelve it; `begin` is told each before it is
    read, and `stop` ends it, both as of `ingest`. Raises Fault as that does."""
    sizes = config.chunk.tokens, index.embedder.max_tokens
    originals = Originals.beside(index.folder, config.fetch.originals_megabytes)
    read = ingest(targets, index.put, index.embedder.token_ends, *sizes, config.fetch, originals.keep, begin, stop)
    yield from noted(read, index)


def noted(outcomes: Iterable[Outcome], index: Index) -> Iterator[Outcome]:
    """The same outcomes, each kept beside the index before it is told. What was left alone was no attempt."""
    attempts = Attempts(index.folder)
    for outcome in outcomes:
        if outcome.status != "skipped":
            attempts.note(outcome.uri, outcome.status, outcome.error)
        yield outcome


def remove(uri: str, index: Index) -> bool:
    """Take a source out, or forget one that never came in; False where nothing was known of it. Raises IndexFault."""
    attempts = Attempts(index.folder)
    known = uri in attempts.all()
    attempts.forget([uri])
    removed = index.remove(uri)
    Originals.beside(index.folder).sweep(index.store.files())
    return removed or known
