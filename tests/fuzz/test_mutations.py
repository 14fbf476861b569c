"""Files, lists and recipes with bytes changed anywhere: what comes of them is a page by its own laws, or a fault."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes import recipe
from rag.browsing.commands import parse
from rag.browsing.quotes import locate
from rag.config import FetchConfig
from rag.errors import Fault, NotVerbatim, SourceFault
from rag.sources import listing
from rag.sources.chunk import chunk
from rag.sources.edge import one_source
from rag.sources.extract import extract
from rag.types import Invalid, Page
from tests.sources import made_sources as made
from tests.sources.made_sources import CHINESE, SENTENCES
from tests.sources.test_chunk import token_ends

TEXT = "\n\n".join(SENTENCES)
SEEDS: dict[str, bytes] = {
    "a.txt": "\n".join((*SENTENCES, *CHINESE)).encode(),
    "a.md": b"---\ntitle: Light\ndate: 2021-05-04\n---\n# Light\n\n%s\n\n<!-- no -->\n\n```\na\n```\n[b](c)\n"
    % TEXT.encode(),
    "a.html": made.article_html("utf-8", SENTENCES),
    "b.html": b"<table><tr><th>a<th>b<tr><td colspan=2>1<tr><td>2<td>3</table><ul><li>x<ul><li>y</ul></ul><p hidden>z"
    b"<style>.a{display:none}</style><p class=a style='color:#fff'>w</p><math><mi>Q</mi></math>10<sup>6</sup>" * 3,
    "a.csv": b'crop,year,tons\n"rye, winter",1938,4.5\noats,1939,\n',
    "a.srt": b"1\n00:00:01,000 --> 00:00:02,000\nThe lamp is lit.\n\n2\n00:00:03,000 --> 00:00:04,000\nNow.\n",
    "a.json": json.dumps({"station": "Orrin", "rows": [{"depth": 34.5, "name": "水库"}, {"depth": None}]}).encode(),
    "a.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Fees\n", "40"], "outputs": []}]}).encode(),
    "a.xml": b"<?xml version='1.0'?><r a='1'><s>Orrin</s><s b='2'>Weir<t/></s></r>",
    "a.rtf": b"{\\rtf1\\ansi {\\b The fee} is \\u27700? 40 crowns.\\par}",
    "a.tex": b"\\documentclass{a}\\begin{document}\\section{Fees}The fee is $x^2$.% no\n\\end{document}",
    "a.eml": b"From: a@b.example\r\nSubject: =?utf-8?q?Fees?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nThe fee is 40.\r\n--x--\r\n",
    "a.docx": made.docx(made.paragraph(SENTENCES[0]) + made.word_table([["a", "b"], ["1", "2"]])),
    "a.xlsx": made.xlsx({"Yields": [["Crop", "Tons"], ["Rye", 4], ["Oats", 3.5]]}),
    "a.pptx": made.pptx(),
    "a.epub": made.epub([f"<p>{SENTENCES[0]}</p>"]),
    "a.pdf": made.pdf([[(72, 700, SENTENCES[0]), (72, 680, SENTENCES[1])]]),
}
INTERESTING = st.sampled_from(
    (b"\x00", b"\xff", b"<", b">", b'"', b"&", b"\n", b"-1", b"999999999999", b"\xe6", b"[" * 50, b"{" * 50, b"|" * 9)
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), INTERESTING | st.binary(max_size=6)), min_size=1, max_size=6
)


def edited(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """Each edit: where (a share of its length), how many bytes go, what comes in their place."""
    for share, gone, new in edits:
        at = int(share * len(content))
        content = content[:at] + new + content[at + gone :]
    return content


def check(page: Page) -> None:
    """The laws of a page, its chunks and its quotes."""
    text = page.text
    assert text.strip() and not any("\ud800" <= letter <= "\udfff" for letter in text)
    assert len(page.title) <= 300 and "\n" not in page.title and "\x1b" not in text + page.title
    for spans in (
        [(link.start, link.end) for link in page.links],
        [(one.start, one.end) for one in page.headings],
        page.body,
    ):
        ends = [0, *(end for _, end in spans)]
        assert all(end <= start <= stop <= len(text) for end, (start, stop) in zip(ends, spans, strict=False))
    assert list(page.page_starts) == sorted(page.page_starts) and all(at <= len(text) for at in page.page_starts)
    for piece in chunk(page, token_ends, 40, 160):
        assert text[piece.start : piece.end] == piece.text
        start, end = locate(piece.text, page, piece.start)
        assert text[start:end] == piece.text


@given(st.sampled_from(sorted(SEEDS)), EDITS)
def test_a_changed_file_is_a_page_or_a_fault(name: str, edits: list[tuple[float, int, bytes]]) -> None:
    try:
        with one_source(name):
            page = extract(edited(SEEDS[name], edits), name)
    except SourceFault as fault:
        assert name in str(fault)
        return
    check(page)


@pytest.mark.parametrize("name", SEEDS)
def test_each_of_them_is_read_as_it_is(name: str) -> None:
    check(extract(SEEDS[name], name))


@given(st.text(max_size=80), st.sampled_from((TEXT, "".join(CHINESE))))
def test_what_is_located_stands_there(wanted: str, text: str) -> None:
    page = Page("a", text)
    try:
        start, end = locate(wanted, page)
    except NotVerbatim:
        return
    assert 0 <= start < end <= len(text)


@given(st.text(max_size=200))
def test_any_line_is_an_action(line: str) -> None:
    action = parse(line)
    assert not isinstance(action, Invalid) or action.said == line


LISTS = {
    "map": b"<?xml version='1.0'?><urlset><url><loc>https://a.example/1</loc></url><url><loc>/2</loc></url></urlset>",
    "index": b"<sitemapindex><sitemap><loc>https://a.example/m.xml</loc></sitemap></sitemapindex>",
    "lines": b"https://a.example/1\nhttps://a.example/2\n",
}


@given(st.sampled_from(sorted(LISTS)), EDITS)
def test_a_changed_list_names_web_addresses_or_is_a_fault(name: str, edits: list[tuple[float, int, bytes]]) -> None:
    try:
        with one_source("https://a.example/map"):
            pages, maps = listing._sitemap("https://a.example/map", edited(LISTS[name], edits))
    except SourceFault:
        return
    assert all(address.startswith(("http://", "https://")) for address in (*pages, *maps))


RECIPE = b"""[index]
name = "papers"
keep = 2
[[sources]]
kind = "folder"
path = "~/papers"
every = "12h"
[[sources]]
kind = "urls"
addresses = ["https://a.example/"]
[chunk]
tokens = 200
[fetch]
per_host = 2
[checks]
min_pages = 10
[[checks.golden]]
query = "how long"
expect = "a.html"
within = 5
"""


@given(EDITS)
def test_a_changed_recipe_is_a_recipe_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[float, int, bytes]]
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "papers.toml"
    path.write_bytes(edited(RECIPE, edits))
    try:
        made_of = recipe.read(path)
    except Fault as fault:
        assert "papers.toml" in str(fault)
        return
    assert made_of.sources and FetchConfig()
