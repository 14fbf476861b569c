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


def test_a_character_is_read_in_any_of_its_ways():
    assert in_characters("Chongqing", "重庆") == ["重庆"] == in_characters("Zhongqing", "重庆")


def test_what_only_sounds_like_a_name_is_none():
    assert in_characters("Lena met Name in the dyke", "为了那条船，那么多人") == []  # 了那, 那么: no name has these
    assert in_characters("liuwa", "柳洼") == []  # a name has a capital
    assert in_characters("Liu", "柳") == [] and in_characters("Liuwaz", "柳洼") == []
