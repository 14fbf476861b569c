"""The text leg: a tantivy cache of the store's chunks, by BM25 over the terms of `words.terms`.

It lies on the disk and is shared by all processes. Whoever finds it behind the store brings it up under the writer
lock; the others only load it again. `state.json` in its folder names build, splitter, generation and the hash of every
file: tantivy trusts its bytes and may panic on damaged ones, so a folder that does not match is made again.
"""

import json
import logging
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import tantivy

from rag.errors import IndexFault
from rag.index.files import replace_json
from rag.index.store import Changes, Store
from rag.index.words import SPLITTER, terms
from rag.models.files import digest

log = logging.getLogger("vouch.index")

MOST_TERMS = 64
"""Distinct terms of one query; of a longer one the rarest are kept."""

_STATE = "state.json"
_HEAP_BYTES = 64 << 20
_SLICE = 2000
_EMPTY = -1


@dataclass(frozen=True, slots=True)
class _State:
    build: str
    splitter: int
    generation: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class TextHits:
    """(chunk id, BM25) best first, and the weight of each of the query's terms (its idf over the whole index)."""

    hits: tuple[tuple[int, float], ...]
    weights: dict[str, float]

    def coverage(self, text: str) -> float:
        """The share of the query, weighed by idf, that stands in `text`: 0 to 1. Words the index lacks count."""
        total = sum(self.weights.values())
        there = set(terms(text))
        shared = sum(weight for term, weight in self.weights.items() if term in there)  # total's order: never above it
        return shared / total if total else 0.0


class TermCache:
    """Follows a store. Not safe for concurrent use: its owner holds a lock."""

    def __init__(self, folder: Path, build: str) -> None:
        self._folder = folder
        self._build = build
        self._generation = _EMPTY
        self._index: tantivy.Index | None = None
        self._links: tempfile.TemporaryDirectory[str] | None = None

    @property
    def generation(self) -> int:
        """That of what `search` sees; -1 when there is nothing yet."""
        return self._generation

    @property
    def count(self) -> int:
        """Chunks that `search` sees."""
        return int(self._index.searcher().num_docs) if self._index else 0

    def load(self, store: Store) -> bool:
        """Load what is on the disk if it is of the store's generation; an open index is only refreshed."""
        state = _read_state(self._folder)
        if state is None or not self._ours(state) or state.generation != store.generation():
            return False
        if self._index is None and not _whole(self._folder, state):
            return False
        try:
            if self._index is None:
                self._index = _open(self._readable())
            self._index.reload()
        except ValueError:  # another process is making it again: look once more under the lock
            self._index = None
            return False
        self._generation = state.generation
        return True

    def follow(self, store: Store) -> None:
        """Bring the folder to the store's generation, applying what is missing or, where it cannot be trusted,
        making it again. The caller holds the writer lock. Raises IndexFault."""
        if self.load(store):
            return
        with store.steady(), _faults(self._folder):
            if self._add_missing(store):
                return
            if self._folder.exists():
                log.warning(
                    "%s is damaged, of another build or of an earlier version; it is made again from the store",
                    self._folder,
                )
            self._index = _create(self._folder)
            changes = store.changes(_EMPTY)
            count = self._apply(self._index, store, changes, None)
        if count != changes.total:
            raise IndexFault("index.terms_wrong", folder=self._folder, found=count, wanted=changes.total)

    def search(self, query: str, k: int, within: Sequence[int] | None = None) -> TextHits:
        """At most `k` chunks (of those `within`) that hold any of the query's terms. The query is data: it has no
        syntax."""
        if self._index is None:
            return TextHits((), {})
        searcher = self._index.searcher()
        weights = _weights(searcher, terms(query))
        if not weights or searcher.num_docs == 0:
            return TextHits((), weights)
        either = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._index.schema, "terms", term, "freq"))
            for term in weights
        ]
        asked = tantivy.Query.boolean_query(either)
        if within is not None:
            these = tantivy.Query.term_set_query(self._index.schema, "chunk", list(within))
            must = tantivy.Occur.Must
            asked = tantivy.Query.boolean_query([(must, asked), (must, tantivy.Query.const_score_query(these, 0.0))])
        found = searcher.search(asked, k, count=False).hits
        ids = searcher.fast_field_values("chunk", [address for _, address in found])
        hits = [(int(id or 0), float(score)) for id, (score, _) in zip(ids, found, strict=True)]
        return TextHits(tuple(sorted(hits, key=lambda hit: (-hit[1], hit[0]))), weights)

    # --- inside ---

    def _readable(self) -> Path:
        """tantivy writes a lock beside what it reads: on a disk that is read-only it reads through links elsewhere."""
        if os.access(self._folder, os.W_OK):
            return self._folder
        self._links = self._links or _linked(self._folder)
        return Path(self._links.name)

    def _ours(self, state: _State) -> bool:
        return (state.build, state.splitter) == (self._build, SPLITTER)

    def _add_missing(self, store: Store) -> bool:
        state = _read_state(self._folder)
        if state is None or not self._ours(state) or state.generation > store.generation():
            return False
        if self._index is None and not _whole(self._folder, state):
            return False
        try:
            self._index = _open(self._folder)  # afresh: an older one would not know, and so not tidy, others' files
        except ValueError:
            return False
        changes = store.changes(state.generation)
        try:
            return self._apply(self._index, store, changes, state) == changes.total
        except ValueError as error:
            if "FileAlreadyExists" not in str(error):
                raise
            return False  # left by a process that was killed before it committed; tantivy never writes over a file

    def _apply(self, index: tantivy.Index, store: Store, changes: Changes, state: _State | None) -> int:
        """Removals, then additions, each id deleted first so that a repeated write doubles nothing. Gives the count."""
        writer = index.writer(_HEAP_BYTES, 1)
        if state:
            # The field is signed on purpose: tantivy-py 0.27 takes a Python int for a signed term, and
            # deletes nothing from an unsigned field without a word.
            for id in (*changes.removed, *changes.added):
                writer.delete_documents_by_term("chunk", id)
        for at in range(0, len(changes.added), _SLICE):
            for id, text in store.passages(changes.added[at : at + _SLICE]).items():
                row = tantivy.Document()
                row.add_integer("chunk", id)
                row.add_text("terms", " ".join(terms(text)))
                writer.add_document(row)
        writer.commit()
        writer.wait_merging_threads()
        files = _digests(self._folder, state.files if state else {})
        replace_json(self._folder / _STATE, asdict(_State(self._build, SPLITTER, changes.generation, files)))
        index.reload()
        self._generation = changes.generation
        return index.searcher().num_docs


def rename_terms(folder: Path, build: str) -> int:
    """Say of a copied folder that it is of the build `build`; gives its generation, -1 where nothing says one."""
    state = _read_state(folder)
    if state is None:
        return _EMPTY
    replace_json(folder / _STATE, asdict(replace(state, build=build)))
    return state.generation


@contextmanager
def _faults(folder: Path) -> Iterator[None]:
    """What tantivy (as ValueError) or the system has against writing, as an IndexFault."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexFault("index.terms_unwritable", path=folder, error=error) from error


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("chunk", indexed=True, fast=True)
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _open(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    return index


def _linked(folder: Path) -> "tempfile.TemporaryDirectory[str]":
    """A folder of links to the files of `folder`, locks left out; there until it is let go."""
    links = tempfile.TemporaryDirectory(prefix="vouch-terms-")
    for path in (path for path in folder.iterdir() if path.suffix != ".lock"):
        Path(links.name, path.name).symlink_to(path.absolute())
    return links


def _create(folder: Path) -> tantivy.Index:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    index = tantivy.Index(_schema(), str(folder))
    index.config_reader("manual")
    return index


def _weights(searcher: tantivy.Searcher, query: Sequence[str]) -> dict[str, float]:
    """idf of each distinct term, ln(1 + (N - n + .5) / (n + .5)) as BM25 has it; the rarest that are found first."""
    count = searcher.num_docs
    frequencies = {term: searcher.doc_freq("terms", term) for term in dict.fromkeys(query)}
    kept = sorted(frequencies, key=lambda term: (frequencies[term] == 0, frequencies[term]))[:MOST_TERMS]
    return {term: math.log(1 + (count - frequencies[term] + 0.5) / (frequencies[term] + 0.5)) for term in kept}


def _read_state(folder: Path) -> _State | None:
    try:
        return _State(**json.loads((folder / _STATE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _digests(folder: Path, known: dict[str, str]) -> dict[str, str]:
    """Hash of every file of every segment. They never change once written, so `known` ones are not read again."""
    return {
        path.name: known.get(path.name) or digest(path)
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and path.suffix != ".json"
    }


def _whole(folder: Path, state: _State) -> bool:
    """Whether each file of a segment still in use is what was written.

    meta.json names those segments. It is a commit ahead of the state when a process was killed between the two:
    segments newer than the state are tantivy's to judge, older ones may be merged away, and so may lists of deletions.
    """
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        live = {segment["segment_id"].replace("-", "") for segment in meta["segments"]}
        for name, value in state.files.items():
            path = folder / name
            if name.partition(".")[0] in live and (path.exists() or path.suffix != ".del") and digest(path) != value:
                return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True
