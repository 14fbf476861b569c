"""A list that is being gone through when it is stopped: it ends at once, and nothing of it is taken for gone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexes.gather import Asking, gather
from indexes.recipe import Crawl, FetchPart, Sitemap, Source
from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources.look import Found
from rag.types import Origin
from tests.sources.local_site import Site, send, serve
from tests.sources.test_stopping import Slow

LINKS = (
    b'<html><body><p>The pages of the harbour, all of them.</p><a href="/a">A</a> <a href="/slow">S</a></body></html>'
)


@pytest.mark.parametrize("at", ["list", "page", "robots"])
def test_a_list_is_stopped(at: str) -> None:
    with serve() as site:
        slow = Slow()
        source: Source = Crawl("crawl", site.url("/")) if at != "list" else Sitemap("sitemap", site.url("/slow"))
        site.pages |= {"/": send(LINKS), "/a": send(LINKS), "/slow": slow}
        site.pages |= {"/robots.txt": slow} if at == "robots" else {}
        stop = threading.Event()
        known = {site.url("/old"): Origin("", site.url("/old"), site.url("/old"), "", "", "", "", "")}
        try:
            with ThreadPoolExecutor(1) as pool:
                going = pool.submit(gone_through, source, known, site, stop)
                assert slow.asked.wait(30)
                stop.set()
                found, fault = going.result(timeout=30)
            assert not slow.released.is_set()
        finally:
            slow.released.set()
        assert fault.code == "source.stopped"
        assert "gone" not in [one.status for one in found]


def gone_through(
    source: Source, known: dict[str, Origin], site: Site, stop: threading.Event
) -> tuple[list[Found], SourceFault]:
    config = FetchConfig(allow_hosts=(site.host,), timeout_seconds=60)
    found = []
    with pytest.raises(SourceFault) as told:
        for one in gather(source, known, Asking(config, FetchPart(delay=0.0), stop=stop)):
            found.append(one)
    return found, told.value
