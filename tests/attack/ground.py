"""A case, and what it is tried on: a site that may be fetched, a server inside that nobody may reach, a folder."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources.ingest import read
from rag.types import Page
from tests.sources.local_site import Site, send, serve

HUNG = 180.0  # seconds; what is not over then never will be
SECRET = b"<html><body><p>The password of the pump is 7731.</p></body></html>"


@dataclass(frozen=True, slots=True)
class Ground:
    """`site` may be fetched by its host and port; `inside` is of this machine too and was allowed by nobody."""

    site: Site
    inside: Site
    folder: Path

    @property
    def config(self) -> FetchConfig:
        return FetchConfig(allow_hosts=(self.site.host,), timeout_seconds=1.0, max_megabytes=2.0, max_redirects=3)

    def fill(self, text: str) -> str:
        """`text` with {inside}, {site} (host and port) and {port} (of the one inside) filled in."""
        marks = {"{inside}": self.inside.host, "{site}": self.site.host, "{port}": str(self.inside.port)}
        for mark, value in marks.items():
            text = text.replace(mark, value)
        return text


@dataclass(frozen=True, slots=True)
class Case:
    """`attempt` tries it and gives what was told of it; an AssertionError means that the attack came through."""

    group: str
    name: str
    attempt: Callable[[Ground], str]

    def __str__(self) -> str:
        return self.name


@contextmanager
def opened(folder: Path) -> Iterator[Ground]:
    with serve() as site, serve() as inside:
        inside.pages["/"] = send(SECRET)
        yield Ground(site, inside, folder)


def tried(case: Case, ground: Ground) -> str:
    """What was told. Raises AssertionError where the attack came through, or did not end."""
    ground.inside.asked.clear()
    pool = ThreadPoolExecutor(1)
    attempt = pool.submit(case.attempt, ground)
    try:
        told = attempt.result(HUNG)
    except Late as error:
        raise AssertionError(f"{case.group}, {case.name}: it hangs") from error
    finally:
        pool.shutdown(wait=False)
    assert not ground.inside.asked, f"{case.group}, {case.name}: the server inside was asked"
    return told


def refusal(address: str, config: FetchConfig) -> str:
    """The fault with which reading `address` ends: a sentence of its own with a remedy. Raises AssertionError."""
    try:
        page = read(address, config)
    except SourceFault as fault:
        told = str(fault)
        assert ". " in told and "cannot be read (" not in told, f"no sentence of its own: {told}"
        assert told.isprintable(), f"what steers a terminal: {told!r}"
        return told
    raise AssertionError(f"{address} was read: {page.text[:80]!r}")


def harmless(page: Page, *words: str) -> str:
    """What was read of something hostile. Raises AssertionError where that is more than its `words`."""
    assert all(word in page.text for word in words), page.text[:200]
    assert "7731" not in page.text and len(page.text) < 3_000_000, "more than it said was read"
    return f"read: {len(page.text)} characters"
