"""Office files from before 2007, written by LibreOffice: read as the new ones are."""

import gzip
from pathlib import Path

import pytest

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources import old_office
from rag.sources.extract import extract
from rag.sources.ingest import read
from rag.sources.kinds import kind_of

OLD = Path(__file__).parent / "old"

needs_libreoffice = pytest.mark.skipif(not old_office.libreoffice(), reason="LibreOffice is not installed")


def test_a_word_file_with_its_headings_table_list_and_power() -> None:
    page = read(str(OLD / "wells.doc"), FetchConfig())
    assert page.text.split("\n") == [
        "Wells of the valley",
        "The well at Brunn was dug in 1871. 大坝于1936年建成。 It holds 10^6 litres.",
        "Figures",
        "Well | Depth m | Year",
        "Well: Brunn | Depth m: 41 | Year: 1871",
        "Well: Ost | Year: 1902",
        "• first item",
        "• second item",
        "The end of “it”.",
    ]
    assert (page.title, page.media_type) == ("Report on wells", "application/msword")
    assert [heading.words for heading in page.headings] == ["Wells of the valley", "Figures"]


@needs_libreoffice
def test_a_workbook_as_it_is_shown() -> None:
    page = read(str(OLD / "wells.xls"), FetchConfig())
    assert page.text.split("\n")[-1] == "Well: Ost | Depth m: 12.5 | Share: 92.5%"
    assert page.left_out == "1 hidden sheet"


@needs_libreoffice
def test_slides_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "wells.ppt"
    file.write_bytes(gzip.decompress((OLD / "wells.ppt.gz").read_bytes()))
    page = read(str(file), FetchConfig())
    assert page.text == "Wells of the valley\nIt was dug in 1871.\n\nThe well at Ost\n水井深四十一米。"
    assert page.text[page.page_starts[1] :].startswith("The well at Ost")


def test_the_bytes_say_which_kind_it_is() -> None:
    assert kind_of((OLD / "wells.doc").read_bytes(), "a.xls") == "doc"
    assert kind_of((OLD / "wells.xls").read_bytes(), "a.doc") == "xls"
    assert kind_of(gzip.decompress((OLD / "wells.ppt.gz").read_bytes()), "a") == "ppt"


@pytest.mark.parametrize("cut", [600, 4_000, 9_000])
def test_a_damaged_one_is_told(cut: int) -> None:
    content = (OLD / "wells.doc").read_bytes()
    with pytest.raises(SourceFault, match="wells"):
        extract(content[:cut], "wells.doc")
