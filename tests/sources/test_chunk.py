import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.hashed import estimated_ends
from rag.sources.chunk import chunk
from rag.text.passage import passages
from rag.text.sentences import sentences
from rag.types import Chunk, Page

# A word of up to four letters, or any other character: about what a real tokenizer makes of a text.
TOKEN = re.compile(r"[A-Za-z]{1,4}|\S")

TEXTS = {
    "zh": "灰角灯塔于一八七一年首次点亮。守塔人安娜每天要爬二百一十四级台阶，这样过了三十年！灯油后来改了。\n" * 9,
    "en": "The lighthouse was lit in 1871. Dr. Holm climbed 3.5 steps, i.e. few, every day! Was it dark? It was.\n\n"
    * 9,
    "ja": "灯台は1871年に初めて点灯した。灯台守のアンナは毎日二百段を登った。「明るい」と彼女は言った。\n" * 9,
    "ko": "등대는 1871년에 처음 불을 밝혔다. 등대지기 안나는 매일 계단을 올랐다. 기름은 나중에 바뀌었다.\n" * 9,
    "ru": "Маяк впервые зажгли в 1871 году. Смотрительница Анна поднималась по лестнице каждый вечер. Было темно?\n"
    * 9,
    "th": "ประภาคารถูกจุดไฟครั้งแรกในปี 1871 ผู้ดูแลชื่อแอนนาเดินขึ้นบันไดทุกวัน เป็นเวลาสามสิบปี\n" * 9,
    "ar": "أضيئت المنارة لأول مرة عام 1871. صعدت آنا الدرج كل مساء؛ ثم عادت، وهل كان الليل مظلما؟ نعم.\n" * 9,
}


def token_ends(text: str) -> Sequence[int]:
    return [match.end() for match in TOKEN.finditer(text)]


def count(text: str) -> int:
    return len(token_ends(text))


def check(page: Page, chunks: Sequence[Chunk], limit: int) -> None:
    """What holds of any chunks of any page."""
    spans = page.body or ((0, len(page.text)),)
    covered = [0] * len(page.text)
    before = 0
    for piece in chunks:
        assert piece.text == page.text[piece.start : piece.end]
        assert (piece.uri, piece.page_sha256) == (page.uri, page.sha256)
        assert piece.text.strip()
        assert before <= piece.start
        assert any(start <= piece.start and piece.end <= end for start, end in spans)
        assert count(piece.text) <= limit
        before = piece.end
        for place in range(piece.start, piece.end):
            covered[place] += 1
    inside = [any(start <= place < end for start, end in spans) for place in range(len(page.text))]
    for place, character in enumerate(page.text):
        if not character.isspace():
            assert covered[place] == inside[place]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize(("aim", "limit"), [(40, 160), (10, 30), (200, 500)])
def test_every_language_is_cut_between_sentences(language: str, aim: int, limit: int) -> None:
    page = Page("a", TEXTS[language])
    chunks = chunk(page, token_ends, aim, limit)
    check(page, chunks, limit)
    if aim == 40:
        ends = {end for _, end in sentences(page.text)}
        assert [piece.text[-20:] for piece in chunks if piece.end not in ends] == []
        longest = max(count(page.text[start:end]) for start, end in sentences(page.text))
        assert all(count(piece.text) <= max(2 * aim, longest) for piece in chunks)
        assert sum(count(piece.text) for piece in chunks) / len(chunks) > 0.5 * aim


WORDS = st.sampled_from(
    [
        "lamp",
        "灯塔",
        "台阶，",
        "灯。",
        "light.",
        "3.5",
        "1.",
        "\n",
        "\n\n",
        " ",
        "등대",
        "свет;",
        "แสง",
        "ضوء؟",
        "# head\n",
        "😀",
        "• a",
        ":",
    ]
)
MADE = st.lists(WORDS | st.text(max_size=6), max_size=120).map("".join)


@settings(deadline=None)
@given(MADE, st.integers(4, 60), st.integers(0, 60), st.data())
def test_properties_hold_of_any_text_and_body(text: str, aim: int, more: int, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    body = tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=False) if start < end)
    page = Page("a", text, body=body)
    limit = aim + more
    check(page, chunk(page, token_ends, aim, limit), limit)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=400), st.integers(1, 20))
def test_tiny_limits_still_cover_everything(text: str, limit: int) -> None:
    page = Page("a", text)
    check(page, chunk(page, token_ends, limit, limit), limit)


def test_the_tokenizer_is_asked_once_a_page() -> None:
    asked = []

    def counted(text: str) -> Sequence[int]:
        asked.append(text)
        return token_ends(text)

    text = TEXTS["zh"]
    chunk(Page("a", text, body=((0, 100), (120, len(text)))), counted, 40, 120)
    assert asked == [text]


def test_a_heading_goes_with_what_follows() -> None:
    prose = "灯塔很亮。" * 7 + "\n"
    text = "".join(f"{number}. 第{number}章的标题\n{number}.1 小标题\n{prose}" for number in range(1, 7))
    for piece in chunk(Page("a", text), token_ends, 50, 200):
        assert piece.text.endswith("。")
        assert re.match(r"\d\. 第", piece.text)


def test_an_introduction_goes_with_its_list() -> None:
    text = "灯塔很亮。" * 9 + "\n主要参数如下:\n• 高四十一米\n• 有二百一十四级台阶\n" + "灯塔很亮。" * 9
    pieces = chunk(Page("a", text), token_ends, 50, 200)
    assert [piece for piece in pieces if "如下:\n• 高四十一米" in piece.text]


def test_paragraphs_are_the_preferred_cuts() -> None:
    paragraph = "The lamp is lit. " * 8
    text = "\n".join([paragraph.strip()] * 6)
    for piece in chunk(Page("a", text), token_ends, 50, 200):
        assert piece.start == 0 or text[piece.start - 1] == "\n"
        assert piece.end == len(text) or text[piece.end] == "\n"


def test_a_long_sentence_is_cut_after_a_clause() -> None:
    text = "灯塔照着海面上来来往往的船，" * 40 + "一直到天亮。"
    pieces = chunk(Page("a", text), token_ends, 60, 100)
    assert all(piece.text.endswith(("，", "。")) for piece in pieces)


def test_a_long_sentence_without_clauses_is_cut_at_spaces() -> None:
    text = "lamp light " * 200
    pieces = chunk(Page("a", text), token_ends, 60, 100)
    assert all(piece.text.split()[-1] in ("lamp", "light") for piece in pieces)


def test_text_without_any_mark_is_cut_after_a_token() -> None:
    text = "灯" * 1000
    pieces = chunk(Page("a", text), token_ends, 60, 130)
    assert "".join(piece.text for piece in pieces) == text
    assert min(len(piece.text) for piece in pieces[:-1]) > 80


def test_chunks_never_cross_what_is_left_out() -> None:
    text = "The lamp is lit. ADVERT The keeper sleeps."
    pieces = chunk(Page("a", text, body=((0, 16), (24, len(text)))), token_ends, 100, 100)
    assert [piece.text for piece in pieces] == ["The lamp is lit.", "The keeper sleeps."]


def test_chunks_know_their_headings() -> None:
    prose = "The lamp is lit every evening. " * 6
    text = f"# Light\n{prose}\n## Keepers\n{prose}\n{prose}\n# Town\n{prose}"
    page = Page("a", text, "Guide", media_type="text/markdown")
    pieces = chunk(page, token_ends, 60, 200)
    assert [piece.heading for piece in pieces] == ["Light", "Light › Keepers", "Light › Keepers", "Town"]
    assert {piece.heading for piece in chunk(replace(page, media_type="text/html"), token_ends, 60, 200)} == {""}


@settings(deadline=None)
@given(MADE, st.text(max_size=200), st.integers(128, 300), st.sampled_from(["text/markdown", "text/html"]))
def test_with_what_stands_above_it_a_chunk_fits_whole(text: str, title: str, limit: int, kind: str) -> None:
    page = Page("a/b.txt", text * 3, title, media_type=kind)
    for whole in passages(page, chunk(page, estimated_ends, 100, limit)):
        assert len(estimated_ends(whole)) <= limit


def test_no_text_gives_no_chunks() -> None:
    assert chunk(Page("a", " \n "), token_ends, 10, 20) == []


def test_an_aim_beyond_the_limit_is_the_limit() -> None:
    page = Page("a", "The heron waits for fish. " * 60)
    assert chunk(page, token_ends, 1000, 60) == chunk(page, token_ends, 60, 60)


def test_an_aim_of_nothing_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aim must be"):
        chunk(Page("a", "text"), token_ends, 0, 10)
