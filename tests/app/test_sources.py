"""The Sources page without a browser: ways in, what is wrong in words, previews, a search, builds."""

import os
import random
import re
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app import adding, builds, render_source, resources, uploads
from app.adding import Listed
from app.recognised import Told, left_out
from app.render_source import Shelved
from app.runs import Run
from app.session import VIEW, WAY, Adding, Session
from rag import wiring
from rag.answering import adding as shelving
from rag.config import AppConfig, Config, load
from rag.errors import UsageFault
from rag.generation.fake_server import served
from rag.index.attempts import Attempt, Attempts
from rag.index.index import Index
from rag.sources.ingest import Outcome
from rag.types import Chunk, Page, PageInfo
from tests.app.conftest import PAGES, SOON, settle, shown, state
from tests.app.test_page import button, visit_sources
from tests.sources.local_site import Site as Server
from tests.sources.local_site import send, serve
from tests.sources.test_apart import LONG
from tests.sources.workers import busy, ends, needs_proc, workers

COMET = "<html><title>{0}</title><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"
TAILS = "The comet of 1744 had six tails. It was drawn every evening for three weeks by the ropemaker Ines Tolland. "


def settings_of(site, lines: str) -> None:
    file = site.folder / "vouch.toml"
    file.write_text(file.read_text("utf-8") + lines, "utf-8")


def add(test: AppTest) -> AppTest:
    return settle(next(found for found in test.button if found.label == "Add").click().run())


def way(test: AppTest, name: str) -> AppTest:
    test.session_state[WAY] = name
    return test.run()


@pytest.fixture
def server():
    with serve() as made:
        yield made


def pages_of(server: Server) -> None:
    locations = "".join(f"<url><loc>{server.url(path)}</loc></url>" for path in ("/one", "/two", "/gone"))
    server.pages["/sitemap.xml"] = send(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'.encode(), "text/xml"
    )
    server.pages["/one"] = send(COMET.format("One", TAILS * 3).encode())
    server.pages["/two"] = send(
        COMET.format("Two &lt;script&gt;alert(1)&lt;/script&gt;", "六条尾巴的彗星。" * 9).encode()
    )


def test_a_sitemap_comes_in_and_what_fails_is_said_and_kept(site, server):
    settings_of(site, f'[fetch]\nallow_hosts = ["{server.host}"]\n')
    pages_of(server)
    test = way(visit_sources(), "list")
    next(found for found in test.text_input if found.key == "listed").set_value(server.url("/sitemap.xml"))
    test = add(test)
    html = shown(test)
    assert f"{len(PAGES) + 3} of {len(PAGES) + 3} sources" in html
    assert "<script" not in html and "&lt;script&gt;alert(1)" in html
    assert html.count('class="source failed"') == 1 and "404" in html
    again = shown(visit_sources())
    assert html.count('class="source failed"') == again.count('class="source failed"') == 1, "another visitor sees it"
    test = button(test, f"remove {server.url('/gone')}").click().run()
    assert 'class="source failed"' not in shown(button(test, "remove-yes").click().run())


def test_a_source_is_fetched_again_and_one_that_fails_then_is_kept(site, server):
    settings_of(site, f'[fetch]\nallow_hosts = ["{server.host}"]\n')
    pages_of(server)
    url = server.url("/one")
    test = way(visit_sources(), "addresses")
    test.text_area[0].set_value(url)
    test = add(test)
    server.pages["/one"] = send(COMET.format("One, mended", TAILS * 4).encode())
    test = settle(button(test, f"again {url}").click().run())
    assert "1 replaced" in [status.label for status in test.status]
    assert "One, mended" in shown(test)
    del server.pages["/one"]
    test = settle(button(test, f"again {url}").click().run())
    html = shown(test)
    assert 'class="source kept"' in html and "One, mended" in html and "404" in html


def test_what_may_not_be_done_is_refused_also_without_its_button(site):
    closed = Config(indexes=site.config.indexes, index="books", app=AppConfig(read_only=True))
    mine = state(visit_sources())
    for act in (
        lambda: adding.begin(closed, mine, "books", ["/etc/hosts"]),
        lambda: adding.begin_list(closed, mine, "books", Listed("sitemap", "https://example.org/s.xml")),
        lambda: builds.go_back(closed, resources.index(site.config, "books"), "x"),
    ):
        with pytest.raises(UsageFault, match="read-only"):
            act()
    guarded = Config(app=AppConfig(login="password"))
    adding.require_paths(guarded, ["https://example.org"])
    with pytest.raises(UsageFault, match="Upload it instead"):
        adding.require_paths(guarded, ["https://example.org", "/etc/hosts"])


def workbook(file: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (("Dam", "Opened"), ("Orrin", 1931), ("Hale", 1934)):
        book.active.append(row)
    hidden = book.create_sheet("hidden")
    hidden.append(("Secret", 1))
    hidden.sheet_state = "hidden"
    book.save(file)


def printed(file: Path, pages: int) -> None:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.multi_cell(0, 8, f"Part {number} of the report of the harbour trust tells of the dredging of the channel.")
    pdf.output(str(file))


def test_each_source_says_as_it_ends_what_was_recognised_and_what_was_left_out(site, tmp_path):
    dams, report, broken = tmp_path / "dams.xlsx", tmp_path / "report.pdf", tmp_path / "broken.pdf"
    workbook(dams)
    printed(report, 3)
    broken.write_bytes(b"%PDF-1.4 and nothing else")
    mine = Session()
    adding.begin(site.config, mine, "books", [str(file) for file in (dams, report, broken)])
    assert mine.adding.run.wait(SOON) and adding.in_hand(mine.adding) == ([], [])
    told = {Path(one.outcome.uri).name: one for one in mine.adding.run.told}
    assert told["dams.xlsx"].known.rows == 3 and told["broken.pdf"].known is None
    known = told["report.pdf"].known
    assert (known.unit, known.parts, known.language) == ("page", 3, "en") and known.chunks > 0
    english, chinese = (render_source.states(language, list(told.values())) for language in ("en", "zh"))
    assert "Not read: 1 hidden sheet" in english and "pages: 3" in english and "lines of tables: 3" in english
    assert "没有读到：1 张隐藏的工作表" in chinese and "3 页" in chinese and "出错了" not in chinese
    assert english.count("not added") == 1 and "damaged" in english


def test_pages_that_ocr_read_are_told_in_both_languages():
    outcome = Outcome("/a.pdf", "added", "A", 1, "Not read of /a.pdf: pages 2, pages 3, 5-9 but by OCR.", 1, 1)
    assert left_out("zh", outcome) == "没有读到：第 2 页, 第 3, 5-9 页的文字层（已由 OCR 识别）"
    assert left_out("en", outcome) == "Not read: pages 2, pages 3, 5-9 but by OCR"


def test_sources_that_are_read_stand_between_those_that_ended_and_those_that_wait(site):
    done = Told(Outcome("/a/one.txt", "added", "One", 1, "", 1, 5))
    moved = Told(Outcome("https://b.example/", "added", "Two", 1, "", 2, 5))
    told = [done, moved]
    run: Run[Told] = Run(lambda tell: [tell(one) for one in told].clear())
    assert run.wait(SOON)
    made = Adding("books", run, ["/a/one.txt", "http://b.example", "/a/3.txt", "/a/4.txt", "/c"])
    made.begun.extend(["/a/one.txt", "http://b.example", "/a/3.txt", "/c/x.txt"])
    reading, waiting = adding.in_hand(made)
    assert (reading, waiting) == (["/a/3.txt", "/c/x.txt"], ["/a/4.txt"])
    html = render_source.states("en", told, reading, waiting, 8)
    assert html.index("added") < html.index("being put into the index") < html.index("being read")
    assert html.index("being read") < html.index("waiting")
    assert "and 3 more that wait" in render_source.states("en", [], [], ["/a", "/b", "/c", "<d>", "/e"], 2)


@needs_proc
def test_what_was_not_read_when_it_was_stopped_is_not_kept_either(site):
    mine, folder, before = Session(), uploads.folder(site.config, "books"), workers(os.getpid())
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in ("bridge.txt", "long.docx", "zebra.txt")]
    for file, content in zip(files, (b"The Orrin bridge was opened in 1931.", LONG, b"It stands behind."), strict=True):
        file.write_bytes(content)
    adding.begin(site.config, mine, "books", [str(file) for file in files])
    worker = busy(os.getpid(), before)
    reading, waiting = adding.in_hand(mine.adding)
    assert Path(reading[-1]).name == "long.docx" and [Path(uri).name for uri in waiting] == ["zebra.txt"]
    mine.adding.run.stop()
    assert ends(worker) and mine.adding.run.wait(SOON) and mine.adding.run.fault is None
    assert {Path(one.outcome.uri).name: one.outcome.status for one in mine.adding.run.told} == {
        "bridge.txt": "added",
        "long.docx": "failed",
    }
    assert [file.name for file in files if file.exists()] == ["bridge.txt"]


def test_a_read_only_page_shows_sources_and_changes_none(site):
    settings_of(site, "[app]\nread_only = true\n")
    test = visit_sources()
    assert "read-only" in shown(test) and not test.text_area
    assert {found.label for found in test.button} == {"View"}


def test_the_preview_shows_chunks_and_furniture(site):
    test = visit_sources()
    uri = str(site.folder / "pages" / "lighthouse.txt")
    html = shown(button(test, f"view {uri}").click().run())
    assert 'class="page extract"' in html and '<span class="chip"' in html and "whale oil" in html


def test_a_search_shows_three_rankings_that_open_at_their_place(site):
    test = visit_sources()
    test.session_state[VIEW] = "search"
    test = test.run()
    test = next(found for found in test.text_input if found.key == "search").set_value("whale oil lamp").run()
    html = shown(test)
    assert html.count('<ol class="hits">') == 3
    first = re.search(r'data-cite="(\d+:\d+)"', html)
    assert first
    state(test).cite(first[1])
    html = shown(test.run())
    assert '<mark id="quote">' in html and "whale oil" in html.split('<mark id="quote">')[1]


def test_an_older_build_can_be_gone_back_to(site):
    folder, embedder = site.config.built / "books", wiring.embedder(site.config)
    before = resources.index(site.config, "books").build
    with Index.stage(folder, embedder) as staged:
        text = "A third page, about salt."
        page = Page("memory:salt", text, "Salt", body=((0, len(text)),))
        list(staged.put([(page, [Chunk(page.uri, page.sha256, 0, len(text), text)])]))
        staged.promote()
    test = visit_sources()
    assert f"{len(PAGES) + 1} of {len(PAGES) + 1} sources" in shown(test)
    test.session_state[VIEW] = "builds"
    test = test.run()
    assert shown(test).count('class="badge older"') == 1
    test = button(test, f"build {before}").click().run()
    test = button(test, "return-yes").click().run()
    assert not test.exception and resources.index(site.config, "books").build == before
    test.session_state[VIEW] = "pages"
    assert f"{len(PAGES)} of {len(PAGES)} sources" in shown(test.run())


def test_a_name_and_an_error_are_text():
    attack = "<img src=x onerror=alert(1)>"
    row = render_source.row("en", render_source.Shelved(attack, attack, "kept", error=attack))
    assert "<img" not in row and row.count("&lt;img") == 4


def test_standings_follow_from_pages_and_attempts():
    def info(uri: str, chunks: int) -> PageInfo:
        return PageInfo(uri, "T", "", "", "en", "text/html", "2026-01-02T00:00:00+00:00", "s", 10, chunks)

    attempts = {
        "kept": Attempt("kept", "2026-01-03T00:00:00+00:00", "failed", "It is gone."),
        "mended": Attempt("mended", "2026-01-01T00:00:00+00:00", "failed", "It was gone."),
        "never": Attempt("never", "2026-01-01T00:00:00+00:00", "failed", "No such host."),
        "seen": Attempt("seen", "2026-02-01T00:00:00+00:00", "unchanged"),
    }
    shelf = render_source.shelf([info("kept", 1), info("mended", 1), info("empty", 0), info("seen", 2)], attempts)
    assert [(one.uri, one.standing) for one in shelf] == [
        ("never", "failed"), ("seen", "there"), ("empty", "empty"), ("mended", "there"), ("kept", "kept"),
    ]  # fmt: skip
    assert shelf[1].looked.startswith("2026-02") and shelf[3].error == ""


@settings(deadline=None)
@given(st.text(alphabet="ab <&>\n水，🌊", max_size=300), st.integers(0, 10**6), st.integers(1, 60))
def test_every_leaf_shows_its_text_whole_and_in_order(text, seed, size):
    rng = random.Random(seed)
    cuts = sorted(rng.sample(range(len(text) + 1), min(len(text) + 1, 8)))
    spans = [(a, b) for a, b in pairwise(cuts) if rng.random() < 0.8]
    body = tuple((a, b) for a, b in spans if rng.random() < 0.8)
    page = Page("memory:1", text, body=body)
    chunks = [Chunk(page.uri, page.sha256, a, b, text[a:b]) for a, b in spans]
    leaves = render_source.leaves(len(text), [chunk.start for chunk in chunks], size)
    assert "".join(text[a:b] for a, b in leaves) == text and all(b - a <= size for a, b in leaves)
    html = "".join(render_source.extract("en", page, chunks, leaf) for leaf in leaves)
    bare = re.sub(r'<span class="chip"[^>]*>\d+</span>', "", html)
    plain = re.sub(r"<[^>]*>", "", bare).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == text
    assert html.count('class="chip"') == sum(1 for chunk in chunks)


def test_attempts_outlive_what_they_tell_of(tmp_path):
    attempts = Attempts(tmp_path)
    assert attempts.all() == {}
    attempts.forget(["nothing"])
    attempts.note("a", "failed", "No.")
    attempts.note("a", "added")
    assert [(one.status, one.error) for one in attempts.all().values()] == [("added", "")]
    attempts.forget(["a"])
    assert Attempts(tmp_path).all() == {}


def test_the_command_line_notes_its_attempts_too(site, tmp_path):
    with wiring.index(site.config, "books", wiring.embedder(site.config)) as index:
        [outcome] = list(shelving.add([str(tmp_path / "nowhere.txt")], index, site.config))
        assert Attempts(index.folder).all()[outcome.uri].error == outcome.error
        assert shelving.remove(outcome.uri, index) and not shelving.remove(outcome.uri, index)


def test_an_index_of_another_embedder_answers_and_is_embedded_anew(site):
    with served() as running:
        file = site.folder / "vouch.toml"
        address = running.address("ollama")
        named = f'kind = "ollama"\nmodel = "fake-vectors"\naddress = "{address}"'
        file.write_text(file.read_text("utf-8").replace('kind = "hash"', named), "utf-8")
        test = visit_sources()
        assert not test.exception and "embedded with" in shown(test)
        test = button(test, "reembed").click().run()
        assert state(test).reembedding.wait(SOON) and state(test).reembedding.fault is None
        test = test.run()
        assert not test.exception and "embedded with" not in shown(test)
        assert "fake-vectors" in Index.describe(site.config.built / "books")


def multiselect(test: AppTest, key: str):
    return next(found for found in test.multiselect if found.key == key)


def picked(test: AppTest, uri: str) -> AppTest:
    return next(found for found in test.checkbox if found.key == f"pick {uri}").check().run()


def test_tags_are_given_to_what_is_picked_shown_by_and_taken_again(site):
    index = resources.index(site.config, "books")
    first, second = (page.uri for page in index.pages())
    test = picked(visit_sources(), first)
    multiselect(test, "new-tags").set_value(["harbour", "#2024"])
    html = shown(button(test, "tag-give").click().run())
    assert html.count('<span class="tag">#harbour</span>') == html.count('<span class="tag">#2024</span>') == 1
    assert [page.tags for page in index.pages() if page.uri == first] == [("harbour", "2024")]

    test = visit_sources()
    pills = next(found for found in test.button_group if found.key == "tags")
    html = shown(pills.set_value(["2024"]).run())
    assert html.count('class="source there"') == 1 and "1 of 2 sources" in html

    test = next(found for found in visit_sources().toggle if found.key == "pick-all").set_value(True).run()
    multiselect(test, "new-tags").set_value(["Harbour", "both"])
    test = button(test, "tag-give").click().run()
    assert {page.uri: page.tags for page in index.pages()} == {
        first: ("harbour", "2024", "both"),
        second: ("Harbour", "both"),
    }
    test = next(found for found in visit_sources().toggle if found.key == "pick-all").set_value(True).run()
    multiselect(test, "new-tags").set_value(["harbour"])
    button(test, "tag-take").click().run()
    assert {page.tags for page in index.pages()} == {("2024", "both"), ("both",)}


def test_tags_are_changed_by_those_only_who_may(site):
    settings_of(site, "[app]\nread_only = true\n")
    test = visit_sources()
    assert not test.checkbox and not test.toggle


def test_the_list_is_put_in_order_by_title_tag_and_date():
    def made(uri: str, date: str, *tags: str) -> Shelved:
        return Shelved(uri, uri, "there", date=date, tags=tags)

    shelf = [made("c", "2024-05", "b"), made("a", ""), made("B", "2025-01-02", "C", "a")]

    def order(by: str) -> str:
        return "".join(one.uri for one in sorted(shelf, key=render_source.ORDERS[by]))

    assert (order("title"), order("tag"), order("date")) == ("aBc", "Bca", "Bca")


def test_what_the_index_holds_twice_or_in_a_later_version_is_told(site):
    rules = (
        "The reading room opens at nine. Bags are left at the door. A reader may have {} books. Pens are not allowed."
    )
    for name, date, most in (("old", "2021", "four"), ("new", "2024", "six"), ("copy", "2024", "six")):
        text = f"---\ntitle: Rules\ndate: {date}\n---\n{rules.format(most)}"
        (site.folder / "pages" / f"{name}.md").write_text(text, "utf-8")
        list(
            shelving.add(
                [str(site.folder / "pages" / f"{name}.md")], resources.index(site.config, "books"), site.config
            )
        )
    html = shown(visit_sources())
    assert html.count("superseded by Rules, 2024") == 1 and html.count("the same text as Rules") == 1


def test_pages_of_a_list_wait_are_read_and_end_one_by_one(site, server):
    settings_of(site, f'[fetch]\nallow_hosts = ["{server.host}"]\n')
    pages_of(server)
    two, come, go_on = server.pages["/two"], threading.Event(), threading.Event()

    def held(handler):
        come.set()
        assert go_on.wait(SOON)
        two(handler)

    server.pages["/two"] = held
    mine = Session()
    adding.begin_list(load(site.folder / "vouch.toml"), mine, "books", Listed("sitemap", server.url("/sitemap.xml")))
    try:
        assert come.wait(SOON)
        reading, waiting = adding.in_hand(mine.adding)
        told = [one.outcome.uri for one in mine.adding.run.told]
        assert server.url("/two") in reading
        assert {*told, *reading, *waiting} == {server.url(path) for path in ("/one", "/two", "/gone")}
    finally:
        go_on.set()
    assert mine.adding.run.wait(SOON) and adding.in_hand(mine.adding) == ([], [])
