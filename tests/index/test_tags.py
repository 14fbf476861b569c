"""Tags of pages: their own and those given by hand, kept through everything that makes a page or a build anew."""

import sqlite3
from dataclasses import replace

import pytest

from rag.errors import UsageFault
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from tests.index.earlier import drop_page_starts

A, B = "file:///a.txt", "file:///b.txt"


@pytest.fixture
def index(folder, pair):
    with Index.at(folder, HashEmbedder(), create=True) as opened:
        list(opened.put([pair(A, "The ferry sails at nine.", tags=("Ferry",)), pair(B, "The pier is long.")]))
        yield opened


def tags(index: Index) -> dict[str, tuple[str, ...]]:
    return {page.uri: page.tags for page in index.pages()}


def test_what_is_given_and_taken_by_hand_goes_over_what_the_source_says(index):
    assert tags(index) == {A: ("Ferry",), B: ()}
    index.tag([A, B], give=["#harbour", " Harbour ", "2024  Q1"])
    assert tags(index) == {A: ("Ferry", "harbour", "2024 Q1"), B: ("harbour", "2024 Q1")}
    index.tag([A], take=["ferry", "HARBOUR"])
    assert tags(index)[A] == ("2024 Q1",)
    index.tag([A], give=["ferry"])
    assert tags(index)[A] == ("Ferry", "2024 Q1")


def test_a_tag_of_nothing_is_refused(index):
    with pytest.raises(UsageFault):
        index.tag([A], give=[" # "])


def test_they_stay_when_the_page_is_read_again_and_go_when_it_is_taken_out(index, pair):
    index.tag([A], give=["harbour"], take=["ferry"])
    list(index.put([pair(A, "The ferry sails at ten.", tags=("Ferry", "summer"))]))
    assert tags(index)[A] == ("summer", "harbour")
    index.remove(A)
    list(index.put([pair(A, "The ferry sails at ten.")]))
    assert tags(index)[A] == ()


def test_other_tags_of_a_source_are_news_and_those_of_before_are_none(index, pair):
    page, chunks = pair(A, "The ferry sails at nine.", tags=("Ferry",))
    assert [outcome for _, outcome in index.put([(page, chunks)])] == ["unchanged"]
    assert [outcome for _, outcome in index.put([(replace(page, tags=("boat",)), chunks)])] == ["replaced"]
    assert index.open(A).tags == ("boat",)


@pytest.mark.parametrize("dimension", [256, 128], ids=["a copy", "another embedder"])
def test_a_new_build_has_them_also_those_that_were_given_meanwhile(folder, pair, dimension):
    with Index.at(folder, HashEmbedder(), create=True) as index:
        list(index.put([pair(A, "The ferry sails at nine."), pair(B, "The pier is long.")]))
        index.tag([A, B], give=["kept"])
        with Index.stage(folder, HashEmbedder(dimension)) as staged:
            list(staged.put([pair(A, "The ferry sails at ten.")]))
            if dimension != 256:
                list(staged.put([pair(B, "The pier is long.")]))
            index.tag([A], give=["late"], take=["kept"])
            staged.promote()
            assert tags(staged) == {A: ("late",), B: ("kept",)}


def test_an_index_of_before_has_none_and_takes_them(folder, pair):
    with Index.at(folder, HashEmbedder(), create=True) as index:
        list(index.put([pair(A, "The ferry sails at nine.")]))
        store = folder / index.build / "store.sqlite"
    sql = sqlite3.connect(store)
    drop_page_starts(sql)
    sql.commit()
    sql.close()
    with Index.at(folder, HashEmbedder()) as index:
        index.tag([A], give=["harbour"])
        assert tags(index) == {A: ("harbour",)}
