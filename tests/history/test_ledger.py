"""The ledger's file: sums are sums, and what is forgotten is gone."""

import sqlite3
from contextlib import closing

from rag.history.ledger import Ledger
from rag.types import Page


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
