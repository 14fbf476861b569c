"""The demo index: the fictitious pages that come with Vouch, half Chinese and half English. The recipe `fixture`.

`python -m indexes.demo` makes it, or brings it up to date after its pages have changed. What a user adds to it stays.
"""

from dataclasses import replace
from pathlib import Path

from indexes.rebuild import AIM, Report, Tell, rebuild
from indexes.recipe import HERE, Checks, Folder, Recipe, label, read
from rag import wiring
from rag.config import Config, load
from rag.errors import IndexFault, SourceFault
from rag.index.files import STORE, current_build, staged_build
from rag.index.store import Store
from rag.protocols import Embedder
from rag.sources.ingest import survey
from rag.sources.look import look, settle

NAME = "demo"
RECIPE = HERE / "fixture.toml"
CORPUS = HERE / "demo_corpus"
EXAMPLES = HERE / "demo_examples.json"
MARK = "corpus.sha256"  # what demo indexes were marked with before there were recipes


def is_current(config: Config, corpus: Path = CORPUS) -> bool:
    """Whether there is nothing to do: the index holds these pages, or somebody made one of this name for himself."""
    folder = config.built / NAME
    current = current_build(folder)
    if current is None or staged_build(folder) is not None:
        return False
    try:
        store = Store(folder / current / STORE)
    except IndexFault:
        return True  # making it would meet the same fault, and has no more to say of it than who opens the index
    source = label(_recipe(corpus).sources[0])
    known = {origin.address: origin for origin in store.origins.all() if origin.source == source}
    aim, outdated = store.origins.noted(AIM), store.outdated()
    store.close()
    if not known:
        return not (folder / MARK).exists()
    if outdated or aim != str(config.chunk.tokens):
        return False
    try:
        addresses = survey(str(corpus)).uris
    except SourceFault:
        return False
    looks = (look(address, known.get(address), config.fetch) for address in addresses)
    return set(addresses) == known.keys() and all(
        settle(seen, source, known.get(seen.address), config.fetch).status == "same" for seen in looks
    )


def build(config: Config, embedder: Embedder, corpus: Path = CORPUS, tell: Tell = lambda progress: None) -> Report:
    """Bring the index up to date. Raises Fault, also where a check of the recipe fails."""
    report = rebuild(_recipe(corpus), config, embedder, tell=tell)
    if report.status == "refused":
        failed = "; ".join(f"{check.name}: {check.detail}" for check in report.checks if not check.ok)
        raise IndexFault("index.demo_wrong", failed=failed)
    (config.built / NAME / MARK).unlink(missing_ok=True)
    return report


def ensure(config: Config, tell: Tell) -> None:
    """Make the index where it is missing or out of date. Raises Fault."""
    if not is_current(config):
        build(config, wiring.embedder(config), tell=tell)


def _recipe(corpus: Path) -> Recipe:
    """The recipe that ships; for another corpus, without what it expects of its own pages."""
    made = read(RECIPE)
    if corpus == CORPUS:
        return made
    return replace(made, sources=(Folder("folder", corpus.as_posix()),), checks=Checks(max_removed=1.0))


def main() -> None:
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    ensure(load(), lambda ended: console.print(f"{ended.done}/{ended.total} {ended.uri}", markup=False))
    console.print(f"The index {NAME} is there.")


if __name__ == "__main__":
    main()
