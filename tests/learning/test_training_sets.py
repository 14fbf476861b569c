"""Lines to train on elsewhere are of the forms that TRL reads, each once, and only of what was found good."""

import json
from dataclasses import asdict, replace

import pytest

from rag.answering.drafting import draft, fence
from rag.answering.policy_model import tools
from rag.history.feedback import Feedback, Opinion, Pair, Remark
from rag.learning.training_sets import licensed, preference, supervised, trajectories
from tests.answering.made import quote
from tests.learning.made import answer

ASKED = "How high is the dam?"
QUOTE = "The dam is <86> metres high."


def good(number: str, text: str = "86 metres. [1]", **more):
    steps = [
        {"action": "search", "detail": "2 results", "command": "Search dam height"},
        {"action": "open", "detail": "Dam", "command": "Opened result 1"},
        {"action": "quote", "detail": QUOTE, "command": f"Quote: {QUOTE}"},
        {"action": "find", "detail": "nothing", "command": "Find in page: lake", "setback": True},
        {"action": "answer", "detail": "", "command": "End: Answer"},
    ]
    told = {"sentences": [{"text": text, "verdict": "supported"}], "steps": steps}
    return answer(number, ASKED, text, QUOTE, **{**told, **more})


@pytest.fixture
def store(tmp_path) -> Feedback:
    made = Feedback(tmp_path / "feedback.sqlite")
    made.say(Opinion(good("a1"), True), "me")
    made.say(Opinion(good("a2"), True), "you")  # the same answer once more
    made.say(Opinion(good("a3", "It is blue."), True), "me")
    made.remark(Remark(good("a3", "It is blue."), 0, "wrong"), "you")
    made.say(Opinion(good("a4", "90 metres."), False, "86 metres."), "me")
    made.add(Pair(ASKED, good("a5", "86 m."), good("a6", "90 m."), "x", "y", "left"))
    made.add(Pair(ASKED, good("a7", "85 m."), good("a8", "91 m."), "x", "y", "tie"))
    return made


def lines(found) -> list[dict]:
    return [json.loads(line) for line in licensed(found, "CC-BY-4.0")]


def roles(turns) -> list[str]:
    for turn in turns:
        assert isinstance(turn["content"], str)
    return [turn["role"] for turn in turns]


def test_supervised_chats_are_what_was_called_good_and_what_was_put_right(store):
    found = lines(supervised(store, draft))
    assert [(one["origin"], one["messages"][-1]["content"]) for one in found] == [
        ("called good", "86 metres."),
        ("correction", "86 metres."),
    ]
    for one in found:
        assert roles(one["messages"]) == ["system", "user", "assistant"] and one["license"] == "CC-BY-4.0"
        assert ASKED in one["messages"][1]["content"] and "<86>" not in one["messages"][1]["content"]


def test_a_model_is_asked_as_the_reader_is_with_each_quote_s_own_number_and_what_it_is_about(tmp_path):
    store = Feedback(tmp_path / "feedback.sqlite")
    dated = replace(quote(QUOTE, 3), title="Dams", date="2024-05-01")
    kept = [dated, quote("It is of earth.", 7, about="Dams › The dam")]
    told = [{"source" if name == "uri" else name: value for name, value in asdict(one).items()} for one in kept]
    answered = good("a1", quotes=told, plan={"kind": "list"})
    store.say(Opinion(answered, True), "me")
    asked = draft(ASKED, "list", "en", kept)
    [line] = lines(supervised(store, draft))
    assert [turn["content"] for turn in line["messages"]] == [asked.system, asked.user, "86 metres."]
    store.say(Opinion(answered, False, "85 metres. [3]"), "me")
    [line] = lines(supervised(store, draft))
    assert fence(kept) in line["messages"][1]["content"] and "<passage 8 from=" in line["messages"][1]["content"]
    assert line["messages"][-1]["content"] == "85 metres."
    [line] = lines(preference(store, draft))
    assert fence(kept) in line["prompt"][1]["content"]


def test_preferences_have_prompt_chosen_and_rejected(store):
    found = lines(preference(store, draft))
    assert all(roles(one["prompt"]) == ["system", "user"] for one in found)
    assert all(roles(one["chosen"]) == roles(one["rejected"]) == ["assistant"] for one in found)
    told = {(one["chosen"][0]["content"], one["rejected"][0]["content"]) for one in found}
    assert ("86 m.", "90 m.") in told and ("86 metres.", "90 metres.") in told
    assert not any("91 m." in text for pair in told for text in pair)


def test_trajectories_call_tools_that_are_there_and_hear_from_each(store):
    [one] = lines(trajectories(store, tools()))
    assert roles(one["messages"]) == ["user", *["assistant", "tool"] * 3, "assistant"]
    known = {tool["function"]["name"]: tool["function"]["parameters"] for tool in json.loads(one["tools"])}
    calls = [call for turn in one["messages"] for call in turn.get("tool_calls", ())]
    assert [call["function"]["name"] for call in calls] == ["search", "click", "quote"]
    for call, heard in zip(calls, [turn for turn in one["messages"] if turn["role"] == "tool"], strict=True):
        arguments = json.loads(call["function"]["arguments"])
        assert set(arguments) == set(known[call["function"]["name"]]["required"])
        assert heard["tool_call_id"] == call["id"] and heard["name"] == call["function"]["name"]
    assert one["messages"][-1]["content"] == "86 metres. [1]"
