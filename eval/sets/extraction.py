"""Saved web pages: English ones with the article's text as people cut it out, Chinese ones without."""

import gzip
from dataclasses import dataclass
from pathlib import Path

from eval.data import file, known, tree


@dataclass(frozen=True, slots=True)
class SavedPage:
    """`html` are the bytes as served (the charset is for the reader to find); `body` is the gold text, None without."""

    id: str
    language: str
    url: str
    html: bytes
    body: str | None
    stratum: str


def english(folder: Path | None) -> list[SavedPage]:
    gold = tree("html_extraction_en", "ground-truth.json", folder)
    return [
        SavedPage(
            name, "en", row["url"], _html("html_extraction_en", f"html/{name}.html.gz", folder), row["articleBody"], ""
        )
        for name, row in sorted(gold.items())
    ]


def chinese(folder: Path | None) -> list[SavedPage]:
    """The stratum is the site."""
    found = []
    for pinned in known(folder)["html_extraction_zh"].files:
        name = pinned.name.removesuffix(".html.gz")
        html = _html("html_extraction_zh", pinned.name, folder)
        found.append(SavedPage(name, "zh", "", html, None, name.partition("/")[0]))
    return found


def _html(set_name: str, name: str, folder: Path | None) -> bytes:
    return gzip.decompress(file(set_name, name, folder).read_bytes())
