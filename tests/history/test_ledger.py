"""The ledger's file: an older one is brought up to date with nothing lost, and sums are sums."""

import json
import sqlite3
from contextlib import closing

from rag.history.ledger import Ledger
from rag.types import Page

OLD = """
CREATE TABLE answers (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, question TEXT NOT NULL, language TEXT NOT NULL, status TEXT NOT NULL,
    reader TEXT NOT NULL, index_name TEXT NOT NULL, build TEXT NOT NULL, config_sha256 TEXT NOT NULL,
    prompts_sha256 TEXT NOT NULL, sentences INTEGER NOT NULL, supported INTEGER NOT NULL, unjudged INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, seconds REAL NOT NULL, answer TEXT NOT NULL
);
CREATE TABLE texts (sha256 TEXT PRIMARY KEY, uri TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
"""


def rate(hits: int, n: int) -> dict:
    return {"hits": hits, "n": n, "value": hits / n if n else None}


def answer(number: int, status: str = "answered", **changes) -> dict:
    sentences = [
        {"text": "One.", "citations": [1], "verdict": "supported", "probability": 1.0, "judge": "verbatim"},
        {"text": "Two.", "citations": [1], "verdict": "contradicted", "probability": 0.1, "judge": "encoder"},
    ]
    return {
        "id": f"a{number}",
        "question": "Which?",
        "language": "en",
        "status": status,
        "answer": "One.[1] Two.[1]",
        "draft": "One. [1] Two. [1]",
        "reason": "",
        "sentences": sentences,
        "quotes": [],
        "metrics": {
            "faithfulness": rate(1, 2),
            "citation_recall": rate(1, 2),
            "citation_precision": rate(1, 3),
            "unjudged": 0,
            "sufficient": 0.7,
            "prompt_tokens": 10,
            "output_tokens": 5,
        },
        "timings": {"total": 2.0},
        "index": {"name": "t", "build": "b1"},
        "config_sha256": "c",
        "prompts_sha256": "p" * 64,
        **changes,
    }


def test_an_older_file_gains_its_columns_from_its_own_rows(tmp_path):
    file = tmp_path / "ledger.sqlite"
    kept = answer(1)
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(OLD)
        row = (
            "a1",
            "2026-01-02T03:04:05+00:00",
            "Which?",
            "en",
            "answered",
            "r",
            "t",
            "b1",
            "c",
            "p",
            2,
            1,
            0,
            10,
            5,
            2.0,
        )
        database.execute(f"INSERT INTO answers VALUES ({', '.join('?' * 17)})", (*row, json.dumps(kept)))
    for _ in range(2):  # a second opening changes nothing
        ledger = Ledger(file)
        [sums] = ledger.sums()
        assert (sums["recall_hits"], sums["recall_n"], sums["precision_hits"], sums["precision_n"]) == (1, 2, 1, 3)
        assert sums["contradicted"] == 1
        assert [row["judge"] for row in ledger.sums("judge")] == ["encoder"]
        assert ledger.answers() == [{"at": "2026-01-02T03:04:05+00:00", **kept}]
    ledger.add(answer(2), "r", ())
    assert ledger.sums()[0]["answers"] == 2


def test_an_abstention_and_an_old_answer_without_rates_are_filled_with_nothing(tmp_path):
    file = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(OLD)
        row = (
            "a1",
            "2026-01-02T03:04:05+00:00",
            "Which?",
            "en",
            "abstained",
            "r",
            "t",
            "b",
            "c",
            "p",
            0,
            0,
            0,
            1,
            1,
            2.0,
        )
        database.execute(f"INSERT INTO answers VALUES ({', '.join('?' * 17)})", (*row, "{}"))
    [sums] = Ledger(file).sums()
    assert (sums["abstained"], sums["contradicted"], sums["recall_n"]) == (1, 0, 0)


def test_sums_are_grouped_and_limited_to_the_last_days(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert ledger.sums() == [] and ledger.check_sums() == []
    ledger.add(answer(1), "small", ())
    ledger.add(answer(2, language="zh", index={"name": "t", "build": "b2"}), "small", ())
    ledger.add(answer(3, status="abstained", answer="", sentences=[]), "large", ())
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("UPDATE answers SET at = '2020-01-01T00:00:00+00:00' WHERE id = 'a1'")
    assert {row["model"]: row["answers"] for row in ledger.sums("model")} == {"small": 2, "large": 1}
    assert [row["language"] for row in ledger.sums("language")] == ["en", "zh"]
    assert [row["build"] for row in ledger.sums("build")] == ["t b1", "t b2"]
    assert [row["prompts"] for row in ledger.sums("prompts")] == ["p" * 12]
    assert ledger.sums(days=7)[0]["answers"] == 2
    assert ledger.sums()[0]["contradicted"] == 2  # an abstention publishes nothing that could be contradicted


def test_evaluations_come_back_with_their_figures(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    figures = {"right": {"value": 0.8, "n": 10, "low": 0.5, "high": 0.9}, "ece": {"value": 0.04, "n": 10}}
    ledger.add_evaluation({"name": "seeds", "variant": "loop", "n": 10, "figures": figures}, kind="nightly")
    [row] = ledger.evaluations(days=1)
    assert (row["name"], row["variant"], row["kind"], row["n"], row["figures"]) == (
        "seeds",
        "loop",
        "nightly",
        10,
        figures,
    )


def test_a_check_is_forgotten_by_its_id_and_its_pages_with_it(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    page = Page("memory:one", "One page that only the check has read.")
    rates = {name: rate(1, 1) for name in ("supported", "refuted", "not_found")}
    check = {
        **{name: answer(1)[name] for name in ("question", "language", "timings", "index", "config_sha256")},
        "id": "c1", "prompts_sha256": "p", "metrics": {**rates, "unjudged": 0},
        "quotes": [{"page_sha256": page.sha256}],
    }  # fmt: skip
    ledger.add_check(check, "r", [page])
    ledger.add(answer(1), "r", ())
    assert ledger.text(page.sha256) == page.text
    assert ledger.forget("c1") == "c1"
    assert ledger.checks() == [] and ledger.text(page.sha256) is None and len(ledger.answers()) == 1
