import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SourceFault
from rag.sources.charset import clean, decode
from tests.sources.made_sources import CHINESE

ZH = "".join(CHINESE) * 4
TW = "臺灣的天氣今天很好，我們決定去公園散步，並且在那裡吃午餐。氣象局表示明天會下雨。"
KO = "오늘은 날씨가 좋아서 공원에 산책을 갔습니다. 내일은 비가 온다고 합니다."
RU = "Сегодня хорошая погода, и мы пошли гулять в парк. Завтра будет дождь."
FR = "Déjà, l’été était terminé : les élèves retournèrent à l’école où ça sentait la craie."


@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "windows-1252", "big5", "no-such-charset", "gb2312"])
def test_chinese_survives_any_declaration(declared: str) -> None:
    assert decode(ZH.encode("gb18030"), declared, uri="a") == ZH
    assert decode(ZH.encode("utf-8"), declared, uri="a") == ZH


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "GBK", "x-gbk", "gb18030"])
def test_every_gb_label_is_read_as_gb18030(declared: str) -> None:
    text = "镕堃喆𠮷灯塔"  # the last but two is outside GBK
    assert decode(text.encode("gb18030"), declared, uri="a") == text


def test_big5_label_is_read_with_hong_kong_characters() -> None:
    text = "喺嗰度嘅燈塔，" + TW
    assert decode(text.encode("big5hkscs"), "big5", uri="a") == text


@pytest.mark.parametrize(
    ("text", "charset"),
    [(TW, "big5"), (KO, "cp949"), (RU, "cp1251"), (FR, "cp1252"), (ZH, "utf-16"), (ZH, "utf-8-sig"), (ZH, "gbk")],
)
def test_undeclared_charset_is_detected(text: str, charset: str) -> None:
    assert decode(text.encode(charset), uri="a") == text


def test_meta_is_believed_in_markup_only() -> None:
    page = f'<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>{ZH[:3]}</p>'
    assert ZH[:3] in decode(page.encode("gbk"), uri="a", markup=True)
    assert decode(b"charset=big5 " + ZH.encode("gbk"), uri="a") == "charset=big5 " + ZH


def test_byte_order_mark_beats_the_header() -> None:
    assert decode(b"\xff\xfe" + ZH.encode("utf-16-le"), "gbk", uri="a") == ZH


@pytest.mark.parametrize("declared", ["gb2312", "gbk"])
def test_a_page_of_taiwan_that_claims_the_mainlands_charset_is_read(declared: str) -> None:
    page = f"<meta charset={declared}><p>{TW}</p>"
    assert decode(page.encode("big5"), uri="a", markup=True) == page


def test_traditional_characters_in_gbk_stay_what_they_are() -> None:
    assert decode(TW.encode("gbk"), "gbk", uri="a") == TW


def test_a_short_gbk_line_is_not_taken_for_korean_or_big5() -> None:
    assert decode("天气很好。".encode("gbk"), uri="a") == "天气很好。"


def test_one_broken_byte_does_not_lose_the_page() -> None:
    content = ZH.encode("utf-8") + b"\xff" + ZH.encode("utf-8")
    assert decode(content, "utf-8", uri="a") == f"{ZH}\ufffd{ZH}"


def test_noise_is_no_text() -> None:
    noise = bytes((index * 37 + index // 7 * 11) % 251 + 1 for index in range(4000))
    with pytest.raises(SourceFault, match=r"notes\.txt is not"):
        decode(noise, "utf-8", uri="notes.txt")


def test_clean_touches_line_ends_and_what_nobody_sees_only() -> None:
    assert clean("a\r\nb\rc\x0cd\x00e\x07f\ttab\u200bz") == "a\nb\nc\ndef\ttabz"
    assert clean("e\u0301") == "é"


@settings(deadline=None)
@given(st.text())
def test_clean_is_stable_normal_and_encodable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once == unicodedata.normalize("NFC", once)
    once.encode("utf-8")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1))
def test_what_is_declared_and_true_comes_back(text: str) -> None:
    assert decode(text.encode("utf-8"), "utf-8", uri="a") == text.removeprefix("\ufeff")
