"""The demo index: the fictitious pages that come with Vouch, half Chinese and half English.

`python -m indexes.demo` makes it, or brings it up to date after its pages have changed. What a user adds to it stays.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rag import wiring
from rag.config import REPOSITORY, Config, load
from rag.index.index import Index
from rag.seams import Embedder
from rag.sources.ingest import Outcome, ingest

NAME = "demo"
CORPUS = REPOSITORY / "tests" / "fixtures" / "corpus"
MARK = "corpus.sha256"
UNFINISHED = "unfinished"


def is_current(config: Config, corpus: Path = CORPUS) -> bool:
    """Whether there is nothing to do: the index holds these pages, or somebody made one of this name for himself."""
    folder = config.built / NAME
    if not (folder / MARK).exists():
        return (folder / "CURRENT").exists()
    return (folder / MARK).read_text("utf-8") == _digest(config, corpus)


def build(config: Config, embedder: Embedder, corpus: Path = CORPUS) -> Iterator[Outcome]:
    """Put the corpus into the index, page by page, and take out pages of it that are gone. Raises Fault."""
    folder = config.built / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(UNFINISHED, "utf-8")  # whoever is interrupted here begins again at the next start
    failed = False
    with wiring.index(config, NAME, embedder, create=True) as index:
        _remove_gone(index, corpus)
        sizes = config.chunk.tokens, embedder.max_tokens
        for outcome in ingest([str(corpus)], index.put, embedder.token_ends, *sizes, config.fetch):
            failed = failed or outcome.status == "failed"
            yield outcome
    if not failed:
        (folder / MARK).write_text(_digest(config, corpus), "utf-8")


def ensure(config: Config, tell: Callable[[Outcome], None]) -> None:
    """Make the index where it is missing or out of date. Raises Fault."""
    if not is_current(config):
        for outcome in build(config, wiring.embedder(config)):
            tell(outcome)


def _remove_gone(index: Index, corpus: Path) -> None:
    for page in index.pages():
        path = Path(page.uri)
        if path.is_relative_to(corpus) and not path.exists():
            index.remove(page.uri)


def _digest(config: Config, corpus: Path) -> str:
    """Hex SHA-256 over the corpus's file names and bytes and over how they are cut."""
    sha = hashlib.sha256(f"{config.chunk.tokens}".encode())
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        sha.update(f"\n{path.relative_to(corpus)} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return sha.hexdigest()


def main() -> None:
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    ensure(load(), lambda outcome: console.print(f"{outcome.done}/{outcome.total} {outcome.uri}", markup=False))
    console.print(f"The index {NAME} is there.")


if __name__ == "__main__":
    main()
