"""Sources of other programs: a Zotero library behind a server as Zotero's own is, and an Obsidian vault."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexes.rebuild import rebuild
from rag.config import FetchConfig
from rag.errors import ConfigFault
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.types import PageInfo
from tests.sources.local_site import send

ITEMS = "/api/users/0/items"


def zotero(site, collection: str = "") -> str:
    named = f'collection = "{collection}"\n' if collection else ""
    return f'[[sources]]\nkind = "zotero"\naddress = "http://{site.host}"\ntags = ["library"]\n{named}'


def article(title: str, version: int = 1) -> dict[str, Any]:
    creators = [
        {"creatorType": "author", "firstName": "Ada", "lastName": "Kemble"},
        {"creatorType": "translator", "firstName": "No", "lastName": "Author"},
        {"creatorType": "author", "name": "Harbour Board"},
    ]
    data = {"itemType": "journalArticle", "title": title, "creators": creators, "tags": [{"tag": "lighthouse"}]}
    return {"key": "PARENT01", "version": version, "meta": {"parsedDate": "1998-05"}, "data": data}


def attachment(key: str, mode: str = "imported_file", parent: str = "") -> dict[str, Any]:
    data = {"itemType": "attachment", "linkMode": mode, "title": "Full Text", "tags": [{"tag": "read"}]}
    return {"key": key, "version": 3, "meta": {}, "data": data | ({"parentItem": parent} if parent else {})}


@pytest.fixture
def library(site, tmp_path: Path):
    """Put items where Zotero has them; of each key the path of its file, "" where Zotero has none here."""

    def put(items: list[dict[str, Any]], files: dict[str, Path | None], at: str = ITEMS) -> None:
        for start in range(0, len(items) + 1, 100):
            body = json.dumps(items[start : start + 100]).encode()
            site.pages[f"{at}?format=json&limit=100&start={start}"] = send(body, "application/json")
        for key, path in files.items():
            told = send(path.as_uri().encode(), "text/plain") if path else send(b"Not found", status=404)
            site.pages[f"{ITEMS}/{key}/file/view/url"] = told

    return put


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "storage" / "AB 12" / "Kemble - 1998.txt"
    path.parent.mkdir(parents=True)
    path.write_text("The lighthouse of Brackwater was first lit in 1861, and its lamp burned whale oil.", "utf-8")
    return path


@pytest.fixture
def pages(config):
    def read() -> dict[str, PageInfo]:
        with Index.at(config.built / "notes", HashEmbedder()) as index:
            return {Path(page.uri).name: page for page in index.pages()}

    return read


def test_the_files_of_a_library_come_with_what_zotero_knows_of_them(site, library, paper, write, run, pages, config):
    others = [attachment("LINKEDU1", "linked_url"), {"key": "NOTE0001", "version": 1, "data": {"itemType": "note"}}]
    absent = attachment("ABSENT01")
    library(
        [article("Lights of the coast"), attachment("ATTACH01", parent="PARENT01"), absent, *others],
        {"ATTACH01": paper, "ABSENT01": None},
    )
    made = write(zotero(site))
    assert run(made).added == 1
    [found] = pages().values()
    assert (found.title, found.date, found.tags) == (
        "Lights of the coast",
        "1998-05",
        ("read", "lighthouse", "library"),
    )
    with Index.at(config.built / "notes", HashEmbedder()) as index:
        assert index.open(found.uri).author == "Ada Kemble, Harbour Board" and found.uri == paper.as_posix()
    assert run(made).status == "unchanged"

    library([article("Lights of the whole coast", 2), attachment("ATTACH01", parent="PARENT01")], {"ATTACH01": paper})
    assert run(made).replaced == 1, "Zotero says something else of a file that has not changed"
    assert [page.title for page in pages().values()] == ["Lights of the whole coast"]


def test_a_large_library_is_asked_page_by_page_and_one_of_its_collections_alone(
    site, library, paper, write, run, pages
):
    many = [{"key": f"NOTE{number:04}", "version": 1, "data": {"itemType": "note"}} for number in range(150)]
    library([*many, attachment("ATTACH01")], {"ATTACH01": paper})
    assert run(write(zotero(site))).added == 1
    library([], {}, "/api/users/0/collections/COLL0001/items")
    assert run(write(zotero(site, "COLL0001"))).removed == 1


def test_a_zotero_that_does_not_run_or_is_none_keeps_what_was_there(site, library, paper, write, run, pages):
    library([attachment("ATTACH01")], {"ATTACH01": paper})
    made = write(zotero(site))
    run(made)
    for answer in (send(b"Local API is not enabled", status=403), send(b"<html>", status=200), send(b'[{"a": 1}]')):
        site.pages[f"{ITEMS}?format=json&limit=100&start=0"] = answer
        report = run(made)
        assert len(report.failed) == 1 and report.failed[0].kept and list(pages()) == [paper.name]


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1:23119", "https://127.0.0.1:1", "http://127.0.0.1:1/x", "file:///x"]
)
def test_zotero_is_named_on_this_machine_or_nowhere(write, address):
    with pytest.raises(ConfigFault, match="on this machine"):
        write(f'[[sources]]\nkind = "zotero"\naddress = "{address}"\n')
    with pytest.raises(ConfigFault, match="is missing"):
        write('[[sources]]\nkind = "zotero"\n')


def test_to_name_zotero_lets_no_other_source_ask_this_machine(site, library, paper, write, run, config):
    library([attachment("ATTACH01")], {"ATTACH01": paper})
    urls = f'[[sources]]\nkind = "urls"\naddresses = ["{site.url("/page")}"]\n'
    site.pages["/page"] = send(b"<p>Inside.</p>")
    report = rebuild(write(zotero(site) + urls), replace(config, fetch=FetchConfig()), HashEmbedder())
    assert report.added == 1 and [one.address for one in report.failed] == [site.url("/page")]
    assert "not a public address" in report.failed[0].error


def test_a_vault_is_a_source_and_a_folder_that_is_none_is_told(tmp_path, write, run, pages):
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "Ferry.md").write_text("The ferry sails at nine from [[Pier|the pier]]. #harbour", "utf-8")
    made = write('[[sources]]\nkind = "obsidian"\npath = "vault"\n')
    assert "no Obsidian vault" in run(made).failed[0].error
    (tmp_path / "vault" / ".obsidian").mkdir()
    assert run(made).added == 1
    assert pages()["Ferry.md"].tags == ("harbour",)
