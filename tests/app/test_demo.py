"""The demo index: made once, made again after its pages change, and never against the user."""

from pathlib import Path

import pytest

from indexes import demo
from indexes.rebuild import Report
from rag import wiring
from rag.config import Config, EmbedderConfig
from rag.sources.ingest import ingest


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "one.txt").write_text("The first page is about salt. Salt was carried along the road for centuries.")
    (folder / "二.txt").write_text("第二页讲的是茶。春茶在清明前后采摘，由茶农手工炒制。")
    return folder


@pytest.fixture
def config(tmp_path) -> Config:
    return Config(indexes=str(tmp_path / "built"), embedder=EmbedderConfig(kind="hash"))


def titles(config: Config) -> set[str]:
    with wiring.index(config, demo.NAME, wiring.embedder(config)) as index:
        return {Path(page.uri).name for page in index.pages()}


def make(config: Config, corpus: Path) -> Report:
    return demo.build(config, wiring.embedder(config), corpus)


def test_it_is_made_where_it_is_missing(config, corpus):
    assert not demo.is_current(config, corpus)
    assert make(config, corpus).added == 2
    assert demo.is_current(config, corpus)
    assert titles(config) == {"one.txt", "二.txt"}


def test_a_changed_corpus_makes_it_out_of_date_and_gone_pages_go(config, corpus):
    make(config, corpus)
    (corpus / "one.txt").unlink()
    (corpus / "three.txt").write_text("A third page is about oysters. They stay in the tank for two days.")
    assert not demo.is_current(config, corpus)
    report = make(config, corpus)
    assert (report.added, report.unchanged, report.removed) == (1, 1, 1)
    assert titles(config) == {"二.txt", "three.txt"}
    assert demo.is_current(config, corpus)


def test_it_keeps_what_a_user_added_to_it(config, corpus, tmp_path):
    make(config, corpus)
    mine = tmp_path / "mine.txt"
    mine.write_text("My own page is about bridges. The longest span is four hundred metres.")
    with wiring.index(config, demo.NAME, wiring.embedder(config)) as index:
        list(ingest([str(mine)], index.put, index.embedder.token_ends, 200, 512, config.fetch))
    (corpus / "one.txt").write_text("The first page has changed. It is about bread now, and about flour.")
    make(config, corpus)
    assert titles(config) == {"one.txt", "二.txt", "mine.txt"}


def test_an_interrupted_making_begins_again(config, corpus):
    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.build(config, wiring.embedder(config), corpus, interrupt)
    assert not demo.is_current(config, corpus)
    make(config, corpus)
    assert demo.is_current(config, corpus)


def test_an_index_of_that_name_that_somebody_made_is_left_alone(config, corpus):
    wiring.index(config, demo.NAME, wiring.embedder(config), create=True).close()
    assert demo.is_current(config, corpus)


def test_the_shipped_corpus_reads_without_a_failure(config):
    report = demo.build(config, wiring.embedder(config))
    assert report.added == report.pages >= 20
    assert report.failed == ()
    assert all(check.ok for check in report.checks)


def test_one_that_was_made_before_there_were_recipes_is_taken_over(config, corpus):
    with wiring.index(config, demo.NAME, wiring.embedder(config), create=True) as index:
        list(ingest([str(corpus)], index.put, index.embedder.token_ends, 200, 512, config.fetch))
    (config.built / demo.NAME / demo.MARK).write_text("unfinished")
    assert not demo.is_current(config, corpus)
    report = make(config, corpus)
    assert (report.status, report.embedded, report.unchanged) == ("unchanged", 0, 2)
    assert demo.is_current(config, corpus)
