import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from rag.config import FetchConfig
from rag.errors import IndexFault, SourceFault
from rag.sources.ingest import Outcome, find, ingest, read, survey
from rag.types import Chunk, Page
from tests.sources import made_sources as made
from tests.sources.local_site import Site, redirect, send
from tests.sources.made_sources import CHINESE, SENTENCES
from tests.sources.test_chunk import token_ends

TEXT = "\n".join(SENTENCES)


class Shelf:
    """Keeps pages by uri, as the index does, telling of them in groups of `size`."""

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.pages: dict[str, Page] = {}
        self.pulled: list[str] = []

    def put(self, pairs: Iterable[tuple[Page, list[Chunk]]]) -> Iterator[tuple[str, str]]:
        pairs = iter(pairs)
        while group := list(islice(pairs, self.size)):
            told = []
            for page, _ in group:
                self.pulled.append(page.uri)
                known = self.pages.get(page.uri)
                same = known is not None and known.sha256 == page.sha256
                told.append((page.uri, "added" if known is None else "unchanged" if same else "replaced"))
                self.pages[page.uri] = page
            yield from told


def run(targets: Iterable[str | Path], shelf: Shelf, config: FetchConfig | None = None) -> list[Outcome]:
    return list(ingest([str(t) for t in targets], shelf.put, token_ends, 50, 200, config or FetchConfig()))


def test_find_gives_a_url_as_it_is_and_files_as_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "灯 塔.txt").write_text(TEXT)
    assert find("https://coast.example/a?b=c") == ["https://coast.example/a?b=c"]
    assert find(str(tmp_path / "x" / ".." / "灯 塔.txt")) == [(tmp_path / "灯 塔.txt").as_posix()]
    assert find((tmp_path / "灯 塔.txt").as_uri()) == [(tmp_path / "灯 塔.txt").as_posix()]
    monkeypatch.chdir(tmp_path)
    assert find("灯 塔.txt") == [(tmp_path / "灯 塔.txt").as_posix()]


def test_a_folder_is_searched_in_order_and_what_is_left_alone_is_told(tmp_path: Path) -> None:
    for name in ("b/two.md", "a.txt", "b/one.HTML", "c.xyz", "d.xyz", "noname", ".secret.txt", ".git/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT)
    found = survey(str(tmp_path))
    assert [Path(uri).relative_to(tmp_path).as_posix() for uri in found.uris] == ["a.txt", "b/one.HTML", "b/two.md"]
    assert "3 of other kinds (2 .xyz, 1 no extension); 2 hidden" in found.skipped
    outcomes = run([tmp_path], Shelf())
    assert [(o.status, o.done, o.total) for o in outcomes] == [
        ("skipped", 0, 3),
        ("added", 1, 3),
        ("added", 2, 3),
        ("added", 3, 3),
    ]


@pytest.mark.parametrize("target", ["missing.txt", "ftp://coast.example/a", "/dev/null", ""])
def test_what_is_not_there_is_a_fault(tmp_path: Path, target: str) -> None:
    (tmp_path / "only.xyz").write_text(TEXT)
    with pytest.raises(SourceFault, match=r"Give (?:a|the) path|holds no file"):
        find(target or str(tmp_path))


def test_a_large_file_is_refused_by_its_size_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.txt"
    with file.open("wb") as opened:
        opened.truncate(200_000_000)  # takes no room on the disk
    with pytest.raises(SourceFault, match=r"huge\.txt has 200 MB, over the limit of 50 MB.*fetch\.max_megabytes"):
        read(str(file), FetchConfig())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_forbidden_file_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    file.chmod(0)
    with pytest.raises(SourceFault, match="permission denied"):
        read(str(file), FetchConfig())


def test_a_vanished_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SourceFault, match="no longer there"):
        read(str(tmp_path / "gone.txt"), FetchConfig())


def test_read_of_a_url_uses_what_the_server_declares(site: Site) -> None:
    page = made.article_html("gb2312", ["".join(CHINESE)] * 5).replace(b'<meta charset="gb2312">', b"")
    site.pages["/a"] = redirect("/b")
    site.pages["/b"] = send(page, "text/html; charset=gb2312")
    read_page = read(site.url("/a"), FetchConfig(allow_hosts=(site.host,)))
    assert (read_page.uri, read_page.title, read_page.author) == (site.url("/b"), "灯塔", "Anna Holm")
    assert CHINESE[1] in read_page.text
    assert read_page.read_at.startswith("20")


@pytest.mark.parametrize("size", [1, 2, 10])
def test_failures_stop_nothing_and_each_source_ends_once(tmp_path: Path, site: Site, size: int) -> None:
    (tmp_path / "1.txt").write_text(TEXT)
    (tmp_path / "2.txt").write_bytes(b"")
    (tmp_path / "3.md").write_text("# Lamp\n" + TEXT)
    (tmp_path / "4.pdf").write_bytes(made.encrypted_pdf())
    (tmp_path / "5.txt").write_bytes("".join(CHINESE).encode("gbk"))
    (tmp_path / "6.txt").write_bytes(b"\0" * 9)
    targets = [tmp_path, tmp_path / "1.txt", "missing.txt", site.url("/404"), tmp_path]
    outcomes = run(targets, Shelf(size), FetchConfig(allow_hosts=(site.host,)))
    ended = {Path(o.uri).name: o for o in outcomes}
    assert len(outcomes) == len(ended) == 8
    assert {name: o.status for name, o in ended.items()} == {
        "1.txt": "added",
        "2.txt": "failed",
        "3.md": "added",
        "4.pdf": "failed",
        "5.txt": "added",
        "6.txt": "failed",
        "missing.txt": "failed",
        "404": "failed",
    }
    assert [o.done for o in outcomes] == list(range(1, 9))
    assert {o.total for o in outcomes} == {8}
    assert (ended["3.md"].title, ended["3.md"].chunks, ended["3.md"].error) == ("Lamp", 2, "")
    assert "password" in ended["4.pdf"].error
    assert "404" in ended["404"].error


def test_failures_are_told_before_what_comes_after_them(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("" if number in (1, 4) else f"{number}. {TEXT}")
    assert [Path(o.uri).name for o in run([tmp_path], Shelf())] == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]


def test_what_was_not_read_of_a_source_is_told(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = TEXT
    book.create_sheet("Old").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    (only,) = run([tmp_path], Shelf())
    assert only.status == "added" and "1 hidden sheet" in only.error


def test_nothing_is_read_ahead_of_the_shelf(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text(f"{number}. {TEXT}")
    shelf = Shelf()
    outcomes = ingest([str(tmp_path)], shelf.put, token_ends, 50, 200, FetchConfig())
    next(outcomes)
    assert len(shelf.pulled) == 1


def test_the_second_time_says_what_changed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text(TEXT)
    shelf = Shelf()
    assert [o.status for o in run([tmp_path], shelf)] == ["added", "added"]
    (tmp_path / "b.txt").write_text(TEXT + "\nAnd more.")
    assert [o.status for o in run([tmp_path], shelf)] == ["unchanged", "replaced"]


def test_two_addresses_of_one_page_are_read_once(site: Site) -> None:
    site.pages["/old"] = redirect("/new")
    site.pages["/new"] = send(TEXT.encode(), "text/plain")
    outcomes = run([site.url("/new"), site.url("/old")], Shelf(), FetchConfig(allow_hosts=(site.host,)))
    assert [(o.status, o.uri, o.done, o.total) for o in outcomes] == [
        ("added", site.url("/new"), 1, 2),
        ("skipped", site.url("/old"), 1, 1),
    ]


def test_a_fault_of_the_index_ends_it_all(tmp_path: Path) -> None:
    def broken(pairs: Iterable[tuple[Page, list[Chunk]]]) -> Iterator[tuple[str, str]]:
        for page, _ in pairs:
            raise IndexFault(f"no room for {page.uri}")
        yield from ()

    (tmp_path / "a.txt").write_text(TEXT)
    with pytest.raises(IndexFault, match="no room"):
        list(ingest([str(tmp_path)], broken, token_ends, 50, 200, FetchConfig()))


def test_each_source_is_told_before_it_is_read(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("The heron waits for fish.")
    told: list[str] = []
    for outcome in ingest([str(tmp_path)], Shelf().put, token_ends, 50, 200, FetchConfig(), begin=told.append):
        assert told[-1] >= outcome.uri
    assert told == [(tmp_path / name).as_posix() for name in ("a.txt", "b.txt")]
