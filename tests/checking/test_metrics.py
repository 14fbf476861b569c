from rag.checking.metrics import citation_precision, citation_recall, faithfulness, unjudged
from rag.types import Quote, Rate, Sentence, Verdict

QUOTES = [Quote(n, text, "memory:p", "", "0" * 64, 0, 1) for n, text in enumerate(["both a", "both b", "alone"], 1)]


def sentence(label: str, *citations: int, text: str = "claim") -> Sentence:
    return Sentence(text, citations, Verdict(label, None, "test"))


def judging(quotes, claim) -> Verdict:
    """A claim named "both" needs quotes 1 and 2 together; "alone" needs quote 3."""
    needed = {"both": {1, 2}, "alone": {3}}[claim]
    return Verdict("supported" if needed <= {q.id for q in quotes} else "unsupported", None, "test")


def test_a_failed_judgement_is_never_support_and_stays_in_the_denominator():
    sentences = [sentence("supported", 1), sentence("unjudged", 1), sentence("unsupported", 1), sentence("supported")]
    assert faithfulness(sentences) == Rate(2, 4)
    assert unjudged(sentences) == 1


def test_citation_recall_wants_a_citation():
    assert citation_recall([sentence("supported", 1), sentence("supported"), sentence("unsupported", 2)]) == Rate(1, 3)


def test_citation_precision_by_hand():
    # Both of two are needed: 2 of 2. A second citation that adds nothing: 1 of 2. An unsupported sentence: 0 of 1.
    assert citation_precision([sentence("supported", 1, 2, text="both")], QUOTES, judging) == Rate(2, 2)
    assert citation_precision([sentence("supported", 3, 1, text="alone")], QUOTES, judging) == Rate(1, 2)
    assert citation_precision([sentence("unsupported", 3)], QUOTES, judging) == Rate(0, 1)


def test_nothing_judged_has_no_value_and_prints_as_a_dash():
    assert faithfulness([]).value is None and str(faithfulness([])) == "–"
    assert str(Rate(1, 3)) == "33% (1/3)"


def test_what_could_not_be_judged_gains_no_citation():
    verdicts = {(1,): "unsupported", (2,): "unjudged"}

    def unsure(some, _):
        return Verdict(verdicts[tuple(one.id for one in some)], None, "j")

    # Neither is known to support it alone; that 1 does not is known, so 2 is needed; of 2 nothing is known.
    assert citation_precision([sentence("supported", 1, 2)], QUOTES, unsure) == Rate(1, 2)
