from rag.sources.extract import extract
from rag.types import Page

FILLER = "The harbour has a long history, and its keepers wrote every tide into a book that is still there. " * 3
ARTICLE = f"""<html><head><title>Ferry</title><base href="https://base.example/x/"></head><body>
<nav><a href="/home">Home</a> <a href="/news">Oskerry</a></nav><article><h1>The ferry and its maker</h1>
<p>{FILLER}</p>
<p>The Sable Wren got a battery made by <a href="/cells#top">Corvane&nbsp;<b>Cells</b></a> across the harbour.</p>
<p>She sails to <a href="island.html">Oskerry</a> (see <a href="#times">here</a>, <a href="mailto:a@b.c">write</a>,
<a href="javascript:alert(1)">run</a>, <a href="http://[">broken</a>).</p><p>{FILLER[:90]}</p></article></body></html>"""


def named(page: Page) -> list[tuple[str, str]]:
    return [(page.text[link.start : link.end], link.address) for link in page.links]


def test_a_link_is_found_again_where_its_words_stand_in_the_article():
    page = extract(ARTICLE.encode(), "https://site.example/a", "text/html")
    assert [("".join(text.split()), to) for text, to in named(page)] == [
        ("CorvaneCells", "https://base.example/cells"),
        ("Oskerry", "https://base.example/x/island.html"),
    ]
    assert page.text[: page.links[1].start].endswith("She sails to ")


def test_links_of_a_chinese_page_in_gbk():
    filler = (
        "<p>灯塔的历史很长，守塔人把每一次潮汐都记在本子上，一直保存到今天。这是第一段，讲的是守塔人的生活与工作。</p>"
        * 4
    )
    html = f"""<html><head><meta charset="gbk"><title>灯塔</title></head><body><article><h1>灯塔</h1>{filler}
    <p>电池由<a href="cells.html">科凡电池</a>制造，装在
    <a href="/ferry/wren">黑鹂号</a>的车甲板下。</p></article></html>"""
    page = extract(html.encode("gbk"), "https://site.example/z/a.html", "text/html")
    assert named(page) == [
        ("科凡电池", "https://site.example/z/cells.html"), ("黑鹂号", "https://site.example/ferry/wren"),
    ]  # fmt: skip


def test_a_saved_file_leads_to_the_file_beside_it_and_never_to_the_root_of_the_disk():
    more = '<p>For more see <a href="b%20c.html?x=1">that page</a>, and not <a href="/etc/passwd">this one</a>.</p>'
    page = extract(f"<html><body><p>{FILLER}</p>{more}<p>{FILLER[:90]}</p></body></html>".encode(), "/pages/a.html")
    assert named(page) == [("that page", "/pages/b c.html")]


def test_links_of_markdown_and_bare_addresses_in_a_text():
    text = '# T\n\nSee [the bridge](quill.html "t"), ![a picture](x.png) and https://a.example/x?y=1. 见https://b.example/湖。'
    assert named(extract(text.encode(), "/pages/a.md")) == [
        ("the bridge", "/pages/quill.html"),
        ("https://a.example/x?y=1", "https://a.example/x?y=1"),
        ("https://b.example/湖", "https://b.example/湖"),
    ]


def test_a_page_of_nothing_but_links_has_them_all_and_none_overlaps_another():
    items = "".join(f'<li><a href="/p/{number}">Page number {number}</a></li>' for number in range(300))
    page = extract(f"<html><body><ul>{items}</ul></body></html>".encode(), "https://site.example/", "text/html")
    assert len(page.links) > 250
    assert all(one.end <= two.start for one, two in zip(page.links, page.links[1:], strict=False))
    assert all(to.endswith(text.split()[-1]) for text, to in named(page))
