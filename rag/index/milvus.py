"""The backend of several machines: a collection a build in Milvus, through pymilvus. The store stays where it is.

* A collection holds chunk ids, vectors and, where the server knows BM25 (Milvus 2.5 and later, Milvus Lite), terms.
  They are those of `words.terms`, each as 16 hex digits of its hash: whatever tokenizer a server has leaves them whole,
  so words are cut the same way on every backend. An older server has no text leg.
* Reads are strong: the default lets what was deleted be found for a while.
* `milvus.json` in the build's folder says which generation of the store the collection has. Without it the ids of both
  are compared: an id stands for the same chunk for ever, so that is enough.
* The alias named like the prefix follows CURRENT, for those who read the collection without Vouch.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import IndexFault
from rag.index.backend import Ranked
from rag.index.exact import slices
from rag.index.files import WriterLock, replace_json
from rag.index.store import Changes, Identity, Store
from rag.index.terms import MOST_TERMS, TextHits
from rag.index.words import SPLITTER, terms
from rag.protocols import Vectors

_STATE = "milvus.json"
_ROWS = 1000
_IDS = 10_000
_MOST_BYTES = 65_535
_EMPTY = -1
_LINKS, _BUILD_BREADTH, _BREADTH = 32, 200, 256


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index's collections are. `address` is a URI, or a file for Milvus Lite; `prefix` begins the name of each
    of its collections; `key_env` names the environment variable with the token, if there is one."""

    address: str
    prefix: str
    key_env: str = ""


class MilvusBackend:
    """Safe between threads: pymilvus is."""

    def __init__(self, place: Place, path: Path, identity: Identity, writer: WriterLock) -> None:
        """`path` is the build's folder. Raises IndexFault where nobody answers at the address."""
        self._place = place
        self._path = path
        self._identity = identity
        self._writer = writer
        self._name = collection(place, identity.build)
        self._client = _connect(place)
        with _faults(place):
            self._text, self._lite = _knows(self._client.get_server_version())
            if self._client.has_collection(self._name):
                self._client.load_collection(self._name)

    def follow(self, store: Store) -> None:
        if self._followed() == store.generation():
            return
        with self._writer.held(), _faults(self._place):
            if not self._client.has_collection(self._name):
                self._create()
                since = _EMPTY
                self._note(_EMPTY)
            else:
                since = self._followed()
            with store.steady():
                changes = store.changes(since)
                if since == _EMPTY or changes.generation < since:
                    changes = self._difference(store)
                self._delete(changes.removed)
                self._add(store, changes.added)
            self._client.flush(self._name)
            self._note(changes.generation)

    def looking(self) -> AbstractContextManager[None]:
        return nullcontext()

    def search_dense(self, queries: Vectors, k: int) -> list[Ranked]:
        with _faults(self._place):
            found = self._client.search(
                self._name,
                data=queries.tolist(),
                anns_field="vector",
                limit=k,
                consistency_level="Strong",
                search_params={"params": {"ef": max(_BREADTH, k)}},
            )
        return [[(int(hit["id"]), float(hit["distance"])) for hit in row] for row in found]

    def search_text(self, query: str, k: int, within: Sequence[int] | None = None) -> TextHits:
        """The server tells no term's rarity, so each of the query's terms weighs the same in `TextHits.coverage`."""
        asked = list(dict.fromkeys(terms(query)))[:MOST_TERMS]
        if not self._text or not asked:
            return TextHits((), {})
        with _faults(self._place):
            found = self._client.search(
                self._name,
                data=[_words(asked)],
                anns_field="sparse",
                limit=k,
                filter="" if within is None else f"id in {list(within)}",
                consistency_level="Strong",
            )
        hits = tuple((int(hit["id"]), abs(float(hit["distance"]))) for hit in found[0])  # Lite's scores are negative
        return TextHits(hits, dict.fromkeys(asked, 1.0))

    def state(self) -> tuple[int, tuple[int, ...]]:
        with _faults(self._place):
            if not self._client.has_collection(self._name):
                return _EMPTY, (0,)
            rows = self._client.query(self._name, filter="", output_fields=["count(*)"], consistency_level="Strong")
        return self._followed(), (int(rows[0]["count(*)"]),)

    @property
    def is_saved(self) -> bool:
        """Always: `follow` flushes."""
        return True

    def save(self, store: Store) -> None:
        """Nothing is left to do."""

    def facts(self) -> dict[str, Any]:
        return {"vectors": "Milvus", "collection": self._name}

    def promote(self) -> None:
        from pymilvus.exceptions import MilvusException

        with _faults(self._place):
            try:
                self._client.alter_alias(self._name, self._place.prefix)
            except MilvusException:  # there is none yet
                self._client.create_alias(self._name, self._place.prefix)

    def close(self) -> None:
        self._client.close()

    # --- inside ---

    def _create(self) -> None:
        from pymilvus import DataType, Function, FunctionType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._identity.dimension)
        indexes = self._client.prepare_index_params()
        if self._lite:
            indexes.add_index("vector", index_type="FLAT", metric_type="IP", params={})
        else:
            shape = {"M": _LINKS, "efConstruction": _BUILD_BREADTH}
            indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=shape)
        if self._text:
            schema.add_field(
                "terms",
                DataType.VARCHAR,
                max_length=_MOST_BYTES,
                enable_analyzer=True,
                analyzer_params={"tokenizer": "standard"},
            )
            schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
            schema.add_function(
                Function(
                    name="bm25",
                    function_type=FunctionType.BM25,
                    input_field_names=["terms"],
                    output_field_names=["sparse"],
                )
            )
            indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params={})
        self._client.create_collection(self._name, schema=schema, index_params=indexes, consistency_level="Strong")
        self._client.load_collection(self._name)

    def _add(self, store: Store, added: Sequence[int]) -> None:
        for ids, vectors in slices(store, added):
            for at in range(0, len(ids), _ROWS):
                part = [int(id) for id in ids[at : at + _ROWS]]
                rows: list[dict[str, Any]] = [
                    {"id": id, "vector": vector.tolist()}
                    for id, vector in zip(part, vectors[at : at + _ROWS], strict=True)
                ]
                if self._text:
                    held = store.passages(part)
                    for row in rows:
                        row["terms"] = _words(terms(held[row["id"]]))
                self._client.upsert(self._name, rows)

    def _delete(self, removed: Sequence[int]) -> None:
        for at in range(0, len(removed), _IDS):
            self._client.delete(self._name, ids=list(removed[at : at + _IDS]))

    def _difference(self, store: Store) -> Changes:
        """What a collection of unknown generation lacks and has too many of."""
        everything = store.changes(_EMPTY)
        there, wanted = set(self._ids()), set(everything.added)
        return Changes(
            everything.generation,
            tuple(sorted(there - wanted)),
            tuple(id for id in everything.added if id not in there),
            everything.total,
        )

    def _ids(self) -> Iterator[int]:
        """All of the collection's."""
        with _faults(self._place):
            pages = self._client.query_iterator(
                self._name, batch_size=_IDS, filter="id >= 0", output_fields=["id"], consistency_level="Strong"
            )
            while rows := pages.next():
                yield from (int(row["id"]) for row in rows)
            pages.close()

    def _followed(self) -> int:
        try:
            state = json.loads((self._path / _STATE).read_text("utf-8"))
            ours = (state["collection"], state["address"], state["splitter"])
            known = ours == (self._name, self._place.address, SPLITTER)
            return int(state["generation"]) if known else _EMPTY
        except (OSError, ValueError, KeyError, TypeError):
            return _EMPTY

    def _note(self, generation: int) -> None:
        facts = {"collection": self._name, "address": self._place.address, "splitter": SPLITTER}
        replace_json(self._path / _STATE, {**facts, "generation": generation})


def collection(place: Place, build: str) -> str:
    """The name of a build's collection."""
    return f"{place.prefix}_{re.sub('[^0-9A-Za-z]', '_', build)}"


def drop_others(place: Place, builds: Sequence[str]) -> list[str]:
    """Delete the collections of this index whose build is not among `builds`; gives their names. Raises IndexFault."""
    kept = {collection(place, build) for build in builds}
    client = _connect(place)
    with _faults(place):
        doomed = [name for name in client.list_collections() if name.startswith(f"{place.prefix}_")]
        doomed = [name for name in doomed if name not in kept]
        for name in doomed:
            client.drop_collection(name)
    client.close()
    return doomed


def _connect(place: Place) -> Any:
    if place.key_env and place.key_env not in os.environ:
        raise IndexFault("milvus.no_token", variable=place.key_env, address=place.address)
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise IndexFault("milvus.not_installed", address=place.address) from error
    with _faults(place):
        return MilvusClient(uri=place.address, token=os.environ.get(place.key_env, "") if place.key_env else "")


def _knows(version: str) -> tuple[bool, bool]:
    """(whether it ranks by words, whether it is Milvus Lite)."""
    if version.startswith("milvus_lite"):
        return True, True
    numbers = re.search(r"(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= (2, 5), False


def _words(some: Sequence[str]) -> str:
    """Terms as hashes of 16 hex digits, as many as fit."""
    hashes = (hashlib.blake2b(term.encode(), digest_size=8).hexdigest() for term in some[: _MOST_BYTES // 17])
    return " ".join(hashes)


@contextmanager
def _faults(place: Place) -> Iterator[None]:
    try:
        from pymilvus.exceptions import MilvusException
    except ImportError as error:
        raise IndexFault("milvus.not_installed", address=place.address) from error
    try:
        yield
    except MilvusException as error:
        raise IndexFault("milvus.failed", address=place.address, error=error) from error
