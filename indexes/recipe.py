"""A recipe: what an index is made of and what it must pass before it is used. One TOML file -> one frozen object.

[index]
name = "papers"            # the recipe's own name when not given
keep = 2                   # older builds to keep

[[sources]]
kind = "folder"            # or files, urls, sitemap, crawl, feed, obsidian, zotero: the classes below have their keys
path = "~/papers"
every = "12h"              # not looked at again sooner than this
tags = ["papers"]          # that its pages get, beside those they say themselves

[chunk]
tokens = 200

[embedder]                 # the configuration's when not given

[fetch]
per_host = 2               # fetches of one host at once

[checks]
min_pages = 10
[[checks.golden]]
query = "how long is the bridge"
expect = "bridge.html"     # part of the address of a page that must be found
within = 5
"""

import hashlib
import json
import re
import tomllib
from dataclasses import field, replace
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from rag.config import EmbedderConfig, expanded
from rag.errors import ConfigFault, UsageFault

HERE = Path(__file__).parent
FOLDER = "{folder}"

_STRICT = ConfigDict(extra="forbid", strict=True)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\"'-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*[\"']?([\w-]+)[\"']?\s*=")
_TAGS = frozenset(("folder", "files", "urls", "sitemap", "crawl", "feed", "obsidian", "zotero"))


def _period(text: str) -> str:
    if text and not re.fullmatch(r"\d+[smhd]", text):
        raise ValueError('write a number and a unit, as in "90s", "30m", "12h" or "7d"')
    return text


def _web(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("write a web address, as in https://example.org/")
    return text


def _own(text: str) -> str:
    split = urlsplit(text)
    if split.scheme != "http" or split.hostname not in ("localhost", "127.0.0.1", "::1") or split.path.strip("/"):
        raise ValueError("write the address of Zotero on this machine: http://127.0.0.1:23119")
    return text


Period = Annotated[str, AfterValidator(_period)]
Web = Annotated[str, AfterValidator(_web)]
Own = Annotated[str, AfterValidator(_own)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Most = Annotated[int, Field(ge=1)]


def seconds(period: str) -> float:
    """ "12h" -> 43200.0; "" -> 0."""
    return float(int(period[:-1]) * _UNITS[period[-1]]) if period else 0.0


@dataclass(frozen=True, config=_STRICT)
class Folder:
    """Every readable file under `path`, found anew each time. "{folder}" is what the command line names."""

    kind: Literal["folder"]
    path: str
    every: Period = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Files:
    """Files and patterns (``*.pdf``, ``**/*.md``)."""

    kind: Literal["files"]
    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    every: Period = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Urls:
    """Single web addresses; robots.txt is not asked, since somebody named them."""

    kind: Literal["urls"]
    addresses: Annotated[tuple[Web, ...], Field(min_length=1)]
    every: Period = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Sitemap:
    """The pages that a sitemap lists."""

    kind: Literal["sitemap"]
    address: Web
    limit: Most = 5000
    every: Period = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Crawl:
    """Pages reached from `start` in at most `depth` clicks, whose addresses begin with one of `allow` (the folder of
    `start` when not given)."""

    kind: Literal["crawl"]
    start: Web
    depth: Count = 2
    allow: tuple[Web, ...] = ()
    limit: Most = 500
    every: Period = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Feed:
    """The pages that an RSS or Atom feed links to. A page that falls off the feed stays for as long as it is there."""

    kind: Literal["feed"]
    address: Web
    every: Period = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Obsidian:
    """The notes and files of an Obsidian vault: wiki-links are links, tags are tags."""

    kind: Literal["obsidian"]
    path: str
    every: Period = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Zotero:
    """The files of a Zotero library, while Zotero runs on this machine and lets others ask it (Settings, Advanced); of
    one `collection`, by its key, where that is given. `address` is named so that nobody asks this machine unawares."""

    kind: Literal["zotero"]
    address: Own
    collection: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,16}$")] = ""
    every: Period = ""
    tags: tuple[str, ...] = ()


Source = Folder | Files | Urls | Sitemap | Crawl | Feed | Obsidian | Zotero


@dataclass(frozen=True, config=_STRICT)
class IndexPart:
    name: Annotated[str, Field(pattern=r"^[\w-]{0,60}$")] = ""
    keep: Count = 2


@dataclass(frozen=True, config=_STRICT)
class ChunkPart:
    """`tokens` as in vouch.toml; the configuration's when 0."""

    tokens: Count = 0


@dataclass(frozen=True, config=_STRICT)
class FetchPart:
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    per_host: Annotated[int, Field(ge=1, le=16)] = 2
    delay: Annotated[float, Field(ge=0, le=600)] = 0.0


@dataclass(frozen=True, config=_STRICT)
class Golden:
    """A search that must find, among its first `within` hits, a page whose address holds `expect`."""

    query: Annotated[str, Field(min_length=1)]
    expect: Annotated[str, Field(min_length=1)]
    within: Most = 5


@dataclass(frozen=True, config=_STRICT)
class Checks:
    """What a new build must pass. `max_removed` is the share of the recipe's pages that may go at once; `recall` the
    least share of exact neighbours that FAISS must give; `free_megabytes` what must be left on the disk."""

    min_pages: Count = 1
    min_chunks: Count = 1
    max_removed: Share = 0.5
    recall: Share = 0.95
    free_megabytes: Count = 100
    golden: tuple[Golden, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Recipe:
    sources: Annotated[tuple[Annotated[Source, Field(discriminator="kind")], ...], Field(min_length=1)]
    index: IndexPart = field(default_factory=IndexPart)
    chunk: ChunkPart = field(default_factory=ChunkPart)
    embedder: EmbedderConfig | None = None
    fetch: FetchPart = field(default_factory=FetchPart)
    checks: Checks = field(default_factory=Checks)
    name: str = ""
    base: str = ""
    sha256: str = ""


_RECIPE = TypeAdapter(Recipe)
_KEPT = frozenset(("name", "base", "sha256"))


def find(name: str) -> Path:
    """The file of a recipe: ``indexes/<name>.toml``, or `name` itself where it is a path. Raises UsageFault."""
    path = expanded(name) if name.endswith(".toml") else HERE / f"{name}.toml"
    if not path.is_file():
        there = ", ".join(names())
        raise UsageFault(f"There is no recipe {path}. There are: {there}. Name one of them, or a file: my/recipe.toml")
    return path


def names() -> list[str]:
    """The recipes that ship."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


def read(path: Path, folder: str = "", index: str = "") -> Recipe:
    """The recipe in a file. `folder` stands for "{folder}" in it; `index` goes before its own index name.

    Paths in it are relative to its own folder, `folder` to the working one. Raises ConfigFault, a line a mistake, each
    with the file, the line and the key.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFault(f"The recipe {path} cannot be read ({error}). Check its name and its permissions.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigFault("config.not_toml", file=path, error=error) from error
    lines = _lines(text)
    if unknown := _KEPT & table.keys():
        raise ConfigFault(f"{path}:{lines.get((min(unknown),), 1)}: unknown key '{min(unknown)}'. Take it out.")
    try:
        made = _RECIPE.validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as error:
        raise ConfigFault("\n".join(_mistakes(path, lines, error))) from error
    sources = []
    for number, source in enumerate(made.sources):
        if isinstance(source, Folder) and source.path == FOLDER and not folder:
            line = lines.get(("sources", number, "path"), 1)
            raise ConfigFault(f"{path}:{line}: sources[{number}].path: name the folder: --folder PATH")
        sources.append(_resolved(source, path.parent.absolute(), folder))
    return Recipe(
        sources=tuple(sources),
        index=IndexPart(index or made.index.name or path.stem, made.index.keep),
        chunk=made.chunk,
        embedder=made.embedder,
        fetch=made.fetch,
        checks=made.checks,
        name=path.stem,
        base=str(path.parent.absolute()),
        sha256=hashlib.sha256(f"{text}\0{folder}\0{index}".encode()).hexdigest(),
    )


def label(source: Source) -> str:
    """What tells this source of a recipe from the others, and from itself once it has been changed."""
    match source:
        case Folder():
            return f"folder {source.path}"
        case Obsidian():
            return f"obsidian {source.path}"
        case Zotero():
            return f"zotero {source.address} {source.collection}".rstrip()
        case Files():
            return f"files {' '.join(source.paths)}"
        case Urls():
            return "urls"
        case Sitemap() | Feed():
            return f"{source.kind} {source.address}"
        case Crawl():
            return f"crawl {source.start}"


def _resolved(source: Source, base: Path, folder: str) -> Source:
    """With absolute paths."""
    if isinstance(source, Folder):
        given = expanded(folder).absolute() if source.path == FOLDER else base / expanded(source.path)
        return replace(source, path=_plain(given))
    if isinstance(source, Obsidian):
        return replace(source, path=_plain(base / expanded(source.path)))
    if isinstance(source, Files):
        return replace(source, paths=tuple(_plain(base / expanded(path)) for path in source.paths))
    return source


def _plain(path: Path) -> str:
    import os

    return Path(os.path.normpath(path)).as_posix()


# --- mistakes ---

Place = tuple[str | int, ...]


def _lines(text: str) -> dict[Place, int]:
    """The line (from 1) of each key and table of a TOML text. tomllib tells none, nor does tomlkit.

    Keys of inline tables, and of strings over several lines, are found by the key they stand in.
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = ()
            parts = [part.strip("\"'") for part in header[2].split(".")]
            for at, part in enumerate(parts):
                table = (*table, part)
                if at == len(parts) - 1 and header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                if table in counts:
                    table = (*table, counts[table])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1]), number)
    return found


def _mistakes(path: Path, lines: dict[Place, int], error: ValidationError) -> list[str]:
    """One line each; a list that is too short only because its entries are wrong is not told of."""
    found: list[dict[str, Any]] = [dict(one) for one in error.errors()]
    inner = [one["loc"] for one in found if one["type"] != "too_short"]
    told = (
        one
        for one in found
        if one["type"] != "too_short" or not any(loc[: len(one["loc"])] == one["loc"] for loc in inner)
    )
    return [_mistake(path, lines, one) for one in told]


def _mistake(path: Path, lines: dict[Place, int], error: dict[str, Any]) -> str:
    """file:line: key: what is wrong."""
    place: Place = tuple(
        part
        for at, part in enumerate(error["loc"])
        if not (at == 2 and error["loc"][0] == "sources" and part in _TAGS)  # the kind, which pydantic puts between
    )
    near = place
    while near and near not in lines:
        near = near[:-1]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    said = {
        "missing": "is missing",
        "extra_forbidden": "is not a key that is known here",
        "unexpected_keyword_argument": "is not a key that is known here",
    }.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    return f"{path}:{lines.get(near, 1)}: {key}: {said}"
