"""Readers at an address, against the shipped server that misbehaves: every way has its own message."""

import logging
import re

import pytest

from rag.errors import ConfigFault, ReaderFault
from rag.generation.acting import acting
from rag.generation.api_reader import ApiReader, api_reader, shrunk
from rag.generation.clean import Cleaner, clean
from rag.generation.fake_server import MODEL, WINDOW, served
from rag.messages import find, translate
from rag.protocols import Prompt

KEY = "sk-secret-4711"
ASKED = '<passage 1 from="p">The bridge cost 21 crowns.</passage 1>\n\nWhat did it cost?'
ASK = Prompt("Be brief.", ASKED, max_tokens=40)
SAID = "The bridge cost 21 crowns."


def passages(count: int, words: int) -> Prompt:
    told = "\n".join(f'<passage {n} from="p">{"word " * words}{n}.</passage {n}>' for n in range(1, count + 1))
    return Prompt("Be brief.", f"{told}\n\nWhat?", (("example", "reply"),), max_tokens=400)


@pytest.fixture(scope="module")
def server():
    with served() as running:
        yield running


@pytest.fixture
def reader(server):
    waits: list[float] = []

    def made(mode: str, timeout: float = 5.0, key: str = KEY, model: str = MODEL) -> ApiReader:
        return api_reader(model, server.address(mode), key, timeout, pause=waits.append)

    made.waits = waits
    return made


def written(reader: ApiReader, prompt: Prompt = ASK) -> str:
    return "".join(reader.write(prompt))


def chosen(reader: ApiReader) -> dict[str, float] | None:
    return reader.choose(ASK, ("Yes", "No"))


def test_a_reply_is_streamed_with_its_key_and_its_tokens_are_counted(server, reader):
    found = reader("good")
    assert written(found) == SAID
    mode, body, headers = server.asked[-1]
    assert mode == "good" and headers["Authorization"] == f"Bearer {KEY}"
    assert body["temperature"] == 0 and body["max_tokens"] == body["max_completion_tokens"] == 40
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    prompt, output = found.tokens()
    assert prompt > 10 and output > 2 and found.tokens() == (0, 0)


def test_a_choice_is_the_share_of_the_first_tokens_probabilities(reader):
    assert chosen(reader("good"))["Yes"] == pytest.approx(0.909, abs=0.001)


@pytest.mark.parametrize("mode", ["words", "writes_on", "nan", "think", "reasons"])
def test_without_probabilities_a_server_is_taken_at_its_word(reader, mode):
    assert chosen(reader(mode)) == {"Yes": 1.0, "No": 0.0}


FAULTS = [  # mode, both for a text and for a word, the code
    ("401", "reader.wrong_key"),
    ("402", "reader.no_credit"),
    ("403", "reader.forbidden"),
    ("404", "reader.no_address"),
    ("400", "reader.refused"),
    ("429long", "reader.busy"),
    ("500", "reader.failing"),
    ("filter400", "reader.filtered"),
    ("filter", "reader.filtered"),
    ("empty", "reader.nothing"),
    ("nochoices", "reader.nothing"),
    ("blank", "reader.nothing"),
    ("error200", "reader.failing"),
    ("html", "reader.not_an_api"),
    ("garbage", "reader.malformed"),
    ("half", "reader.malformed"),
    ("slow", "reader.timeout"),
]
STREAMS = [
    ("broken", "reader.broke_off"),
    ("hangs", "reader.timeout"),
    ("error_stream", "reader.failing"),
    ("mute", "reader.endless"),
]


@pytest.mark.parametrize(("mode", "code"), FAULTS + STREAMS)
def test_a_failure_is_its_own_message_in_both_languages_and_never_tells_the_key(reader, mode, code, caplog):
    caplog.set_level(logging.DEBUG)
    found = reader(mode, timeout=0.5)
    asking = [lambda: written(found)] + ([lambda: chosen(found)] if (mode, code) in FAULTS else [])
    for ask in asking:
        with pytest.raises(ReaderFault) as raised:
            ask()
        told = str(raised.value)
        assert raised.value.code == code and find(told).code == code
        assert re.search("[\u4e00-\u9fff]", translate("zh", told))
        assert KEY not in told + translate("zh", told) + repr(raised.value) + repr(raised.value.__cause__)
        assert "\x1b" not in told
    assert KEY not in caplog.text + repr(found)


def test_nobody_there_no_key_and_another_model_are_said(server, reader):
    with pytest.raises(ReaderFault, match=r"Nothing answers at http://127.0.0.1:9/v1"):
        written(api_reader("m", "http://127.0.0.1:9/v1", "", 2))
    with pytest.raises(ReaderFault, match="wants a key"):
        written(reader("401", key=""))
    assert "Authorization" not in server.asked[-1][2]
    with pytest.raises(ReaderFault, match=f"no model gpt-9. It has: {MODEL}"):
        written(reader("model", model="gpt-9"))


def test_a_busy_server_is_waited_for_as_it_asks_and_a_failing_one_a_little_longer_each_time(reader):
    assert written(reader("429")) == SAID and written(reader("503")) == SAID and reader.waits == [0.0, 0.0]
    reader.waits.clear()
    with pytest.raises(ReaderFault):
        written(reader("500"))
    assert reader.waits == [1.0, 2.0]
    with pytest.raises(ReaderFault, match="left alone for 3600 s"):
        written(reader("429long"))
    assert reader.waits == [1.0, 2.0]


def test_what_broke_off_before_it_showed_anything_is_asked_again(reader):
    assert written(reader("dropped")) == SAID


@pytest.mark.parametrize("mode", ["think", "reasons", "escapes", "null"])
def test_thinking_escapes_and_nothing_are_left_out(reader, mode):
    assert written(reader(mode)) == SAID


def test_a_reader_that_thinks_is_told_not_to_and_given_room(server, reader):
    found = reader("think")
    written(found)
    written(found)
    body = server.asked[-1][1]
    assert body["enable_thinking"] is False and body["max_tokens"] > 2000


def test_thinking_without_a_mark_at_its_beginning_is_shown_once_and_never_again(reader):
    found = reader("aloud")
    with pytest.raises(ReaderFault, match="think aloud"):
        written(found)
    assert written(found) == SAID


def test_a_stream_without_end_is_cut_off_where_its_tokens_are_spent(reader):
    assert len(written(reader("never"))) < 17 * ASK.max_tokens


def test_settings_that_a_server_refuses_are_left_out_from_then_on(server, reader):
    found = reader("strict")
    assert written(found) == SAID and chosen(found) == {"Yes": 1.0, "No": 0.0}
    before = len(server.asked)
    assert written(found) == SAID and len(server.asked) == before + 1
    assert found.api.refused >= {"max_tokens", "temperature", "logprobs"}
    assert server.asked[-1][1]["max_completion_tokens"] == 40


def test_a_server_that_fails_where_it_should_refuse_is_asked_without_that_setting(reader):
    found = reader("no_logits")
    assert written(found) == SAID and chosen(found) == {"Yes": 1.0, "No": 0.0} and not reader.waits


def test_a_prompt_that_is_too_long_is_asked_once_more_with_its_best_passages(server, reader):
    assert written(reader("long"), passages(4, 500)).endswith("4.")
    assert server.asked[-1][1]["messages"][-1]["content"].startswith("<passage 3")
    with pytest.raises(ReaderFault, match="longer than the window"):
        written(reader("long"), passages(1, 5000))


def test_a_prompt_that_was_cut_silently_is_noticed_and_the_next_is_shorter(server, reader):
    found = reader("cut")
    written(found)  # how many bytes a token has
    with pytest.raises(ReaderFault, match=f"and read {WINDOW}: its server cuts off"):
        written(found, passages(4, 700))
    assert written(found, passages(4, 700)).endswith("4.")
    assert "<passage 1" not in server.asked[-1][1]["messages"][-1]["content"]


def test_what_has_one_passage_is_shortened_by_its_examples_and_then_not_at_all():
    bare = shrunk(passages(1, 5))
    assert bare.turns == () and shrunk(bare) is None


def test_tools_are_called_where_a_server_has_them(reader):
    tool = {"type": "function", "function": {"name": "search", "description": "", "parameters": {}}}
    found = reader("good")
    driver = acting(found, [tool])
    assert written(driver) == '{"name": "search", "args": {"query": "bridge"}}'
    assert found.tokens()[0] > 0 and written(found) == SAID


@pytest.mark.parametrize("address", ["127.0.0.1:11434/v1", "ftp://x/v1", "https://me:secret@example.org/v1", ""])
def test_an_address_that_is_none_or_holds_a_login_is_refused_without_showing_that(address):
    with pytest.raises(ConfigFault) as raised:
        api_reader("m", address, "", 1)
    assert raised.value.code == "reader.bad_address" and "secret" not in str(raised.value)


def test_a_key_that_can_be_none_is_refused_without_showing_it():
    with pytest.raises(ConfigFault) as raised:
        api_reader("m", "https://example.org/v1", "sk-1\nsk-2", 1)
    assert raised.value.code == "reader.bad_key" and "sk-" not in str(raised.value)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_is_not_for_eyes_is_left_out_however_it_comes_in_pieces(size):
    text = "\n<think>one</think>Two < three, \x1b[1;31mred\x1b[0m \x1b]0;title\x07<thinking>no</thinking>end\x00."
    cleaner = Cleaner()
    given = "".join(cleaner.feed(text[at : at + size]) for at in range(0, len(text), size)) + cleaner.end()
    assert given == clean(text) == "Two < three, red end."
    assert clean("<think>never ended") == ""
