"""Evidence of earlier answers, what is asked back, in which language is answered, and the chat on the command line."""

import json
import os
import subprocess
import sys

import pytest

from eval.conversation import is_right
from rag.answering.conversation import clarification, exchanges, reading, remembering
from rag.answering.engine import Parts
from rag.answering.policies import GuidedPolicy
from rag.answering.recording import answer as research
from rag.checking.verify import ReaderJudge
from rag.config import ReadingConfig
from rag.generation import translation as compose
from rag.generation.reader import ScriptedReader
from rag.index.embed import HashEmbedder
from rag.text import question_language
from rag.types import Answered, Page
from rag.web.static import StaticEngine

BRIDGE = Page(
    "https://example.org/bridge",
    "The Orrin bridge was opened on 4 May 1931 after three years of work.\nIt replaced a ferry of 1820.",
    title="Orrin bridge",
)
REPLIES = [("Answer from", "The Orrin bridge was opened on 4 May 1931. [1]")]


def parts(engine, reader) -> Parts:
    limits = ReadingConfig()
    policy = GuidedPolicy(HashEmbedder(), reader, limits.searches, limits.quotes, limits.quote_characters, 0.4)
    return Parts(engine, policy, reader, ReaderJudge(reader, compose.verification, 0.5), limits)


def answered(question: str, made: Parts):
    *_, last = research(question, made)
    assert isinstance(last, Answered)
    return last.answer


def test_what_an_earlier_answer_quoted_is_found_again_though_the_engine_has_lost_it() -> None:
    first = answered("When was the Orrin bridge opened?", parts(StaticEngine([BRIDGE]), ScriptedReader(REPLIES)))
    assert first.status == "answered" and exchanges([first])[0].answer == first.text
    gone = parts(StaticEngine([BRIDGE], down=True), ScriptedReader(REPLIES))
    assert answered("When was the Orrin bridge opened?", gone).status == "abstained"
    again = answered("On which day was the Orrin bridge opened?", remembering(gone, [first], HashEmbedder()))
    assert again.status == "answered" and again.quotes[0].uri == BRIDGE.uri
    assert all(BRIDGE.text[quote.start : quote.end] == quote.text for quote in again.quotes)


def test_a_quote_whose_page_has_changed_is_not_remembered() -> None:
    local = Page("/notes/bridge.txt", BRIDGE.text, title="Orrin bridge")
    first = answered("When was the Orrin bridge opened?", parts(StaticEngine([local]), ScriptedReader(REPLIES)))
    changed = StaticEngine([Page(local.uri, "The Orrin bridge was opened on 9 June 1934.", title="Orrin bridge")])
    made = remembering(parts(changed, ScriptedReader(REPLIES)), [first], HashEmbedder())
    assert [hit.chunk.text for hit in made.engine.search("Orrin bridge opened", 5)] == [changed.pages[0].text]
    assert made.engine.open(local.uri).text == changed.pages[0].text


def test_nothing_to_remember_leaves_the_parts_as_they_are() -> None:
    made = parts(StaticEngine([BRIDGE]), ScriptedReader(REPLIES))
    assert remembering(made, [], HashEmbedder()) is made


@pytest.mark.parametrize(
    ("question", "said"), [("How long is it?", "Do you mean “Orrin bridge”"), ("它有多长?", "您指的是什么")]
)
def test_a_vague_first_question_gets_one_question_back_in_its_language(question: str, said: str) -> None:
    page = Page("memory:b", "How long it is: 400 m.", title="Orrin bridge")
    assert said in clarification(question, [], StaticEngine([page]))


def test_a_clear_question_or_a_conversation_gets_none_back() -> None:
    engine = StaticEngine([BRIDGE])
    assert clarification("When was the Orrin bridge opened?", [], engine) == ""
    first = answered("When was the Orrin bridge opened?", parts(engine, ScriptedReader(REPLIES)))
    assert clarification("How long is it?", exchanges([first]), engine) == ""
    assert clarification("How long is it?", [], StaticEngine([], down=True)) == "What do you mean? Please name it."


def test_a_question_without_a_name_states_how_it_was_read() -> None:
    made = parts(StaticEngine([BRIDGE]), ScriptedReader(REPLIES))
    assert reading(answered("When was the bridge opened?", made)) == "Read as a question about “Orrin bridge”."
    assert reading(answered("When was the Orrin bridge opened?", made)) == ""


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Quill Bridge 和 Oskerry Lighthouse 哪个先建成?", "zh"),
        ("How high is Lake Jinghu (静湖)?", "en"),
        ("Who designed 石榧大坝?", "en"),
        ("《The Lord of the Rings》的作者是谁?", "zh"),
        ("静湖海拔", "zh"),
        ("Кто построил мост?", "ru"),
        ("橋の長さはどのくらいですか", "ja"),
        ("1931?", "en"),
    ],
)
def test_the_question_decides_the_language_of_the_answer(question: str, language: str) -> None:
    assert question_language(question) == language


def test_a_rewriting_is_right_where_it_holds_what_is_wanted_and_nothing_else() -> None:
    turn = {"question": "And in 1904?", "terms": [["Oskerry"], ["1904"]], "no": ["1861"]}
    assert is_right(turn, "What did the Oskerry lamp burn in 1904?")
    assert not is_right(turn, "What did the Oskerry lamp burn in 1861? And in 1904?")
    assert not is_right(turn, "What about Oskerry in 1904?") and not is_right(turn, "What burned in 1904?")
    assert is_right({"question": "Q?", "alone": True}, "Q?") and not is_right({"question": "Q?", "alone": True}, "R?")


SCRIPT = {
    "replies": [
        ["What did the Orrin bridge replace[\\s\\S]*Answer from", "It replaced a ferry of 1820. [1]"],
        ["Answer from", "The Orrin bridge was opened on 4 May 1931. [1]"],
    ],
    "choices": [],
}


@pytest.fixture
def chat(tmp_path):
    script, config, bridge = tmp_path / "script.json", tmp_path / "vouch.toml", tmp_path / "bridge.txt"
    script.write_text(json.dumps(SCRIPT), "utf-8")
    bridge.write_text(BRIDGE.text.replace("It replaced", "The Orrin bridge replaced"), "utf-8")
    config.write_text(
        f'indexes = "{tmp_path / "built"}"\nindex = "work"\n[embedder]\nkind = "hash"\n'
        f'[reader]\nkind = "scripted"\nmodel = "{script}"\n[checking]\njudge = "reader"\nauditor = ""\n',
        "utf-8",
    )

    def run(*words: str, given: str = "") -> subprocess.CompletedProcess:
        env = {**os.environ, "VOUCH_CONFIG": str(config), "VOUCH_HOME": str(tmp_path), "COLUMNS": "200"}
        command = [sys.executable, "-m", "rag", *words]
        return subprocess.run(command, capture_output=True, text=True, env=env, input=given, check=False)

    assert run("add", str(bridge)).returncode == 0
    return run


def test_a_conversation_on_the_command_line(chat) -> None:
    lines = "What did it replace?\nWhen was the Orrin bridge opened?\nWhat did it replace?\n/new\nHow long is it?\n\n"
    shown = chat("chat", given=lines)
    assert shown.returncode == 0, shown.stderr
    assert "asked as: What did the Orrin bridge replace?" in shown.stdout
    assert shown.stdout.count("Do you mean") == 2  # before anything was spoken of, and after /new
    assert "4 May 1931" in shown.stdout and "ferry of 1820" in shown.stdout
    told = json.loads(chat("chat", "--json", given=lines).stdout)["turns"]
    assert [turn.get("how") for turn in told] == [None, "as asked", "rule", None]
    assert told[2]["put"] == "What did the Orrin bridge replace?" and told[2]["answer"]["status"] == "answered"


def test_a_chat_over_no_index_is_a_fault(chat) -> None:
    ended = chat("chat", "--index", "none", given="Who?\n")
    assert ended.returncode == 1 and "There is no index none" in ended.stderr
