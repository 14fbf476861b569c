from fractions import Fraction

import pytest

from rag.text.numbers import numbers

BILLION = 10**9


@pytest.mark.parametrize(
    ("value", "spellings"),
    [
        (280 * BILLION, ["2800亿", "2,800亿", "两千八百亿美元", "2.8千亿", "280 billion", "280bn", "0.28 trillion"]),
        (2800 * BILLION, ["2.8万亿", "二点八万亿", "28,000亿", "2800 billion", "2.8 trillion", "2,800-billion"]),
        (1_480_000, ["148万立方米", "一百四十八万立方米", "1.48 million cubic metres", "1,480,000"]),
        (250_000_000, ["2亿5千万人", "两亿五千万", "2.5亿", "250 million"]),
        (14_300, ["一万四千三百人", "1万4千3百人", "1.43万", "fourteen thousand three hundred"]),
        (250_000, ["25万", "二十五万", "two hundred and fifty thousand", "$250k"]),
        (500_000, ["50万", "五十万", "half a million", "500 thousand"]),
        (2_500_000, ["250万", "two and a half million", "£2.5m"]),
        (30_000_000, ["3000多万", "三千多万人", "30 million"]),
        (34_000, ["34千克朗", "34,000 crowns", "34 thousand"]),
        (10**12, ["一万亿", "1万亿", "a trillion", "one thousand billion"]),
        (24, ["二十四个", "twenty-four", "two dozen"]),
        (120, ["a hundred and twenty", "120", "一百二十"]),
        (1001, ["a thousand and one", "1,001", "一千零一个"]),
        (1_500_000, ["a million and a half", "one and a half million", "150万"]),
        (400_000_000, ["四万万人", "4亿", "400 million"]),
        (10**16, ["一亿亿", "1亿亿"]),
        (20_000_000, ["20M people", "2000万", "20 million"]),
        (10_000, ["10k", "10K", "一万"]),
        (12_345, ["12 345 km", "12\u202f345公里", "12,345 km"]),
        (500, ["5百米", "五百米", "500 m"]),
        (1200, ["售价一千二", "售价1200元"]),
        (250, ["二百五十块钱", "250块钱"]),
        (8, ["晚上八点开门", "八点", "8点"]),
        (15, ["零下十五度", "零下15度"]),
        (10, ["10个百分点", "十个百分点", "10 percentage points"]),
        (Fraction(9, 5), ["身高一米八", "1米8", "1米80", "1.8米"]),
        (Fraction(7, 2), ["三块五", "3.5元"]),
    ],
)
def test_one_value_however_it_is_written(value, spellings):
    for told in spellings:
        assert [number.value for number in numbers(told)] == [value], told


@pytest.mark.parametrize(
    ("per_cent", "spellings"),
    [
        (Fraction(30), ["三成", "3成", "百分之三十", "十分之三", "three tenths"]),
        (Fraction(75), ["七成五", "百分之七十五", "四分之三", "three quarters"]),
        (Fraction(200, 3), ["三分之二", "3分之2", "two-thirds", "2/3 of them", "2/3的人"]),
        (Fraction(20), ["两成", "五分之一", "a fifth of the vote"]),
        (Fraction(25, 2), ["百分之十二点五", "百分之12.5"]),
    ],
)
def test_a_share_is_per_cent(per_cent, spellings):
    for told in spellings:
        assert [(number.value, number.share) for number in numbers(told)] == [(per_cent, True)], told


@pytest.mark.parametrize(
    "text",
    [
        "一定",
        "每一座船闸",
        "十分重要",
        "千万不要",
        "百万富翁",
        "数百万人",
        "no one knew",
        "one of them",
        "万一",
        "亿万",
        "七八个人",  # neither 78 nor any one number
        "三四百人",
        "五六十岁",
        "二三十年代",
        "三五个人",
        "上百人",
        "有一点",
        "百度",
        pytest.param("1" + "0" * 5000, id="digits"),
        pytest.param("0." + "1" * 5000, id="decimals"),
        pytest.param("一" * 5000, id="numerals"),
    ],
)
def test_what_is_no_number(text):
    assert not list(numbers(text))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("six and seven", [6, 7]),
        ("3千米，5千克", [3, 5]),  # units that begin with 千
        ("5m long", [5]),
        ("三点二十分", [20]),
        ("方案三成立", []),
        ("rows of 100 200 300 m", [100, 200, 300]),
        ("on 9/11", [9, 11]),
        ("二〇二三年", [2023]),
        ("两米一根", [2]),
        ("5m or 20m long", [5, 20]),
        ("the twenty-fifth", [25]),
        ("two hundred and six of 1,870", [206, 1870]),
    ],
)
def test_where_a_number_ends(text, values):
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize("run", ["1" + "亿" * 5000, "a" + " million" * 5000, "3分之" + "9" * 5000, "one" * 5000])
def test_a_run_of_scales_ends_somewhere(run):
    assert all(number.value < 10**300 for number in numbers(run))
