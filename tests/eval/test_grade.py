import pytest

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
