from pathlib import Path

import pytest

from rag.errors import SourceFault
from rag.sources.extract import extract
from rag.text.locator import cite, locator
from rag.types import Page
from tests.sources import made_sources as made
from tests.sources.made_kinds import compound
from tests.sources.made_sources import CHINESE, SENTENCES

PARAGRAPHS = tuple("".join(CHINESE) + f"这是第{number}段，讲的是灯塔的历史和守塔人的生活。" for number in range(6))


def body_of(page: Page) -> str:
    return "\n".join(page.text[start:end] for start, end in page.body)


def test_text_is_kept_verbatim() -> None:
    text = "\n\n".join(SENTENCES)
    page = extract(text.encode(), "/a/grey.txt", read_at="2026-01-02T03:04:05+00:00")
    assert (page.text, page.title, page.language, page.media_type) == (text, "grey", "en", "text/plain")
    assert (page.uri, page.read_at, body_of(page)) == ("/a/grey.txt", "2026-01-02T03:04:05+00:00", text)


def test_a_short_first_line_is_the_title_of_a_text() -> None:
    assert extract(("灰角灯塔\n\n" + "\n".join(CHINESE)).encode("gbk"), "a.txt").title == "灰角灯塔"


def test_a_text_named_by_a_number_is_called_by_what_it_opens_with() -> None:
    text = f"Grey Point Light Ltd. keeps three lamps, and it {'very ' * 9}often lets visitors see them.\n{SENTENCES[0]}"
    assert extract(text.encode(), "/reports/40.txt").title == "Grey Point Light Ltd. keeps three lamps"
    assert extract(text.encode(), "/reports/light-1903.txt").title == "light-1903"


def test_markdown_keeps_its_marks_and_all_of_it_is_body() -> None:
    text = "intro\n\n# Grey Point #\n\n* one\n\nAdvertisement\n"
    page = extract(text.encode(), "a.md")
    assert (page.text, page.title, page.body) == (text, "Grey Point", ((0, len(text)),))


def test_front_matter_tells_of_the_page_and_is_not_read_as_its_text() -> None:
    page = extract(
        "---\ntitle: 灰角灯塔\nauthors: [林安, Ruth Hale]\ndate: 2023-03-02\n---\n\n# 一\n\n灯亮了。\n".encode(), "a.md"
    )
    assert (page.title, page.author, page.date) == ("灰角灯塔", "林安, Ruth Hale", "2023-03-02")
    assert body_of(page).strip() == "# 一\n\n灯亮了。" and page.text.startswith("---\ntitle")


@pytest.mark.parametrize(
    "head", ["---\n\nA rule above.\n\n---\n", "---\ntitle: [\n---\n", "---\ntitle: never closed\n", "----\n"]
)
def test_a_rule_above_a_text_is_no_front_matter(head: str) -> None:
    page = extract(f"{head}The lamp is lit.\n".encode(), "a.md")
    assert body_of(page) == page.text and page.author == ""


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gb18030", "big5"])
def test_html_gives_the_article_with_its_facts(charset: str) -> None:
    paragraphs = PARAGRAPHS
    title = "灯塔"
    if charset == "big5":
        paragraphs = tuple(f"燈塔的歷史很長，守塔人每天都要爬上去點燈，第{number}次也一樣。" for number in range(8))
        title = "燈塔"
    page = extract(made.article_html(charset, paragraphs, title), "https://coast.example/a")
    lines = page.text.split("\n")
    assert [line for line in lines if line in paragraphs] == list(paragraphs)
    assert (page.title, page.author, page.date, page.site) == (title, "Anna Holm", "2024-05-06", "Coast News")
    assert (page.language, page.media_type) == ("zh", "text/html")
    for furniture in ("首页", "新闻", "版权", "另一座", "only this week"):
        assert furniture not in page.text


def test_a_repeated_paragraph_is_read_once() -> None:
    page = extract(made.article_html("utf-8", (*PARAGRAPHS, PARAGRAPHS[0])), "a.html")
    assert page.text.count(PARAGRAPHS[0]) == 1


def test_a_page_of_one_line_is_read_too() -> None:
    page = extract(b"<html><head><title>Note</title></head><body><p>The lamp is out.</p></body></html>", "a.html")
    assert (page.text, page.title) == ("The lamp is out.", "Note")


def test_docx_gives_plain_lines() -> None:
    table = made.word_table((("Fuel_type", "Since"), ("Rape * oil", "1871")))
    content = made.docx(
        made.paragraph("Grey_Point *lamp*") + made.paragraph(SENTENCES[0]) + table, "The lamp", "A. Holm"
    )
    page = extract(content, "a.docx")
    assert page.text == f"Grey_Point *lamp*\n{SENTENCES[0]}\nFuel_type | Since\nFuel_type: Rape * oil | Since: 1871"
    assert (page.title, page.author, page.date) == ("The lamp", "A. Holm", "2024-05-06")


def test_pptx_reads_from_the_top_down_with_notes() -> None:
    page = extract(made.pptx(), "a.pptx")
    assert page.text == (
        f"Grey Point\n{SENTENCES[0]}\n{SENTENCES[1]}\nMention the storm of 1902.\n\n"
        f"{SENTENCES[2]}\nFuel | Since\nFuel: Paraffin | Since: 1889"
    )


def test_xlsx_names_the_columns_in_every_row() -> None:
    import datetime

    rows = [["City", "Pop_1", "Share", "Day"], ["Lyon", 513000.0, 0.1 + 0.2, datetime.datetime(2024, 5, 6)]]
    page = extract(
        made.xlsx({"Towns": [*rows, ["Nice", None, 7, None]], "Empty": [], "Note": [["one cell"]]}), "a.xlsx"
    )
    assert page.text == (
        "Towns\nCity | Pop_1 | Share | Day\nCity: Lyon | Pop_1: 513000 | Share: 0.3 | Day: 2024-05-06\n"
        "City: Nice | Share: 7\n\nNote\none cell"
    )


def test_epub_reads_the_chapters_in_order_without_contents() -> None:
    chapters = [f"<h1>One</h1><p>{SENTENCES[0]}</p>", f"<p>{SENTENCES[1]}<br/>and so on</p>"]
    page = extract(made.epub(chapters), "a.epub")
    assert page.text == f"One\n{SENTENCES[0]}\n\n{SENTENCES[1]}\nand so on"
    assert (page.title, page.author, page.date) == ("Grey Point", "A. Holm", "1903-04-05")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_chinese_columns(delimiter: str) -> None:
    rows = [["城市", "人口"], ["里昂", "513000"], ["尼斯", '34"2'], ["马赛，港", ""]]
    content = "\r\n".join(delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)
    page = extract(content.encode("gbk"), "a.csv")
    assert page.text == '城市 | 人口\n城市: 里昂 | 人口: 513000\n城市: 尼斯 | 人口: 34"2\n马赛，港'


def test_csv_without_names_is_not_given_any() -> None:
    assert extract(b"1,2\n3,4\n", "a.csv").text == "1 | 2\n3 | 4"


SUBTITLES = (
    "1\r\n00:00:01,000 --> 00:00:03,000\r\n<i>The lamp was</i>\r\n{\\an8}lit in 1871.\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:05,000\r\nIts keeper climbed\r\n\r\n"
    "3\r\n00:00:05,000 --> 00:00:07,000\r\n214 steps.\r\n"
)


def test_subtitles_become_sentences_whatever_the_name() -> None:
    for name in ("a.srt", "a.txt"):
        assert extract(SUBTITLES.encode(), name).text == "The lamp was lit in 1871.\nIts keeper climbed 214 steps."


def test_webvtt_and_captions_without_stops_stay_a_line_each() -> None:
    content = "WEBVTT\n\nNOTE nothing\n\n00:01.000 --> 00:02.000\n灯塔点亮了\n\n00:02.000 --> 00:03.000\n守塔人走上去\n"
    assert extract(content.encode(), "a.vtt").text == "灯塔点亮了\n守塔人走上去"


ROLLING = """WEBVTT
Kind: captions

00:00:00.400 --> 00:00:02.000 align:start
 
the<00:00:00.700><c> lamp</c>

00:00:02.000 --> 00:00:02.010
the lamp
 

00:00:02.010 --> 00:00:04.000
the lamp
was lit &amp; seen

01:00:04.000 --> 01:00:04.010
was lit &amp; seen
<v Keeper>every night
"""


def test_rolling_captions_are_said_once_with_their_speakers() -> None:
    assert extract(ROLLING.encode(), "a.vtt").text == "the lamp\nwas lit & seen\nKeeper: every night"


def test_captions_are_cited_by_their_times() -> None:
    def times(page: Page, words: str) -> tuple[str, str]:
        start = page.text.index(words)
        where = locator(page, (start, start + len(words)))
        return cite(where, "en"), cite(where, "zh")

    spoken = extract(SUBTITLES.encode(), "a.srt")
    assert times(spoken, "lamp") == ("at 0:01", "0:01 处")
    assert times(spoken, "climbed 214") == ("at 0:03–0:05", "0:03–0:05 处")
    assert times(extract(ROLLING.encode(), "a.vtt"), "every night")[0] == "at 1:00:04"
    backwards = "\n\n".join(reversed(SUBTITLES.replace("\r", "").split("\n\n")))
    assert extract(backwards.encode(), "a.srt").page_starts == ()


# --- what a file is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "media_type", "expected"),
    [
        (made.pdf([[(72, 700, SENTENCES[0])]]), "a.txt", "text/plain", "application/pdf"),
        (made.article_html("utf-8", PARAGRAPHS), "a.pdf", "application/pdf", "text/html"),
        (made.article_html("utf-8", PARAGRAPHS), "a.txt", "", "text/html"),
        (made.docx(made.paragraph(SENTENCES[0])), "a.pdf", "", "wordprocessingml.document"),
        (SENTENCES[0].encode(), "a.html", "text/html", "text/plain"),
        (b"ID3 tags and %PDF- marks stand at the start of files.", "a.txt", "", "text/plain"),
        (SENTENCES[0].encode(), "a.docx", "", "text/plain"),
        (SENTENCES[0].encode(), "https://coast.example/a.php?x=1", "text/html", "text/plain"),
    ],
)
def test_content_decides_the_kind(content: bytes, name: str, media_type: str, expected: str) -> None:
    assert extract(content, name, media_type).media_type.endswith(expected)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
DAMAGED_DOCX = made.docx(made.paragraph(SENTENCES[0]))


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.txt", "is empty"),
        (b" \r\n\t ", "a.txt", "is empty"),
        (b"\0" * 100, "a.txt", "binary file"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 60, "a.txt", "a program"),
        (b"MZ\x90\0" + b"\0" * 60, "a.txt", "a Windows program"),
        (b"\x1f\x8b\x08" + b"\0" * 60, "a.csv", "gzip"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 60, "a.jpg", r"Save pictures as \.jpg"),
        (made.packed({"a.txt": "words"}), "a.zip", "zip archive"),
        (OLE, "a.doc", "damaged"),
        (compound({"Contents": b"x" * 4096}), "a.dat", "binary file"),
        (compound({"EncryptedPackage": b"x" * 4096}), "a.docx", "encrypted"),
        (made.encrypted_pdf(), "a.pdf", "encrypted"),
        (made.epub(["<p>x</p>"], locked=True), "a.epub", "encrypted by its shop"),
        (b"%PDF-1.7\nnothing more", "a.pdf", "damaged"),
        (DAMAGED_DOCX[: len(DAMAGED_DOCX) // 2], "a.docx", "damaged"),
        (DAMAGED_DOCX.replace(b"word/document.xml", b"word/doc_ment.xml"), "a.docx", "damaged"),
        (made.packed({"[Content_Types].xml": "<x", "ppt/presentation.xml": ""}), "a.pptx", "damaged"),
        (made.packed({"[Content_Types].xml": "<x", "xl/workbook.xml": "no"}), "a.xlsx", "damaged"),
        (made.packed({"mimetype": "application/epub+zip", "META-INF/container.xml": "<x>"}), "a.epub", "damaged"),
        (made.docx(""), "a.docx", "No text was found"),
        (made.pdf([[]]), "a.pdf", "No text was found"),
        (b"<html><body><script>x()</script></body></html>", "a.html", "No text was found"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a.png", "damaged"),
        (b'a,"' + b"x" * 200_000, "a.csv", "not a table"),
    ],
)
def test_what_cannot_be_read_says_so_with_a_remedy(content: bytes, name: str, says: str) -> None:
    with pytest.raises(SourceFault, match=says) as caught:
        extract(content, name)
    assert name in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_zip_bomb_is_refused_unopened() -> None:
    bomb = made.packed({"[Content_Types].xml": "<x/>", "word/document.xml": b"0" * 101_000_000})
    assert len(bomb) < 1_000_000
    with pytest.raises(SourceFault, match="unpacks to more than 100 MB"):
        extract(bomb, "a.docx")


def test_xml_entities_are_not_expanded() -> None:
    entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>',
        "b.opf": f'{entity}<package xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T&e;</dc:title><manifest>'
        '<item id="c" href="c.html"/></manifest><spine><itemref idref="c"/></spine></package>',
        "c.html": "<html><body><p>words</p></body></html>",
    }
    assert extract(made.packed(parts), "b.epub").title == "T&e;"


# --- the small world of tests/fixtures --------------------------------------------------------

CORPUS = Path(__file__).parent.parent.parent / "indexes" / "demo_corpus"


@pytest.mark.parametrize("file", sorted(CORPUS.iterdir()), ids=lambda file: file.name)
def test_no_advert_of_the_fixture_corpus_is_in_a_body(file: Path) -> None:
    """Its README names the two brands that only adverts there mention."""
    page = extract(file.read_bytes(), file.as_posix())
    assert len(body_of(page)) > 400
    assert "晴禾" not in body_of(page)
    assert "Brightmoor" not in body_of(page)


SECTIONS = (
    "<nav><h2>The keepers</h2></nav><article><h1>Grey Point</h1><p>{0} {1}</p><h2>The <em>lamp</em></h2><p>{1} {0}</p>"
    "<h2>The keepers</h2><p>{0} {2}</p></article><aside><h2>Also of interest</h2></aside>"
)


def test_headings_of_a_web_page_are_where_its_text_has_them() -> None:
    markup = f"<html><head><title>Light</title></head><body>{SECTIONS.format(*SENTENCES)}</body></html>"
    page = extract(markup.encode(), "https://coast.example/a")
    assert [(each.level, each.words) for each in page.headings] == [
        (1, "Grey Point"),
        (2, "The lamp"),
        (2, "The keepers"),
    ]
    assert all(page.text[each.start : each.end] == each.words for each in page.headings)


def test_headings_of_word_files_and_books() -> None:
    styled = made.paragraph("The lamp").replace("<w:p>", '<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr>')
    word = extract(made.docx(styled + made.paragraph(SENTENCES[0])), "a.docx")
    book = extract(made.epub([f"<p>{SENTENCES[0]}</p>", f"<h2>The lamp</h2><p>{SENTENCES[1]}</p>"]), "a.epub")
    for page in (word, book):
        (only,) = page.headings
        assert (only.level, only.words) == (2, page.text[only.start : only.end]) == (2, "The lamp")
