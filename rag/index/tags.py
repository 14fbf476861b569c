"""The tags that people gave to the pages of a build, and those that they took from what a source says of itself.

Kept by address, so that a page that is read again keeps them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.index.database import Database
from rag.text.tags import tags, without


@dataclass(frozen=True, slots=True)
class ByHand:
    """Of one page: `given`, and `taken` of those that its source says itself."""

    given: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    def over(self, own: Sequence[str]) -> tuple[str, ...]:
        """All tags of a page whose source says that it has `own`."""
        return tags((*without(own, self.taken), *self.given))


@dataclass(frozen=True, slots=True)
class Tags:
    """All of them of one build. Raises IndexFault like the store."""

    _database: Database = field(repr=False)

    def all(self) -> dict[str, ByHand]:
        """By address."""
        with self._database.session() as sql:
            rows = sql.execute("SELECT uri, tag, given FROM tags ORDER BY rowid").fetchall()
        found: dict[str, tuple[list[str], list[str]]] = {}
        for uri, tag, given in rows:
            found.setdefault(uri, ([], []))[0 if given else 1].append(tag)
        return {uri: ByHand(tuple(given), tuple(taken)) for uri, (given, taken) in found.items()}

    def change(self, uris: Sequence[str], give: Sequence[str] = (), take: Sequence[str] = ()) -> None:
        """Give tags to these pages, and take tags from them, also such as their source says."""
        with self._database.session(write=True):
            kept = self.all()
            for uri in uris:
                now = kept.get(uri, ByHand())
                given = tags((*without(now.given, take), *give))
                self._write({uri: ByHand(given, tags((*without(now.taken, give), *take)))})

    def forget(self, uri: str) -> None:
        self._write({uri: ByHand()})

    def replace(self, other: "Tags") -> None:
        """As they are in `other`, in place of all."""
        kept = other.all()
        with self._database.session(write=True) as sql:
            sql.execute("DELETE FROM tags WHERE uri NOT IN (SELECT uri FROM pages)")
            there = {row[0] for row in sql.execute("SELECT uri FROM pages")}
            self._write({uri: kept.get(uri, ByHand()) for uri in there})

    def _write(self, tagged: Mapping[str, ByHand]) -> None:
        rows = [
            (uri, tag, given)
            for uri, one in tagged.items()
            for given, names in ((1, one.given), (0, one.taken))
            for tag in names
        ]
        with self._database.session(write=True) as sql:
            sql.executemany("DELETE FROM tags WHERE uri = ?", [(uri,) for uri in tagged])
            sql.executemany("INSERT INTO tags (uri, tag, given) VALUES (?, ?, ?)", rows)
