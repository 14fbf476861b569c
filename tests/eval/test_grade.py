import pytest

from eval.ask import summarise
from eval.grade import right


@pytest.mark.parametrize(
    ("answer", "groups", "expected"),
    [
        ("有 1 千亿个神经元,1 千万亿个突触。", [["1千亿"], ["1千万亿", "quadrillion"]], True),
        ("有 1 千亿个神经元。", [["1千亿"], ["1千万亿"]], False),
        ("It takes 16 minutes.", [["6 min"]], False),
        ("It takes 6 minutes.", [["6 min"]], True),
        ("参数量增加55倍", [["5.5倍"]], False),
        ("参数量增加 5.5 倍。", [["5.5倍"]], True),
        ("白班组为22.9%。[1]", [["22.9%"]], True),
        ("RoPE.", [["rope"]], True),
        ("", [["x"]], False),
        ("anything", [], False),
    ],
)
def test_an_answer_is_right_when_it_holds_one_of_every_group(answer: str, groups: list, expected: bool):
    assert right(answer, groups) is expected


def row(answerable: bool, ok: bool, language: str = "zh", status: str = "answered") -> dict:
    return {
        "answerable": answerable, "right": ok, "language": language, "status": status, "evidence": ok, "verbatim": True,
        "sentences": [{"verdict": "supported"}, {"verdict": "unjudged"}], "seconds": 2.0, "first_quote": 0.5,
        "prompts_sha256": "p",
    }  # fmt: skip


def test_a_summary_counts_unanswerable_questions_apart_and_keeps_every_n():
    rows = [row(True, True), row(True, False, "en"), row(False, True, status="abstained")]
    rates = summarise(rows)["rates"]
    assert (rates["answered rightly"]["hits"], rates["answered rightly"]["n"]) == (1, 2)
    assert (rates["answered rightly, en"]["hits"], rates["answered rightly, en"]["n"]) == (0, 1)
    assert (rates["abstained where unanswerable"]["hits"], rates["abstained where unanswerable"]["n"]) == (1, 1)
    assert (rates["sentences supported"]["hits"], rates["sentences supported"]["n"]) == (2, 4)
