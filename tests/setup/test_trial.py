"""Readers tried out on a small demo index, against the shipped server."""

from dataclasses import replace

import pytest

from indexes.demo import CORPUS
from rag import wiring
from rag.config import CheckingConfig, Config, EmbedderConfig, FetchConfig, ReaderConfig
from rag.errors import ReaderFault
from rag.generation.api_reader import api_reader
from rag.generation.fake_server import MODEL, served
from rag.setup import trial
from rag.sources.ingest import ingest, read

AT = "2026-11-30T08:00:00+00:00"


@pytest.fixture(scope="module")
def server():
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Config:
    """With a demo index of two of its pages."""
    judged = CheckingConfig(judge="reader", auditor="")
    made = Config(indexes=str(tmp_path_factory.mktemp("built")), embedder=EmbedderConfig("hash"), checking=judged)
    with wiring.index(made, trial.DEMO, wiring.embedder(made), create=True) as index:
        pages = [str(CORPUS / name) for name in ("quill-bridge.html", "dam-oral-history.txt")]
        list(ingest(pages, index.put, index.embedder.token_ends, made.chunk.tokens, 512, made.fetch))
    return made


def at(server, mode: str) -> ReaderConfig:
    return ReaderConfig("openai", MODEL, server.address(mode), timeout_seconds=5)


def test_a_reader_is_measured_and_asked_the_demos_questions(server, config, tmp_path, monkeypatch):
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path))
    told = []
    reader = at(server, "good")
    found = trial.try_out(reader, config, lambda *how: told.append(how))
    assert found.prompt_rate and found.output_rate and found.seconds
    assert len(found.outcomes) == len(trial.questions()) == told[-1][1]
    able = {name for name in trial.ABILITIES if getattr(found, name)}
    assert able == {"probabilities", "schema", "tools"} and found.window == 0
    assert trial.kept(reader) == found and trial.kept(replace(reader, model="other")) is None
    assert trial.suited(reader, found) == reader


def test_a_reader_that_thinks_is_found_out_and_one_that_fails_is_not_kept(server, config, tmp_path, monkeypatch):
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path))
    assert trial.attempt(
        wiring.reader(replace(config, reader=at(server, "think"))), config, None, AT, lambda *_: None
    ).thinks
    with pytest.raises(ReaderFault):
        trial.try_out(at(server, "401"), config, lambda *_: None)
    assert trial.kept(at(server, "401")) is None


def test_a_reader_that_takes_too_long_is_asked_no_more(server, config, tmp_path, monkeypatch):
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path))
    made = replace(config, reader=at(server, "good"))
    with wiring.index(made, trial.DEMO, wiring.embedder(made)) as index:
        found = trial.attempt(wiring.reader(made), made, index, AT, lambda *_: None, patience=0)
    assert len(found.outcomes) == 1


def test_what_a_server_does_not_do_is_found_out_and_not_asked_for(server, config):
    reader = api_reader(MODEL, server.address("bare"), "", 5, pause=lambda seconds: None)
    found = trial.attempt(reader, config, None, AT, lambda *_: None)
    assert not any(getattr(found, name) for name in trial.ABILITIES)
    assert not trial.suited(at(server, "bare"), found).tools


def test_a_question_of_the_trial_stands_in_the_demo_or_has_no_answer():
    """Plainly: the words of every answer are those of its page."""
    asked = trial.questions()
    assert len(asked) == 10 and {question["language"] for question in asked} == {"zh", "en"}
    assert sum(not question["answers"] for question in asked) == 3
    for question in asked:
        text = "".join(read((CORPUS / name).as_posix(), FetchConfig()).text for name in question["pages"])
        assert all(any(one in text for one in row) for row in question["answers"])


def test_a_reader_that_cites_nothing_has_its_sentences_cited_by_the_verifier(server, config):
    """The cases' row 612: every answer of such a reader was taken back."""
    asked = replace(config, reader=at(server, "good"))
    with trial.demo(asked) as index:
        given = trial._answered("Which engineer drew up the Quill Bridge?", wiring.reader(asked), asked, index)
    assert given.status == "answered" and all(sentence.citations for sentence in given.sentences)


def test_an_answer_is_right_by_every_row_and_a_question_without_answers_is_rightly_declined(config, server):
    with trial.demo(config) as index:
        reader = wiring.reader(replace(config, reader=at(server, "good")))
        given = trial._answered("Which engineer drew up the Quill Bridge?", reader, config, index)
    said = replace(given, status="answered", text="By Vray, in 1931.")
    assert trial.graded(said, [["Vray", "Wray"], ["1931"]]) == "right"
    assert trial.graded(said, [["Vray"], ["1932"]]) == "wrong" == trial.graded(said, [])
    none = replace(given, status="abstained")
    assert trial.graded(none, []) == "right" and trial.graded(none, [["Vray"]]) == "declined"
