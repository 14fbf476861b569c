"""Notes of an Obsidian vault: links by their words, tags, and nothing of it anywhere else."""

from pathlib import Path

import pytest

from rag.config import FetchConfig
from rag.sources.ingest import find, read
from rag.types import Page

NOTE = """---
tags: [harbour, Ferry]
---
# Crossing

The [[Ferry|old ferry]] sails from [[Places/Brackwater#Pier]] at nine. #timetable #2024 #year/2024 a#b
See [[Nowhere]] and ![[Ferry]], [the pier](Places/Brackwater.md), [[../outside]].

```
#include [[Ferry]]
```
Inline `#code [[Ferry]]` stays.
"""


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    root = tmp_path / "vault"
    (root / ".obsidian").mkdir(parents=True)
    (root / "Places").mkdir()
    (root / "Old").mkdir()
    (tmp_path / "outside.md").write_text("Outside.", "utf-8")
    (root / "Old" / "Deep.md").write_text("Deep down.", "utf-8")
    (root / "Ferry.md").write_text("The ferry was built in 1931. See [[deep]] and [[Brackwater]].", "utf-8")
    (root / "Places" / "Brackwater.md").write_text("Brackwater has a pier.", "utf-8")
    (root / "Crossing.md").write_text(NOTE, "utf-8")
    return root


def page_of(path: Path) -> Page:
    return read(path.as_posix(), FetchConfig())


def leads(page: Page, root: Path) -> list[tuple[str, str]]:
    return [(page.text[one.start : one.end], Path(one.address).relative_to(root).as_posix()) for one in page.links]


def test_wiki_links_are_links_with_the_words_that_are_shown(vault: Path) -> None:
    page = page_of(vault / "Crossing.md")
    assert "The old ferry sails from Brackwater › Pier at nine." in page.text
    assert "See Nowhere and Ferry, [the pier](Places/Brackwater.md), outside." in page.text
    assert leads(page, vault) == [
        ("old ferry", "Ferry.md"),
        ("Brackwater › Pier", "Places/Brackwater.md"),
        ("Ferry", "Ferry.md"),
        ("the pier", "Places/Brackwater.md"),
    ]
    assert page.title == "Crossing"


def test_a_note_is_found_by_its_name_alone_anywhere_in_the_vault(vault: Path) -> None:
    page = page_of(vault / "Ferry.md")
    assert leads(page, vault) == [("deep", "Old/Deep.md"), ("Brackwater", "Places/Brackwater.md")]


def test_tags_of_the_head_and_of_the_text_are_tags_and_code_is_code(vault: Path) -> None:
    page = page_of(vault / "Crossing.md")
    assert page.tags == ("harbour", "Ferry", "timetable", "year/2024")
    assert "#include [[Ferry]]" in page.text and "`#code [[Ferry]]`" in page.text


def test_elsewhere_brackets_and_signs_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(NOTE, "utf-8")
    page = page_of(tmp_path / "a.md")
    assert "[[Ferry|old ferry]]" in page.text and page.tags == ("harbour", "Ferry")


def test_the_vaults_own_files_are_no_sources(vault: Path) -> None:
    (vault / ".obsidian" / "app.json").write_text("{}", "utf-8")
    assert [Path(uri).name for uri in find(str(vault))] == ["Crossing.md", "Ferry.md", "Deep.md", "Brackwater.md"]
