import pytest

from eval.grade import found, right


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
        ("石榧坝下,中游,1986,46.2,0.1,52.31,邬启明", [["52.31"]], True),
        ("石榧坝下,中游,1986,46.2,0.1,52.31,邬启明", [["0.152"]], False),
        ("0.1,523", [["523"], ["0.1"]], True),
        ("2019,120,7", [["120"], ["2019"], ["7"]], True),
        ("It cost 2,500, which is little.", [["2500"]], True),
        ("It cost 2500 crowns.", [["2,500"]], True),
        ("共搬迁14，300人", [["14300"]], True),
        ("It cost 2 500.00 crowns.", [["2,500.00"]], True),
        ("$1,234,567.8 in all", [["1234567.8"]], True),
        ("$12,345", [["12"]], False),
        ("$12,345", [["345"]], False),
        ("2019-2021", [["2019"], ["2021"], ["2019–2021"]], True),
        ("On May 2, 2014.", [["May 2 2014"], ["2014"]], True),
        ("at 6:35 [1] 12 boats left", [["6.35", "6:35"], ["12 boats"]], True),
        ("In 2010. 5 people came.", [["2010"], ["5 people"]], True),
        ("10^15 synapses", [["10¹⁵"]], True),
        ("U.S.", [["US"]], True),
        ("", [["x"]], False),
        ("anything", [], False),
    ],
)
def test_an_answer_is_right_when_it_holds_one_of_every_group(answer: str, groups: list, expected: bool):
    assert right(answer, groups) is expected


def test_key_points_are_counted_one_by_one():
    points = [["rubber", "橡胶"], ["leak", "渗漏"], ["2,670", "2670"]]
    assert found("The rubber had aged. [1] It cost 2,670 crowns.", points) == 2
    assert found("橡胶老化,渗漏大增,花了2670。", points) == 3
    assert found("", points) == found("anything", []) == 0
