"""The live web as an engine, over the local search server and site: what is read, what is gone round, what is kept."""

from dataclasses import replace

import pytest

from rag.answering.live import FusedEngine, LiveEngine, keep, word_scores
from rag.answering.recording import answer as run
from rag.config import Config, FetchConfig
from rag.errors import Setback, Unreachable
from rag.generation.reader import ScriptedReader
from rag.index.embed import HashEmbedder
from rag.index.index import Index
from rag.sources.chunk import chunk
from rag.sources.manners import Manners
from rag.sources.page_cache import PageCache
from rag.sources.visit import Visitor
from rag.types import Answer, Answered, Page, Step
from rag.web.results import today
from rag.web.search import WebSearch
from rag.web.services import FORMS
from tests.answering.made import asks, holding
from tests.answering.made import parts as made
from tests.sources.local_site import Site, send
from tests.web import site as local
from tests.web import town as pages


@pytest.fixture
def live(town: Site, tmp_path):
    def made(
        path: str = "/searxng", results: int = 5, blocked=(), hosts=(), minutes: float = 10.0, **more
    ) -> LiveEngine:
        fetch = FetchConfig(allow_hosts=(town.host, *hosts), timeout_seconds=0.6, max_megabytes=1.0)
        visitor = Visitor(fetch, Manners(fetch), PageCache(tmp_path / "cache"), blocked, 0.0, minutes)
        search = WebSearch(FORMS["searxng"], town.url(path), blocked=tuple(blocked))
        return LiveEngine(search, visitor, HashEmbedder(), results, **more)

    return made


def pages_asked(town: Site) -> list[str]:
    return [path for path, _ in town.asked if "search" not in path and path != "/robots.txt"]


def test_hits_are_chunks_of_pages_that_were_read_with_both_ranks(live, town: Site) -> None:
    engine = live()
    hits = engine.search("When was the Lantern Bridge reopened?", 20)
    best = hits[0]
    assert best.chunk.uri == town.url("/news/lantern-bridge") and "12 March 2024" in best.chunk.text
    assert best.dense_rank and best.text_rank and best.cosine is not None
    for hit in hits:
        page = engine.open(hit.chunk.uri)
        assert page.text[hit.chunk.start : hit.chunk.end] == hit.chunk.text and page.sha256 == hit.chunk.page_sha256
    assert engine.setbacks() == []


def test_gbk_pages_and_pdfs_are_read_like_any_other(live, town: Site) -> None:
    assert "鲤鱼灯长26米" in live().search("霁川灯会 最大的鲤鱼灯有多长?", 5)[0].chunk.text
    hits = live().search("Orsel reservoir cubic metres nitrate", 5)
    assert hits[0].chunk.uri == town.url("/report.pdf") and "9.4 million cubic metres" in hits[0].chunk.text


def test_a_redirect_is_followed_and_its_page_counted_once(live, town: Site) -> None:
    hits = live().search("Orsel cable car old address", 20)
    places = [(hit.chunk.uri, hit.chunk.start) for hit in hits]
    assert len(places) == len(set(places)) and town.url("/guide/cable-car") in {uri for uri, _ in places}
    assert not any("moved" in uri for uri, _ in places)


def test_every_page_that_cannot_be_read_is_a_setback_a_user_can_read(live, town: Site) -> None:
    engine = live(results=12, fresh_days=(today().year - 2015) * 365)
    with pytest.raises(Unreachable, match="None of the 11 pages that searxng found can be read"):
        engine.search(local.TROUBLE, 10)
    told = {str(setback).split()[0].removeprefix(f"http://{town.host}"): str(setback) for setback in engine.setbacks()}
    for path, said in {
        "/missing": "answers 404",
        "/slow": "not read within",
        "/huge": "larger than 1 MB",
        "/loop": "redirects more than",
        "/wall": "captcha",
        "/": "all navigation",
        "/data.bin": "",
        "/shut/secret": "robots.txt does not allow",
        "/busy": "wait 30 seconds",
        "/archive/tram": "older than",
        "10.255.255.1": "not a public address",
    }.items():
        assert said in told[path], (path, told[path])
    assert engine.setbacks() == []


def test_a_page_that_fails_gives_its_place_to_the_next(live, town: Site) -> None:
    town.pages["/news/lantern-bridge"] = send(b"gone", status=500)
    engine = live(results=1)
    assert engine.search("Lantern Bridge reopened Dorothea Pell", 5)[0].chunk.uri == town.url("/people/dorothea-pell")
    assert [str(setback).split(".")[-2:] for setback in engine.setbacks()]


def test_blocked_hosts_are_not_asked_and_redirects_to_them_are_refused(live, town: Site) -> None:
    elsewhere = f"localhost:{town.port}"
    town.pages["/guide/cable-car"] = send(b"", status=302, Location=f"http://{elsewhere}/people/dorothea-pell")
    engine = live(blocked=("localhost",), hosts=(elsewhere,))
    for uri in (f"http://{elsewhere}/zh/museum", town.url("/guide/cable-car")):
        with pytest.raises(Unreachable, match=r"localhost is among web\.blocked"):
            engine.open(uri)
    assert "/zh/museum" not in pages_asked(town)


def test_a_link_can_be_opened_that_no_search_has_found(live, town: Site) -> None:
    assert "Astermouth" in live().open(town.url("/people/dorothea-pell")).text
    with pytest.raises(Unreachable, match="404"):
        live().open(town.url("/missing"))


def test_a_page_is_read_once_a_run_and_not_sent_again_when_unchanged(live, town: Site) -> None:
    engine = live(results=1)
    for query in ("Lantern Bridge reopened", "Lantern Bridge repairs crowns"):
        assert "4.6 million" in engine.search(query, 5)[0].chunk.text
    assert pages_asked(town) == ["/news/lantern-bridge"]
    live(results=1).search("Lantern Bridge reopened", 5)
    assert pages_asked(town) == ["/news/lantern-bridge"]  # read within the last minutes
    again = live(results=1, minutes=0.0)
    assert "4.6 million" in again.search("Lantern Bridge reopened", 5)[0].chunk.text
    assert pages_asked(town) == ["/news/lantern-bridge"] * 2  # asked by its ETag, and answered with 304


def test_a_page_that_has_changed_is_read_anew(live, town: Site) -> None:
    live(results=1).search("Lantern Bridge reopened", 5)
    town.pages["/news/lantern-bridge"] = send(pages.article("/news/lantern-bridge").replace(b"4.6", b"7.3"))
    assert "7.3 million" in live(results=1, minutes=0.0).search("Lantern Bridge reopened", 5)[0].chunk.text


def test_a_damaged_cache_file_is_read_again(live, town: Site, tmp_path) -> None:
    live(results=1).search("Lantern Bridge reopened", 5)
    for file in (tmp_path / "cache").iterdir():
        file.write_text("{", "utf-8")
    assert live(results=1).search("Lantern Bridge reopened", 5)
    assert pages_asked(town) == ["/news/lantern-bridge"] * 2


def test_the_cache_keeps_within_its_bound(tmp_path) -> None:
    from rag.types import Origin

    cache = PageCache(tmp_path, megabytes=0.02)
    for number in range(8):
        address = f"http://x.example/{number}"
        cache.put(Origin("live web", address, address, checked_at="2026-01-01"), Page(address, "x" * 5000))
    kept = [number for number in range(8) if cache.get(f"http://x.example/{number}")]
    assert 2 <= len(kept) <= 4 and 7 in kept and 0 not in kept
    assert cache.get("http://x.example/7")[1].text == "x" * 5000


def test_a_host_is_given_the_time_it_asks_for(live, town: Site) -> None:
    town.pages["/robots.txt"] = send(b"User-agent: *\nCrawl-delay: 60\n", "text/plain")
    engine = live(results=2)
    assert len({hit.chunk.uri for hit in engine.search("Lantern Bridge Dorothea Pell", 9)}) == 1
    assert all("60 seconds between two pages" in str(setback) for setback in engine.setbacks())


def test_a_long_page_does_not_cost_thousands_of_embeddings(live, town: Site) -> None:
    class Counting(HashEmbedder):
        count = 0

        def passages(self, texts):
            self.count += len(texts)
            return super().passages(texts)

        def queries(self, texts):
            return HashEmbedder().passages(texts)

    filler = "".join(
        f"<p>Paragraph {n} speaks of weather, number {n}, at some length and to no end.</p>" for n in range(900)
    )
    needle = "<p>The Lantern Bridge was reopened on 12 March 2024.</p>"
    town.pages["/news/lantern-bridge"] = send(f"<html><body><article>{filler}{needle}</article></body></html>".encode())
    engine = replace(live(results=2, chunks=24), embedder=Counting())
    hits = engine.search("When was the Lantern Bridge reopened?", 24)
    assert next(hit for hit in hits if "12 March 2024" in hit.chunk.text).text_rank == 1
    assert len(hits) == engine.embedder.count == 24


def indexed(folder, *made: Page) -> Index:
    index = Index.at(folder, HashEmbedder(), create=True)
    list(index.put((page, chunk(page, HashEmbedder().token_ends, 100, 512)) for page in made))
    return index


def test_index_and_web_are_one_engine_and_the_live_page_counts(live, town: Site, tmp_path) -> None:
    old = Page(town.url("/news/lantern-bridge"), "The Lantern Bridge is closed. It may reopen in 2024.", title="old")
    own = Page("file:/notes.txt", "My notes: the Lantern Bridge was reopened by the mayor.", title="notes")
    with indexed(tmp_path / "i", old, own) as index:
        engine = FusedEngine(index, live())
        hits = engine.search("When was the Lantern Bridge reopened?", 20)
        uris = {hit.chunk.uri for hit in hits}
        assert {"file:/notes.txt", town.url("/news/lantern-bridge")} <= uris
        assert "12 March 2024" in engine.open(town.url("/news/lantern-bridge")).text
        for hit in hits:
            assert engine.open(hit.chunk.uri).sha256 == hit.chunk.page_sha256
        with pytest.raises(Unreachable):
            engine.open("file:/nothing.txt")


def test_where_the_web_fails_the_index_answers_and_the_setback_is_told(live, tmp_path) -> None:
    with indexed(tmp_path / "i", Page("file:/notes.txt", "The bridge was reopened in March.")) as index:
        engine = FusedEngine(index, live("/limited"))
        assert [hit.chunk.uri for hit in engine.search("bridge", 5)] == ["file:/notes.txt"]
        assert ["left alone for 30 seconds" in str(setback) for setback in engine.setbacks()] == [True]


def test_pages_that_were_read_can_be_kept_and_only_those(live, town: Site, tmp_path) -> None:
    engine, notes = live(), Page("file:/notes.txt", "Notes.")
    read = engine.open(town.url("/guide/cable-car"))
    with indexed(tmp_path / "i") as index:
        assert keep([read, notes], index, 100) == [(read.uri, "added")]
        assert index.open(read.uri).text == read.text and index.search("cable car", 1)
        assert keep([read, notes], index, 100) == []
        assert keep([replace(read, text=f"{read.text}\nNew.", body=())], index, 100) == [(read.uri, "replaced")]


def answered(question: str, engine, reader: ScriptedReader, states=None) -> tuple[Answer, list[Step]]:
    events = list(run(question, made(reader, engine=engine, states=states, setbacks=engine.setbacks)))
    assert isinstance(events[-1], Answered)
    return events[-1].answer, [event for event in events if isinstance(event, Step)]


@pytest.mark.parametrize(
    ("question", "path", "said", "draft"),
    [
        ("When was the Lantern Bridge reopened?", "/news/lantern-bridge", "12 March 2024",
         "The Lantern Bridge was reopened on 12 March 2024."),
        ("霁川灯会最大的鲤鱼灯长多少米?", "/zh/festival", "26米", "最大的一盏鲤鱼灯长26米。"),
    ],
)  # fmt: skip
def test_a_question_is_answered_with_citations_to_pages_in_no_index(
    live, town: Site, question: str, path: str, said: str, draft: str
) -> None:
    reader = ScriptedReader(
        [(asks("answer", "fact"), draft)], [(asks("verify", quotes=said), 1.0), (asks("verify"), 0.1)]
    )
    found, _ = answered(question, live(), reader)
    assert found.status == "answered" and said in found.text
    cited = [found.quotes[number - 1] for sentence in found.sentences for number in sentence.citations]
    texts = {page.sha256: page for page in found.pages}
    assert cited and any(quote.uri == town.url(path) for quote in cited)
    assert all(texts[quote.page_sha256].text[quote.start : quote.end] == quote.text for quote in found.quotes)


def test_the_loop_goes_round_pages_that_cannot_be_read_and_shows_each(live, town: Site) -> None:
    town.pages["/people/dorothea-pell"] = send(b"", status=503)
    reader = ScriptedReader([(asks("answer", "fact"), "It was reopened on 12 March 2024.")])
    found, steps = answered("When was the Lantern Bridge reopened?", live(), reader)
    assert found.status == "answered"
    setbacks = [step for step in steps if step.setback]
    assert len(setbacks) == 1 and "503" in setbacks[0].detail and setbacks[0] in found.steps


def test_an_engine_that_is_down_ends_in_an_abstention_that_shows_why(live) -> None:
    found, steps = answered("When was the Lantern Bridge reopened?", live("/limited"), ScriptedReader())
    assert found.status == "abstained" and any("left alone" in step.detail for step in steps if step.setback)


def test_a_question_that_finds_nothing_is_put_in_the_other_language(live, town: Site) -> None:
    translation = (asks("translate"), "When was the Lantern Bridge reopened?")
    reader = ScriptedReader([translation, (asks("answer", "fact"), "灯桥于2024年3月12日重新开放。")])
    found, steps = answered("Laternenbrücke 灯桥何时重开？", live(), reader, holding(Lantern=0.9))
    assert [step.setback for step in steps if step.action in ("search", "setback")][:2] == [True, False]
    assert found.status == "answered" and found.quotes[0].uri == town.url("/news/lantern-bridge")


def test_words_score_by_rarity_and_tell_how_much_of_the_query_they_cover() -> None:
    scores, covered = word_scores("lantern bridge", ["the bridge", "the lantern bridge", "das Wetter"])
    assert scores[1] > scores[0] > scores[2] == 0.0 and covered == 1.0
    assert word_scores("灯笼桥", ["weather", "bridge"]) == ([0.0, 0.0], 0.0)


def test_a_setback_is_what_the_loop_knows(live) -> None:
    assert issubclass(Unreachable, Setback) and Config().web.engine == ""


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "path", "said"),
    [
        ("When was the Lantern Bridge in Halverton reopened?", "/news/lantern-bridge", "12 March 2024"),
        ("霁川盐井博物馆最深的一口井有多深?", "/zh/museum", "487米"),
    ],
)
def test_the_default_models_answer_from_the_live_web(town: Site, tmp_path, question, path, said) -> None:
    from rag import wiring
    from rag.config import WebConfig

    web = WebConfig(engine="searxng", address=town.url("/searxng"), delay=0.0, results=4)
    config = Config(indexes=str(tmp_path), web=web, fetch=FetchConfig(allow_hosts=(town.host,)))
    parts = wiring.live_parts(config, None, wiring.reader(config), wiring.embedder(config))
    *_, last = run(question, parts)
    assert isinstance(last, Answered) and last.answer.status == "answered" and said in last.answer.text
    assert {quote.uri for quote in last.answer.quotes} <= {town.url(other) for other in pages.ARTICLES} | {
        town.url("/report.pdf")
    }
    cited = [last.answer.quotes[number - 1].uri for s in last.answer.sentences for number in s.citations]
    assert town.url(path) in cited
