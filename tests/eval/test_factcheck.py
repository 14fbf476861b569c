"""The forty sentences: what the fixture promises, and how a sentence of several claims is graded."""

import json
from collections import Counter

import pytest

from eval.factcheck import graded, whole
from rag.checking.split import claims
from rag.config import REPOSITORY
from rag.facts import Check, Checked, Claim
from tests.answering.test_factcheck import parts

FIXTURES = REPOSITORY / "tests" / "fixtures"
LINES = [json.loads(line) for line in (FIXTURES / "claims.jsonl").read_text("utf-8").splitlines()]


def test_there_are_forty_half_in_each_language():
    assert Counter(line["verdict"] for line in LINES) == {"supported": 20, "refuted": 10, "not found": 10}
    assert Counter(line["language"] for line in LINES) == {"zh": 20, "en": 20}
    assert len({line["id"] for line in LINES}) == 40


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["id"])
def test_each_is_about_a_page_that_is_there_is_not_copied_from_it_and_is_checkable(line):
    page = (REPOSITORY / "indexes" / "demo_corpus" / line["page"]).read_bytes()
    for encoding in ("utf-8", "gbk", "big5"):
        assert line["text"].rstrip("。.").encode(encoding, "replace") not in page
    assert all(claim.checkable for claim in claims(line["text"]))


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (("supported", "supported"), "supported"),
        (("supported", "not found"), "not found"),
        (("not found", "refuted"), "refuted"),
        (("not checkable", "supported"), "supported"),
    ],
)
def test_the_worst_of_its_claims_is_a_sentences_verdict(found, verdict):
    checked = tuple(Checked(Claim("x", 0, 1), finding) for finding in found)
    assert whole(Check("x", "en", checked, (), (), (), (), {}, {})) == verdict


def test_a_sentence_is_graded_against_what_is_wanted():
    line = {"id": "a", "language": "en", "verdict": "supported", "text": "The Orrin bridge was opened on 4 May 1913."}
    row = graded(line, parts())
    assert (row["verdict"], row["right"]) == ("refuted", False)
