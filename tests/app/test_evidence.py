"""Where a citation leads: the text that was quoted, whatever has become of its source, and nothing unchecked."""

from dataclasses import replace

from app import evidence, facsimile, resources
from app.session import Place, Session, Turn
from rag import wiring
from rag.config import Config, EmbedderConfig, ReaderConfig
from rag.types import Answer, Chunk, Page, Quote

TEXT = "灯塔建于1861年。🌊 The lamp is lit at dusk. It burns all night."
PAGE = Page("/pages/lighthouse.txt", TEXT, "The lighthouse")
WANTED = "The lamp is lit at dusk."
START = TEXT.index(WANTED)
QUOTE = Quote(1, WANTED, PAGE.uri, PAGE.title, PAGE.sha256, START, START + len(WANTED))


def config(folder) -> Config:
    return Config(
        indexes=str(folder), index="books", embedder=EmbedderConfig(kind="hash"), reader=ReaderConfig(kind="scripted")
    )


def answered(quote: Quote, *pages: Page) -> Session:
    answer = Answer("Q?", "en", "answered", "", "", (), (quote,), (), pages, {}, {})
    return Session(turns=[Turn("Q?", answer)])


def test_a_verbatim_quote_holds():
    assert evidence.check(PAGE, QUOTE) == ""


def test_a_quote_that_moved_or_a_text_that_changed_is_refused():
    assert evidence.check(PAGE, replace(QUOTE, start=START + 1, end=QUOTE.end + 1)) == "not verbatim"
    assert evidence.check(PAGE, replace(QUOTE, text="The lamp is lit at dawn.")) == "not verbatim"
    assert evidence.check(replace(PAGE, text=TEXT + " "), QUOTE) == "not verbatim"


def test_the_text_kept_with_the_answer_is_shown(tmp_path):
    found = evidence.find(config(tmp_path), answered(QUOTE, PAGE), Place(0, 1), "books")
    assert found == evidence.Evidence(PAGE, QUOTE)


def test_the_ledger_has_what_the_index_lost(tmp_path):
    settings = config(tmp_path)
    index = resources.index(settings, "books", create=True)
    wiring.ledger(settings).add(LEDGER_ROW | {"quotes": [{"page_sha256": PAGE.sha256}]}, "reader", [PAGE])
    assert index.pages() == []
    found = evidence.find(settings, answered(QUOTE), Place(0, 1), "books")
    assert found is not None
    assert (found.page.text, found.problem) == (TEXT, "")


def test_a_source_that_changed_is_not_shown_for_the_text_that_was_quoted(tmp_path):
    settings = config(tmp_path)
    index = resources.index(settings, "books", create=True)
    now = replace(PAGE, text="Another text stands here now.")
    list(index.put([(now, [Chunk(now.uri, now.sha256, 0, len(now.text), now.text)])]))
    found = evidence.find(settings, answered(QUOTE), Place(0, 1), "books")
    assert found is not None
    assert (found.page.text, found.problem) == ("", "not there")


def test_the_index_has_the_page_of_an_answer_in_the_making(tmp_path):
    settings = config(tmp_path)
    index = resources.index(settings, "books", create=True)
    list(index.put([(PAGE, [Chunk(PAGE.uri, PAGE.sha256, 0, len(TEXT), TEXT)])]))
    found = evidence.find(settings, answered(QUOTE), Place(0, 1), "books")
    assert found is not None
    assert (found.page.text, found.problem) == (TEXT, "")


def test_a_whole_source_can_be_read(tmp_path):
    settings = config(tmp_path)
    index = resources.index(settings, "books", create=True)
    list(index.put([(PAGE, [Chunk(PAGE.uri, PAGE.sha256, 0, len(TEXT), TEXT)])]))
    found = evidence.find(settings, Session(), Place(uri=PAGE.uri), "books")
    assert found is not None
    assert (found.page.text, found.quote) == (TEXT, None)
    assert evidence.find(settings, Session(), Place(uri="/pages/gone.txt"), "books") is None


def test_places_that_are_not_there_lead_nowhere(tmp_path):
    mine = answered(QUOTE, PAGE)
    for place in (Place(0, 9), Place(5, 1)):
        assert evidence.find(config(tmp_path), mine, place, "books") is None


def test_what_the_page_never_wrote_is_not_followed():
    mine = Session()
    for clicked in ("", "1", "a:b", "-1:2", "0:", "0:1:2", "<script>"):
        mine.cite(clicked)
    assert mine.reading is None
    mine.cite("0:1")
    assert mine.reading == Place(0, 1)


LEDGER_ROW = {
    "id": "one", "question": "Q?", "language": "en", "status": "answered", "answer": "", "reason": "", "draft": "",
    "sentences": [], "quotes": [], "steps": [], "metrics": {"faithfulness": {"hits": 0, "n": 0}, "unjudged": 0},
    "timings": {}, "index": {}, "config_sha256": "", "prompts_sha256": "",
}  # fmt: skip


def test_each_page_has_its_part_of_a_quote_and_where_it_begins():
    text = "One lamp burns.\nTwo keepers see it, and one\nof them sleeps.\nThree ships pass."
    page = Page("a.pdf", text, media_type="application/pdf", page_starts=(0, 16, 16, 44))
    start = text.index("keepers")
    words = text[start : text.index("sleeps")]
    quote = Quote(1, words, page.uri, "", page.sha256, start, start + len(words))
    assert [facsimile.part(page, quote, number)[0] for number in (1, 2, 3, 4)] == [
        "", "", "keepers see it, and one\n", "of them ",
    ]  # fmt: skip
    assert facsimile.part(page, quote, 3)[1] == 4 / 28
    assert facsimile.part(page, quote, 4)[1] == 0
