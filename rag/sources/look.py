"""Has a source changed since it was last read? Asked of the server, or of the file's size and times, before reading.

What changes with the code is asked as well: `reading` and `cutting` are part of what a page is known by, so that a new
way of extracting text or of cutting it reaches pages that have not changed.
"""

import hashlib
import importlib.metadata
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Literal

from rag.config import FetchConfig
from rag.errors import GoneFault, SourceFault
from rag.sources import listing, rendering
from rag.sources.edge import one_source, shown
from rag.sources.fetch import Fetched, fetch_changed
from rag.sources.ingest import content
from rag.sources.stopping import NEVER, until_stopped
from rag.text import headings, language, passage, scripts, sentences, tokens
from rag.types import Origin, Page

_NOT_EXTRACTION = frozenset(
    ("__init__", "apart", "barrier", "chunk", "edge", "fetch", "guard", "ingest", "listing", "look", "manners")
) | {
    "bounded",
    "facsimile",
    "originals",
    "page_cache",
    "stopping",
    "turns",
    "visit",
    "zotero",
    "headings",
    "passage",
    "sentences",
    "tokens",
}
_CUTTING = frozenset(("chunk", "headings", "passage", "scripts", "sentences", "tokens"))
_LIBRARIES = (
    "trafilatura",
    "cssselect2",
    "tinycss2",
    "pypdfium2",
    "lxml",
    "mammoth",
    "msdoc2docx",
    "openpyxl",
    "python-pptx",
    "rapidocr",
)
_SETTLED_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a source answered: its bytes; or a fault; or neither, where it says that it has not changed."""

    address: str
    fetched: Fetched | None = None
    fault: SourceFault | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What that means. `page`, and the `content` it was read from, are there where status is "changed", `origin` there
    and where it is "same"; `why` is a sentence where it is "gone" or "failed"."""

    address: str
    status: Literal["same", "changed", "gone", "failed"]
    origin: Origin | None = None
    page: Page | None = None
    why: str = ""
    content: bytes = b""


def look(address: str, known: Origin | None, config: FetchConfig, stop: threading.Event = NEVER) -> Look:
    """Ask a URL or a file. Runs in any thread, raises nothing a source can cause; that it was stopped is a fault."""
    usable = known if known and known.reading == reading() else None
    try:
        with one_source(address):
            if address.startswith(("http://", "https://")):
                etag, modified = (usable.etag, usable.last_modified) if usable else ("", "")
                asked = partial(fetch_changed, address, config, etag, modified)
                return Look(address, until_stopped(asked, address, stop))
            return Look(address, _file(address, usable, config))
    except SourceFault as fault:
        return Look(shown(address), fault=fault)


def settle(
    look: Look,
    source: str,
    known: Origin | None,
    config: FetchConfig,
    follow: bool = False,
    polite: bool = True,
    stop: threading.Event = NEVER,
    showing: float = math.inf,
) -> Found:
    """The page of a look where there is a new one. `follow` keeps the addresses that it links to; `polite`, `stop` and
    `showing` are as `rendering.read` has them. Extracts; not for several threads at once."""
    if look.fault:
        return Found(look.address, "gone" if isinstance(look.fault, GoneFault) else "failed", why=str(look.fault))
    moment = datetime.now(UTC).isoformat(timespec="microseconds")
    if look.fetched is None:
        assert known is not None  # only what is known can say that it has not changed
        return Found(look.address, "same", replace(known, checked_at=moment))
    fetched = look.fetched
    if seen := _as_known(fetched, known, moment):
        return Found(look.address, "same", seen)
    try:
        with one_source(look.address):
            page, fetched = rendering.read(fetched, config, stop, polite, showing)
            if seen := _as_known(fetched, known, moment):  # a program's page, which shows what it did
                return Found(look.address, "same", seen)
            is_page = page.media_type in ("text/html", "application/xhtml+xml")
            links = listing.links(fetched.content, fetched.charset, fetched.url) if follow and is_page else []
    except SourceFault as fault:
        return Found(look.address, "failed", why=str(fault))
    marks = (fetched.etag, fetched.last_modified, _sha(fetched), reading(), moment)
    origin = Origin(source, look.address, page.uri, *marks, tuple(links))
    return Found(look.address, "changed", origin, page, content=fetched.content)


def _as_known(fetched: Fetched, known: Origin | None, moment: str) -> Origin | None:
    """What is known of a source that was read before from these bytes, by this code."""
    if known is None or (known.sha256, known.reading, known.uri) != (_sha(fetched), reading(), fetched.url):
        return None
    return replace(known, etag=fetched.etag, last_modified=fetched.last_modified, checked_at=moment)


def _sha(fetched: Fetched) -> str:
    return hashlib.sha256(fetched.content).hexdigest()


def _file(path: str, known: Origin | None, config: FetchConfig) -> Fetched | None:
    """As `fetch_changed` for a file. Its mark is its size and times; a file written just now gets none, since it may be
    written again within the same tick of the clock."""
    try:
        facts = Path(path).stat()
    except OSError:
        facts = None  # `content` says what is wrong
    mark = f"{facts.st_size}-{facts.st_mtime_ns}-{facts.st_ctime_ns}" if facts else ""
    if known and mark and known.etag == mark:
        return None
    read = content(path, config)
    settled = facts is not None and time.time() - max(facts.st_mtime, facts.st_ctime) > _SETTLED_SECONDS
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    return Fetched(path, "", "", read, moment, etag=mark if settled else "")


@cache
def reading() -> str:
    """What turns bytes into text here: hex SHA-256 over the code that extracts and the versions of its libraries."""
    return _digest(lambda name: name not in _NOT_EXTRACTION, *map(importlib.metadata.version, _LIBRARIES))


def cutting(aim: int, limit: int, embedder: str) -> str:
    """What cuts text into chunks here: hex SHA-256 over the code that does and its settings."""
    return _digest(lambda name: name in _CUTTING, str(aim), str(limit), embedder)


def _digest(wanted: Callable[[str], bool], *facts: str) -> str:
    sha = hashlib.sha256(os.fsencode("\n".join(facts)))
    modules = [
        *Path(__file__).parent.glob("*.py"),
        *(Path(str(module.__file__)) for module in (headings, language, passage, scripts, sentences, tokens)),
    ]
    for path in sorted(path for path in modules if wanted(path.stem)):
        sha.update(path.read_bytes())
    return sha.hexdigest()
