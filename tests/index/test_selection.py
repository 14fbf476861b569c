"""Only some pages of an index are asked: what passes, and that both legs keep to it."""

import pytest

from rag.errors import UsageFault
from rag.index.embed import HashEmbedder
from rag.index.index import Index
from rag.index.selection import passes, selection
from rag.types import PageInfo, Selection

LAMP = "The lamp of the harbour burned whale oil. "


def info(uri: str, title: str = "", date: str = "", media_type: str = "text/plain", tags=()) -> PageInfo:
    return PageInfo(uri, title, "", date, "en", media_type, "", "0" * 64, 10, 1, tags)


REPORT = info("file:///work/reports/2024/lamps.pdf", "Lamps of the harbours", "2024-05-31", "application/pdf")


@pytest.mark.parametrize(
    "source",
    [
        "file:///work/reports/2024/lamps.pdf",
        "file:///work/reports/",
        "lamps of the harbours",
        "*/2024/*",
        "Lamps*",
        "*.PDF",
    ],
)
def test_a_page_is_known_by_its_address_its_folder_its_title_or_a_pattern(source):
    assert passes(REPORT, Selection((source,)))
    assert passes(REPORT, Selection(("file:///elsewhere", source)))


@pytest.mark.parametrize("source", ["lamps", "file:///work/letters", "*.docx", "harbours*"])
def test_a_part_of_a_title_is_no_title(source):
    assert not passes(REPORT, Selection((source,)))


@pytest.mark.parametrize(
    ("since", "until", "passed"),
    [
        ("2024", "", True),
        ("2024-05-31", "2024-05-31", True),
        ("", "2024-05", True),
        ("2024-06", "", False),
        ("", "2023", False),
        ("", "2024-05-30", False),
    ],
)
def test_a_date_passes_as_far_as_it_is_given(since, until, passed):
    assert passes(REPORT, Selection(since=since, until=until)) is passed
    assert not passes(info("file:///undated"), Selection(since=since, until=until))


def test_a_year_alone_is_any_day_of_it():
    assert passes(info("x", date="2024"), Selection(since="2024-05", until="2024-08-01"))


def test_kind_and_source_must_both_pass():
    assert passes(REPORT, Selection(("*lamps*",), ("application/pdf",)))
    assert not passes(REPORT, Selection(("*lamps*",), ("text/html",)))


@pytest.mark.parametrize(("wanted", "passed"), [(("harbour",), True), (("Pier", "#HARBOUR"), True), (("pier",), False)])
def test_one_of_the_tags_whatever_its_case_is_enough(wanted, passed):
    chosen = selection(tags=wanted)
    assert chosen is not None
    assert passes(info("file:///a.txt", tags=("Harbour", "2024")), chosen) is passed
    assert not passes(info("file:///b.txt"), chosen)


@pytest.fixture
def index(folder, pair):
    with Index.at(folder, HashEmbedder(), create=True) as opened:
        pages = [pair(f"file:///{number % 7}/{number}.txt", f"{LAMP}Number {number}.") for number in range(70)]
        list(opened.put(pages))
        yield opened


@pytest.mark.parametrize(("group", "k"), [(0, 1), (3, 5), (6, 10), (2, 20)])
def test_both_legs_keep_to_the_selection_and_find_all_of_it(index, group, k):
    hits = index.search("whale oil lamp", k, Selection((f"file:///{group}/",)))
    assert len(hits) == min(k, 10)
    assert all(hit.chunk.uri.startswith(f"file:///{group}/") for hit in hits)
    assert all(hit.dense_rank and hit.text_rank for hit in hits)


def test_scores_of_the_legs_are_those_of_a_whole_search(index):
    whole = {hit.chunk.uri: hit for hit in index.search("whale oil lamp", 70)}
    for hit in index.search("whale oil lamp", 10, Selection(("file:///3/",))):
        assert hit.cosine == pytest.approx(whole[hit.chunk.uri].cosine, abs=1e-3)


def test_the_view_finds_and_opens_what_was_added_meanwhile(index, pair):
    view = index.selected(Selection(("file:///3/",)))
    list(index.put([pair("file:///3/new.txt", "A heron stood on the pier.")]))
    assert view.search("heron pier", 1)[0].chunk.uri == "file:///3/new.txt"
    assert view.open("file:///3/new.txt").text.startswith("A heron")


def test_a_selection_of_nothing_is_told(index):
    with pytest.raises(UsageFault, match="70 sources"):
        index.selected(Selection(("file:///9/",)))
