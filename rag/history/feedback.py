"""What people said of answers: which of two somebody preferred, without knowing where they came from, what each alone
was worth to whoever had asked, and what was said of its sentences. All are there to learn from.

One SQLite file. A pair is added and forgotten, never changed; of an answer or a sentence a person's last word counts. A
line of `lines` is one pair, whole, for whatever learns from it.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal, get_args
from uuid import uuid4

from rag.database import compact, run_script
from rag.history.keeping import KeptFile, before, kept_in, now
from rag.types import Rate

Choice = Literal["left", "right", "tie", "neither"]
Word = Literal["wrong", "beside the point", "right citation"]
WORDS: tuple[Word, ...] = get_args(Word)
_TABLES = """
CREATE TABLE IF NOT EXISTS pairs (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,              -- UTC, ISO 8601
    owner TEXT NOT NULL,           -- who chose, hashed
    choice TEXT NOT NULL,          -- left | right | tie | neither
    left_name TEXT NOT NULL,
    right_name TEXT NOT NULL,
    body TEXT NOT NULL             -- JSON of the Pair
);
CREATE INDEX IF NOT EXISTS pairs_owner ON pairs (owner, at);
"""


_OPINIONS = """
CREATE TABLE opinions (
    answer TEXT NOT NULL,          -- its id
    owner TEXT NOT NULL,           -- who said it, hashed
    at TEXT NOT NULL,
    good INTEGER NOT NULL,
    correction TEXT NOT NULL,      -- what is right, where the person said so
    body TEXT NOT NULL,            -- JSON of the answer
    PRIMARY KEY (answer, owner)
) WITHOUT ROWID;
"""

_WORDS = """
CREATE TABLE words (
    answer TEXT NOT NULL,          -- its id
    owner TEXT NOT NULL,           -- who said it, hashed
    sentence INTEGER NOT NULL,     -- its place in the answer, from 0
    at TEXT NOT NULL,
    word TEXT NOT NULL,            -- wrong | beside the point | right citation
    body TEXT NOT NULL,            -- JSON of the answer
    PRIMARY KEY (answer, owner, sentence)
) WITHOUT ROWID;
"""


def _make_tables(database: sqlite3.Connection) -> None:
    run_script(database, _TABLES)


def _add_opinions(database: sqlite3.Connection) -> None:
    run_script(database, _OPINIONS)


def _add_words(database: sqlite3.Connection) -> None:
    run_script(database, _WORDS)


_SCHEMA = kept_in("file.pairs", _make_tables, _add_opinions, _add_words)


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said of one sentence: `number` is its place in the answer, from 0."""

    side: Literal["left", "right"]
    number: int
    good: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers (of `rag.export.json.as_json`) as they stood beside one another, and which was chosen. The names say
    what made them; they were not shown before the choice, and the sides were drawn at random."""

    question: str
    left: Mapping[str, Any]
    right: Mapping[str, Any]
    left_name: str
    right_name: str
    choice: Choice
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one name was preferred to another. `won` has a tie for neither; `ties` counts "neither" too."""

    one: str
    other: str
    won: Rate
    ties: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person said of one answer (of `rag.export.json.as_json`, with its id), and what is right instead."""

    answer: Mapping[str, Any]
    good: bool
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What one person said of one sentence of an answer; `sentence` is its place there, from 0."""

    answer: Mapping[str, Any]
    sentence: int
    word: Word


@dataclass(frozen=True, slots=True)
class Added:
    """Of pairs that came in at once how many are `new`, and how many were left out as too `old`."""

    new: int
    old: int


def all_pairs(
    question: str, answers: Sequence[Mapping[str, Any]], names: Sequence[str], ranks: Sequence[int]
) -> list[Pair]:
    """The K choose 2 pairs of K answers that were ranked: 1 is best, equal ranks are ties."""
    return [
        Pair(
            question, answers[i], answers[j], names[i], names[j],
            "tie" if ranks[i] == ranks[j] else "left" if ranks[i] < ranks[j] else "right",
        )
        for i, j in combinations(range(len(answers)), 2)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feedback(KeptFile):
    schema = _SCHEMA

    def say(self, opinion: Opinion, owner: str = "") -> None:
        """Keep it in place of what this person said of the answer before; a correction stays where it has none."""
        body = json.dumps(opinion.answer, ensure_ascii=False)
        row = (opinion.answer["id"], owner, now(), opinion.good, opinion.correction, body)
        with self._open(write=True) as database:
            database.execute(
                "INSERT INTO opinions VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (answer, owner) DO UPDATE"
                " SET at = excluded.at, good = excluded.good, body = excluded.body,"
                " correction = CASE excluded.correction WHEN '' THEN correction ELSE excluded.correction END",
                row,
            )

    def take_back(self, answer: str, owner: str = "") -> None:
        """Forget this person's thumb. A correction stays, and with it that the answer was not good."""
        of, key = "WHERE answer = ? AND owner = ? AND correction", (answer, owner)
        with self._open(write=True) as database:
            database.execute(f"DELETE FROM opinions {of} = ''", key)  # nosec B608
            database.execute(f"UPDATE opinions SET good = 0 {of} != ''", key)  # nosec B608

    def thumb(self, answer: str, owner: str) -> bool | None:
        """Whether this person called the answer good; None where nothing was said."""
        with self._open() as database:
            row = database.execute(
                "SELECT good FROM opinions WHERE answer = ? AND owner = ?", (answer, owner)
            ).fetchone()
        return None if row is None else bool(row[0])

    def called_good(self, since: float, until: float = 0.0) -> Rate:
        """Of the answers that somebody gave a thumb between `since` and `until` days ago, how many were called good."""
        with self._open() as database:
            good, n = database.execute(
                "SELECT coalesce(sum(good), 0), count(*) FROM opinions WHERE at >= ? AND at <= ?",
                (before(since), before(until)),
            ).fetchone()
        return Rate(int(good), int(n))

    def opinions(self, owner: str | None = None) -> list[Opinion]:
        """Those of one person, or of all for None; oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT body, good, correction FROM opinions WHERE ?1 IS NULL OR owner = ?1 ORDER BY at, answer",
                (owner,),
            ).fetchall()
        return [Opinion(json.loads(body), bool(good), correction) for body, good, correction in rows]

    def remark(self, remark: Remark, owner: str = "") -> None:
        """Keep it in place of what this person said of the sentence before."""
        body = json.dumps(remark.answer, ensure_ascii=False)
        row = (remark.answer["id"], owner, remark.sentence, now(), remark.word, body)
        with self._open(write=True) as database:
            database.execute("INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?, ?, ?)", row)

    def unsay(self, answer: str, sentence: int, owner: str = "") -> None:
        """Forget what this person said of the sentence."""
        with self._open(write=True) as database:
            database.execute(
                "DELETE FROM words WHERE answer = ? AND owner = ? AND sentence = ?", (answer, owner, sentence)
            )

    def words(self, answer: str, owner: str) -> dict[int, Word]:
        """What this person said of the answer's sentences, by their places."""
        with self._open() as database:
            rows = database.execute(
                "SELECT sentence, word FROM words WHERE answer = ? AND owner = ? ORDER BY sentence", (answer, owner)
            )
            return dict(rows.fetchall())

    def remarks(self, owner: str | None = None) -> list[Remark]:
        """Those of one person, or of all for None; oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT body, sentence, word FROM words WHERE ?1 IS NULL OR owner = ?1 ORDER BY at, answer, sentence",
                (owner,),
            ).fetchall()
        return [Remark(json.loads(body), sentence, word) for body, sentence, word in rows]

    def add(self, pair: Pair, owner: str = "", made: str = "") -> str:
        """Keep it; its id, which is `made` where one is given. What is there under that id already stays as it is."""
        if self.days:
            self.forget_older(self.days)
        made = made or uuid4().hex[:12]
        self.add_all([(made, "", pair)], owner)
        return made

    def add_all(self, found: Iterable[tuple[str, str, Pair]], owner: str = "") -> Added:
        """Keep all of these (id, when, pair), or none where that fails; "" is now. What is there under an id already
        stays as it is, and what is older than `days` is left out."""
        oldest, at = before(self.days) if self.days else "", now()
        rows, old = [], 0
        for made, when, pair in found:
            if when and when < oldest:
                old += 1
            else:
                body = json.dumps(asdict(pair), ensure_ascii=False)
                rows.append((made, when or at, owner, pair.choice, pair.left_name, pair.right_name, body))
        with self._open(write=True) as database:
            new = database.executemany("INSERT OR IGNORE INTO pairs VALUES (?, ?, ?, ?, ?, ?, ?)", rows).rowcount
        return Added(max(new, 0), old)

    def pairs(self, owner: str | None = None) -> list[tuple[str, Pair]]:
        """(id, pair) of one owner, or of all for None; oldest first."""
        found = []
        for line in self.lines(owner):
            kept = json.loads(line)
            made, _ = kept.pop("id"), kept.pop("at")
            found.append((made, Pair(**{**kept, "marks": tuple(Mark(**mark) for mark in kept["marks"])})))
        return found

    def lines(self, owner: str | None = None) -> Iterator[str]:
        """JSONL, oldest first: the fields of a Pair with `id` and `at`. Of one owner, or of all for None; who chose is
        never told."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, at, body FROM pairs WHERE ?1 IS NULL OR owner = ?1 ORDER BY at, rowid", (owner,)
            ).fetchall()
        for made, at, body in rows:
            yield json.dumps({"id": made, "at": at, **json.loads(body)}, ensure_ascii=False) + "\n"

    def count(self, owner: str | None = None) -> int:
        """How many pairs there are, of one owner or of all."""
        with self._open() as database:
            found = database.execute("SELECT count(*) FROM pairs WHERE ?1 IS NULL OR owner = ?1", (owner,)).fetchone()
        return int(found[0])

    def tallies(self, owner: str | None = None) -> list[Tally]:
        """For every two names that were compared, whichever side each stood on; both names in alphabetical order."""
        with self._open() as database:
            rows = database.execute(
                "SELECT min(left_name, right_name), max(left_name, right_name),"
                " sum((choice = 'left' AND left_name < right_name) OR (choice = 'right' AND right_name < left_name)),"
                " sum(choice IN ('left', 'right')), sum(choice NOT IN ('left', 'right'))"
                " FROM pairs WHERE (?1 IS NULL OR owner = ?1) AND left_name != right_name GROUP BY 1, 2 ORDER BY 1, 2",
                (owner,),
            ).fetchall()
        return [Tally(one, other, Rate(won, decided), ties) for one, other, won, decided, ties in rows]

    def forget(self, answers: Sequence[str]) -> int:
        """Delete the pairs that one of these answers (ids) is in, and what was said of each; how many in all."""
        named = "(SELECT value FROM json_each(?1))"  # one value, however many ids
        sides = (f"json_extract(body, '$.{side}.id') IN {named}" for side in ("left", "right"))
        return self._forget(" OR ".join(sides), f"answer IN {named}", json.dumps(list(answers)))

    def forget_older(self, days: float) -> int:
        """The same for what was said more than `days` days ago."""
        return self._forget("at < ?1", "at < ?1", before(days))

    def _forget(self, pairs: str, opinions: str, value: str) -> int:
        with self._open(write=True) as database:
            gone = database.execute(f"DELETE FROM pairs WHERE {pairs}", (value,)).rowcount  # nosec B608
            for table in ("opinions", "words"):
                gone += database.execute(f"DELETE FROM {table} WHERE {opinions}", (value,)).rowcount  # nosec B608
        if gone:
            compact(self.path, _SCHEMA)
        return gone
