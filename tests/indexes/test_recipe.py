"""Recipes: what ships is right, and a mistake is told with its line and its key."""

from pathlib import Path

import pytest

from indexes import recipe
from indexes.recipe import Crawl, Files, Folder
from rag.errors import ConfigFault, UsageFault


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigFault) as caught:
        recipe.read(path)
    return str(caught.value).replace(str(path), "bad.toml")


def test_the_recipes_that_ship_can_be_read() -> None:
    assert recipe.names() == ["fixture", "folder"]
    fixture = recipe.read(recipe.find("fixture"))
    assert fixture.index.name == "demo"
    assert isinstance(fixture.sources[0], Folder)
    assert Path(fixture.sources[0].path).is_dir()
    folder = recipe.read(recipe.find("folder"), "/srv/papers", "papers")
    assert folder.sources == (Folder("folder", "/srv/papers"),)
    assert folder.index.name == "papers"


def test_the_folder_recipe_wants_a_folder() -> None:
    with pytest.raises(ConfigFault, match=r"folder\.toml:5: sources\[0\]\.path: name the folder: --folder PATH"):
        recipe.read(recipe.find("folder"))


def test_a_recipe_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageFault, match=r"no recipe .*paper\.toml\. There are: fixture, folder"):
        recipe.find("paper")


def test_every_key_reaches_the_recipe(tmp_path: Path) -> None:
    path = tmp_path / "all.toml"
    path.write_text(
        """
        [index]
        name = "notes"
        keep = 5
        [[sources]]
        kind = "files"
        paths = ["a/*.md", "/srv/b.txt"]
        every = "12h"
        [[sources]]
        kind = "crawl"
        start = "https://example.org/docs/"
        depth = 3
        allow = ["https://example.org/docs/", "https://example.org/faq/"]
        limit = 50
        [chunk]
        tokens = 120
        [embedder]
        kind = "hash"
        [fetch]
        workers = 4
        per_host = 1
        delay = 1
        [checks]
        min_pages = 3
        [[checks.golden]]
        query = "heron"
        expect = "birds"
        """,
        "utf-8",
    )
    made = recipe.read(path)
    assert made.sources == (
        Files("files", ((tmp_path / "a/*.md").as_posix(), "/srv/b.txt"), "12h"),
        Crawl(
            "crawl",
            "https://example.org/docs/",
            3,
            ("https://example.org/docs/", "https://example.org/faq/"),
            50,
        ),
    )
    assert (made.index.name, made.index.keep, made.chunk.tokens, made.fetch.delay) == ("notes", 5, 120, 1.0)
    assert made.embedder is not None
    assert made.embedder.kind == "hash"
    assert (made.checks.min_pages, made.checks.golden[0].within) == (3, 5)
    assert recipe.seconds(made.sources[0].every) == 43200


SOURCE = '[[sources]]\nkind = "folder"\npath = "."\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SOURCE + 'nmae = "x"\n', "bad.toml:4: sources[0].nmae: is not a key that is known here"),
        (SOURCE + "[index]\n\nkeep = -1\n", "bad.toml:6: index.keep: Input should be greater than or equal to 0"),
        (SOURCE + '[index]\nname = "a/b"\n', "bad.toml:5: index.name: String should match pattern"),
        (SOURCE + 'every = "often"\n', 'bad.toml:4: sources[0].every: write a number and a unit, as in "90s"'),
        ('[[sources]]\nkind = "folder"\n', "bad.toml:1: sources[0].path: is missing"),
        (SOURCE + SOURCE + '[[sources]]\nkind = "ftp"\n', "bad.toml:7: sources[2]: Input tag 'ftp'"),
        (
            SOURCE + '[[sources]]\nkind = "crawl"\nstart = "https://a.example/"\ndepth = "2"\n',
            "bad.toml:7: sources[1].depth: Input should be a valid integer",
        ),
        (
            SOURCE + '[[sources]]\nkind = "urls"\naddresses = [\n "ftp://x"]\n',
            "bad.toml:6: sources[1].addresses[0]: write",
        ),
        (
            SOURCE + "[checks]\nmax_removed = 2.0\n",
            "bad.toml:5: checks.max_removed: Input should be less than or equal",
        ),
        (SOURCE + '[[checks.golden]]\nquery = "x"\n', "bad.toml:4: checks.golden[0].expect: is missing"),
        (SOURCE + '[embedder]\nkidn = "hash"\n', "bad.toml:5: embedder.kidn: is not a key that is known here"),
        ("[index]\nkeep = 1\n", "bad.toml:1: sources: is missing"),
        (SOURCE + "[chunk\n", "bad.toml is not valid TOML: Expected ']' at the end of a table declaration (at line 4"),
        ('sha256 = "x"\n' + SOURCE, "bad.toml:1: unknown key 'sha256'"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    said = refused(tmp_path, SOURCE + 'x = 1\n[index]\nkeep = "two"\n').splitlines()
    assert [line.partition(": ")[0] for line in said] == ["bad.toml:4", "bad.toml:6"]
