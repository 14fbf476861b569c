"""Stop while a server takes its time: who waited goes on at once, whatever the server does."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources.ingest import Outcome, ingest
from rag.sources.look import look
from rag.sources.stopping import until_stopped
from rag.sources.turns import in_turns
from tests.sources.local_site import Site, send


class Slow:
    """A page whose server was asked, and says nothing until it is released."""

    def __init__(self) -> None:
        self.asked, self.released = threading.Event(), threading.Event()

    def __call__(self, request: object) -> None:
        self.asked.set()
        self.released.wait(60)


@pytest.fixture
def slow(site: Site) -> Iterator[Slow]:
    made = Slow()
    site.pages["/slow"] = made
    yield made
    made.released.set()


def test_a_download_is_left_and_what_was_read_before_it_is_shelved(site: Site, slow: Slow) -> None:
    site.pages["/"] = send(b"<p>The Orrin bridge was opened in 1931.</p>")
    stop, config = threading.Event(), FetchConfig(allow_hosts=(site.host,), timeout_seconds=60)
    targets = [site.url("/"), site.url("/slow"), site.url("/later")]

    def shelve(pairs):
        for page, _ in list(pairs):
            yield page.uri, "added"

    def run() -> list[Outcome]:
        return list(ingest(targets, shelve, lambda text: [len(text)], 100, 100, config, stop=stop))

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(run)
        assert slow.asked.wait(30)
        stop.set()
        outcomes = reading.result(timeout=30)
    assert not slow.released.is_set()
    assert sorted((one.uri, one.status) for one in outcomes) == [(targets[0], "added"), (targets[1], "failed")]
    assert site.url("/later") not in [site.url(path) for path, _ in site.asked]


def test_a_look_is_left(site: Site, slow: Slow) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        config = FetchConfig(allow_hosts=(site.host,), timeout_seconds=60)
        looking = pool.submit(look, site.url("/slow"), None, config, stop)
        assert slow.asked.wait(30)
        stop.set()
        fault = looking.result(timeout=30).fault
    assert fault and fault.code == "source.stopped"
    with pytest.raises(SourceFault) as told:  # and once it is set nothing is begun
        until_stopped(lambda: pytest.fail("begun"), "a", stop)
    assert told.value.code == "source.stopped"


def test_what_was_raised_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        until_stopped(fail, "a", threading.Event())


def test_no_turn_begins_once_it_is_stopped() -> None:
    stop, begun = threading.Event(), []

    def take(address: str) -> str:
        begun.append(address)
        stop.set()
        return address

    addresses = [f"https://example.org/{number}" for number in range(5)]
    list(in_turns(addresses, take, 1, 1, {"example.org": 30.0}, stop))
    assert begun == addresses[:1]
