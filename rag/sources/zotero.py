"""The files of a Zotero library, by the API that Zotero offers on its own machine while it runs.

Zotero answers at a loopback address, which no other source may name: a recipe has to, and it alone is let through for
these questions. The files are then read from the disk, as any others.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from rag.config import FetchConfig
from rag.errors import GoneFault, SourceFault
from rag.sources.fetch import fetch
from rag.text.tags import tags
from rag.types import Page

_AT_ONCE = 100
_MOST = 20_000  # items of a library
_FILES = ("imported_file", "imported_url", "linked_file")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the library and what Zotero knows of it; `version` changes with that."""

    path: str
    title: str
    author: str
    date: str
    tags: tuple[str, ...]
    version: str

    def described(self, page: Page) -> Page:
        """The page of the file, with Zotero's word on it before the file's own."""
        return replace(
            page,
            title=self.title or page.title,
            author=self.author or page.author,
            date=self.date or page.date,
            tags=tags((*page.tags, *self.tags)),
        )


def attachments(address: str, collection: str, config: FetchConfig) -> list[Attachment]:
    """Those of the user's library, or of one of its collections (its key), whose file is on this machine, by path.
    Raises SourceFault where Zotero does not answer."""
    parts = urlsplit(address)
    config = replace(config, allow_hosts=(parts.netloc,))
    base = f"{address.rstrip('/')}/api/users/0"
    items = {item["key"]: item for item in _items(f"{base}/collections/{collection}" if collection else base, config)}
    found: dict[str, Attachment] = {}
    for key, item in items.items():
        is_file = item["data"].get("itemType") == "attachment" and item["data"].get("linkMode") in _FILES
        if is_file and (path := _path(f"{base}/items/{key}/file/view/url", config)):
            found[path] = _attachment(path, item, items.get(item["data"].get("parentItem", "")))
    return [found[path] for path in sorted(found)]


def _items(base: str, config: FetchConfig) -> Iterator[Mapping[str, Any]]:
    for start in range(0, _MOST, _AT_ONCE):
        url = f"{base}/items?format=json&limit={_AT_ONCE}&start={start}"
        try:
            told = json.loads(fetch(url, config).content)
            yield from (item for item in told if isinstance(item["data"], dict) and isinstance(item["key"], str))
        except (ValueError, TypeError, KeyError) as error:
            raise SourceFault("zotero.no_answer", address=url, error=error) from error
        if len(told) < _AT_ONCE:
            return


def _path(url: str, config: FetchConfig) -> str:
    """The path of an attachment's file; "" where it is not on this machine."""
    try:
        told = fetch(url, config).content.decode("utf-8", "replace").strip()
    except GoneFault:  # synchronised elsewhere, and not fetched here yet
        return ""
    split = urlsplit(told)
    path = unquote(split.path) if split.scheme == "file" and split.netloc in ("", "localhost") else ""
    return path[1:] if path[2:3] == ":" else path  # /C:/… of Windows


def _attachment(path: str, item: Mapping[str, Any], parent: Mapping[str, Any] | None) -> Attachment:
    """Of a file without a parent item its own title is but its name."""
    about = parent or item
    data = about["data"]
    authors = (
        str(one.get("name") or " ".join(filter(None, (one.get("firstName"), one.get("lastName")))))
        for one in data.get("creators", ())
        if one.get("creatorType") in ("author", "editor", None)
    )
    told = [tag.get("tag", "") for one in (item, parent) if one for tag in one["data"].get("tags", ())]
    date = str(about.get("meta", {}).get("parsedDate", ""))
    version = f"{item.get('version', '')}-{about.get('version', '')}"
    return Attachment(path, str(data.get("title", "")) if parent else "", ", ".join(authors), date, tags(told), version)
