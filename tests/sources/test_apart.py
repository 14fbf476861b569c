"""Files made to hang or to fill a machine are told within their limits, and the next one is read."""

import io
import os
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources import apart
from rag.sources.apart import Limits
from rag.sources.fetch import Fetched
from rag.sources.ingest import read
from tests.sources import made_sources as made
from tests.sources.made_sources import SENTENCES
from tests.sources.workers import busy, ends, needs_proc, workers


def saved(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def repacked(content: bytes, change: dict[bytes, bytes], within: str) -> bytes:
    """An office file with bytes of the part `within` changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            for before, after in change.items() if name == within else ():
                assert before in part
                part = part.replace(before, after)
            new.writestr(name, part)
    return out.getvalue()


def test_one_far_cell_is_not_walked_to(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "near", "far"
    out = io.BytesIO()
    book.save(out)
    assert read(saved(tmp_path, "a.xlsx", out.getvalue()), FetchConfig()).text == "Sheet\nnear\nfar"


def test_a_workbook_that_lies_about_its_size_is_read_whole(tmp_path: Path) -> None:
    content = made.xlsx({"Yields": [["Crop", "Tons"], ["Rye", 4], ["Oats", 3]]})
    lying = repacked(content, {b'ref="A1:B3"': b'ref="A1"'}, "xl/worksheets/sheet1.xml")
    page = read(saved(tmp_path, "a.xlsx", lying), FetchConfig())
    assert page.text == "Yields\nCrop | Tons\nCrop: Rye | Tons: 4\nCrop: Oats | Tons: 3"


@pytest.mark.parametrize("name", ["word/document.xml", "word/d.bin", "word/media/a.png", "mimetype"])
def test_a_zip_bomb_is_refused_whatever_its_part_is_called(tmp_path: Path, name: str) -> None:
    parts = {"[Content_Types].xml": "<x/>", "word/styles.xml": "<x/>", name: b"0" * 101_000_000}
    with pytest.raises(SourceFault, match="unpacks to more than 100 MB"):
        read(saved(tmp_path, "a.docx", made.packed(parts)), FetchConfig())


def test_pictures_in_a_file_do_not_make_it_a_bomb(tmp_path: Path) -> None:
    content = made.docx(made.paragraph(SENTENCES[0]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/media/a.png"] = made.picture(SENTENCES)
    assert SENTENCES[0] in read(saved(tmp_path, "a.docx", made.packed(parts)), FetchConfig()).text


LONG = made.docx(made.paragraph("word " * 20) * 60_000)
SHORT = made.pdf([[(72, 700, SENTENCES[0])]])


@pytest.mark.parametrize("limits", [Limits(seconds=0.2), Limits(memory=64 << 20)])
def test_what_takes_too_long_or_too_much_is_told_and_the_next_is_read(limits: Limits) -> None:
    with pytest.raises(SourceFault, match=r"a\.docx"):
        apart.read(Fetched("a.docx", "", "", LONG, ""), limits)
    assert SENTENCES[0] in apart.read(Fetched("b.pdf", "", "", SHORT, "")).text


@needs_proc
def test_a_source_that_is_being_read_is_stopped_and_the_next_is_read() -> None:
    stop, before = threading.Event(), workers(os.getpid())
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(apart.read, Fetched("a.docx", "", "", LONG, ""), None, stop)
        worker = busy(os.getpid(), before)
        stop.set()
        assert ends(worker)
        with pytest.raises(SourceFault) as told:
            reading.result()
    assert told.value.code == "source.stopped"
    assert SENTENCES[0] in apart.read(Fetched("b.pdf", "", "", SHORT, "")).text


def test_threads_read_at_once() -> None:
    with ThreadPoolExecutor(3) as pool:
        texts = list(
            pool.map(lambda name: apart.read(Fetched(name, "", "", SHORT, "")).text, ("a.pdf", "b.pdf", "c.pdf"))
        )
    assert all(SENTENCES[0] in text for text in texts)
