import pytest
from rag.reading.pinyin import in_characters, in_letters


def test_a_chinese_name_in_letters_is_found_by_its_sound():
    page = "柳洼镇东堤决口。苕岚湿地研究所设在西安，柳洼也有一站。"
    assert in_characters("What did Liuwa tell the Tiaolan Institute in Xi'an?", page) == [
        "柳洼",
        "柳洼",
        "苕岚",
        "西安",
    ]
    assert in_letters("柳洼镇决堤时缺口有多宽？", "Liuwa was worst hit. Farmers around Anto and Liuwa gave up.") == [
        "Liuwa"
    ]


@pytest.mark.parametrize(
    ("latin", "chinese", "heard"),
    [
        ("Liuwa's dyke", "柳洼镇的堤", ["柳洼"]),
        ("Liuwa’s dyke", "柳窪鎮的堤", ["柳洼"]),
        ("the Liuwa-Anto road", "柳洼的路", ["柳洼"]),
        ("Lüliang", "吕梁", ["吕梁"]),
        ("Lyuliang", "吕梁", ["吕梁"]),
        ("Jin'an", "济南", []),
        ("Jinan", "济南", ["济南"]),
        ("Chongqing", "重庆市", ["重庆"]),
        ("Zhongqing", "重庆", ["重庆"]),  # a character is read in any of its ways
        ("Wangxi", "望汐很远", ["望汐"]),
    ],
)
def test_how_a_name_may_be_written(latin: str, chinese: str, heard: list[str]):
    assert in_characters(latin, chinese) == heard


@pytest.mark.parametrize(
    ("latin", "chinese"),
    [
        ("Lena met Name in the dyke", "为了那条船，那么多人"),
        ("Dali was born", "政府大力发展旅游"),
        ("Mali", "一百马力"),
        ("Yuan and Tian", "这个预案和提案"),
        ("Lake Superior", "伊拉克的湖"),
        ("Dance", "单侧开放"),
        ("Like this", "立刻停下"),
        ("liuwa", "柳洼"),
        ("Liu", "柳"),
        ("Liuwaz", "柳洼"),
        ("Who is it", "佢係咁樣㗎喇，主營\uf90a融"),  # characters that nobody has a reading for
    ],
)
def test_what_only_sounds_like_a_name_is_none(latin: str, chinese: str):
    assert in_characters(latin, chinese) == [] == in_letters(chinese, latin)
