import json
from dataclasses import replace

import pytest
from langchain_core.language_models import BaseChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from rag import wiring
from rag.answering.plan import undivided
from rag.answering.policies import GuidedPolicy
from rag.answering.policy_model import ModelPolicy, said, tools
from rag.config import CheckingConfig, Config, ReaderConfig, ReadingConfig
from rag.errors import ConfigFault
from rag.generation.acting import acting
from rag.generation.reader import ChatReader, ScriptedReader
from rag.protocols import Prompt
from rag.text.tokens import tokens
from rag.types import Abstain, Click, Finish, Invalid, Keep, Page, Scroll, Search
from rag.web.static import StaticEngine
from tests.answering.made import answer, parts

BRIDGE = Page("memory:bridge", "The Orrin bridge was opened on 4 May 1931. " + "It is long. " * 900, title="Bridge")
LAKE = Page("memory:lake", "静湖位于青州以北。湖面海拔812米。", title="静湖")


def plays(lines: list[str]) -> ScriptedReader:
    """Says these commands in order, and then the last for ever; everything else as a reader would."""
    left = list(lines)

    def reply(prompt: Prompt) -> str:
        if "♦Next action" in prompt.user:
            return left.pop(0) if len(left) > 1 else left[0]
        return "The Orrin bridge was opened on 4 May 1931." if "bridge" in prompt.user else "湖面海拔812米。"

    return ScriptedReader(reply)


def run(question: str, lines: list[str], window: int = 3072, **limits):
    reader = plays(lines)
    reading = ReadingConfig(**limits)
    policy = ModelPolicy(reader, window, reading.steps)
    return answer(question, parts(reader, policy, StaticEngine([BRIDGE, LAKE]), limits=reading))[0], reader


ENGLISH = ["Search Orrin bridge", "Clicked on link 1", "Quote: THE orrin bridge was opened on 4 may 1931."]
CHINESE = ["Search 静湖 海拔", "Clicked on link 1", "Quote: 湖面海拔812米。", "End: Answer"]


@pytest.mark.parametrize(
    ("question", "lines", "wanted"),
    [
        ("When was the Orrin bridge opened?", [*ENGLISH, "Scrolled down 2", "End: Answer"], "4 May 1931"),
        ("静湖海拔多少?", CHINESE, "812米"),
    ],
)
def test_a_model_browses_by_lines_of_text(question, lines, wanted):
    found, reader = run(question, lines)
    assert found.status == "answered" and wanted in found.text
    assert [step.command.casefold() for step in found.steps] == [line.casefold() for line in lines]
    screens = [prompt for prompt in reader.asked if "♦Next action" in prompt.user]
    assert "♦Actions left: 40" in screens[0].user and lines[0] in screens[1].user
    assert '"Quote: "' not in screens[0].grammar and '"Quote: "' in screens[2].grammar


def test_every_prompt_fits_the_window():
    lines = [
        "Search bridge " * 50,
        "Clicked on link 1",
        *["Quote: " + "It is long. " * 8] * 2,
        "Scrolled down 3",
        "Back",
        "Top",
    ]
    _, reader = run("Why? " * 2000, lines, window=3072, steps=12)
    for prompt in reader.asked:
        if "♦Next action" in prompt.user:
            turns = sum(tokens(user + reply) for user, reply in prompt.turns)
            assert tokens(prompt.system) + turns + tokens(prompt.user) + prompt.max_tokens <= 3072


def test_what_is_no_action_is_shown_and_a_model_that_repeats_itself_is_stopped():
    found, reader = run("Why?", ["I would like to think about this first."])
    assert [step.setback for step in found.steps] == [True, True, True, False] and found.status == "abstained"
    assert "(not done: “I would like to think" in reader.asked[1].user


def test_the_budget_of_actions_ends_the_reading():
    found, _ = run("Why?", ["Search a", "Search b", "Search c", "Search d"], steps=3)
    assert found.stopped == "3 actions" and found.status == "abstained"


@pytest.mark.parametrize(
    ("reply", "action"),
    [
        ({"name": "search", "args": {"query": "静湖"}}, Search("静湖")),
        ({"name": "click", "args": {"link": 3}}, Click(3)),
        ({"name": "quote", "args": {"text": "a━b"}}, Keep("a━b")),
        ({"name": "scroll", "args": {"windows": -2}}, Scroll(-2)),
        ({"name": "answer", "args": {}}, Finish()),
    ],
)
def test_a_tool_call_is_an_action(reply, action):
    assert said(json.dumps(reply)) == action


@pytest.mark.parametrize(
    "reply",
    ['{"name": "search"}', '{"name": "fly", "args": {}}', "{nonsense", '{"name": "click", "args": {"link": "x"}}'],
)
def test_a_tool_call_that_is_none_is_invalid(reply):
    assert said(reply) == Invalid(reply)


class ToolModel(BaseChatModel):
    """Calls the search tool, whatever it is asked."""

    bound: tuple = ()

    @property
    def _llm_type(self) -> str:
        return "fake"

    def bind_tools(self, tools, **kwargs):
        return ToolModel(bound=tuple(tools))

    def _generate(self, messages, stop=None, run_manager=None, **kwargs) -> ChatResult:
        calls = [{"name": "search", "args": {"query": "bridge"}, "id": "1"}] if self.bound else []
        usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
        message = AIMessage("", tool_calls=calls, usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=message)])


def test_a_chat_model_that_takes_tools_is_given_them_and_its_tokens_are_counted():
    reader = ChatReader("fake", ToolModel())
    driver = acting(reader, tools())
    assert said("".join(driver.write(Prompt("s", "u")))) == Search("bridge")
    assert reader.tokens() == (7, 3) and driver.name == "fake"


def test_a_chat_model_without_tools_and_any_other_reader_write_commands():
    plain = ChatReader("fake", GenericFakeChatModel(messages=iter([AIMessage("End: Abstain")])))
    assert acting(plain, tools()) is plain
    assert isinstance(said("".join(plain.write(Prompt("s", "u")))), Abstain)
    scripted = ScriptedReader()
    assert acting(scripted, tools()) is scripted


def test_a_comparison_is_one_task_for_whoever_takes_the_whole_question():
    def asked(kind):
        steps, reading = plays([*ENGLISH, "End: Answer"]), ReadingConfig()
        halves = "1. When was the Orrin bridge opened?\n2. When was the Harn opened?"
        reader = ScriptedReader(
            lambda prompt: halves if prompt.grammar.startswith('root ::= "1. "') else "".join(steps.write(prompt))
        )
        policy = ModelPolicy(reader, 3072, reading.steps)
        made = parts(reader, policy, StaticEngine([BRIDGE, LAKE]), limits=reading, kind=kind)
        return answer("Was the Orrin bridge opened before the Harn?", made)[0]

    assert len(asked(lambda question: "compare").plan.parts) == 2
    whole = asked(undivided(lambda question: "compare"))
    assert whole.status == "answered" and len(whole.plan.parts) == 1


def test_the_configuration_chooses_the_policy():
    def made(checking: CheckingConfig | None = None, **reading):
        config = Config(reading=ReadingConfig(**reading), reader=ReaderConfig(kind="scripted"))
        config = replace(config, checking=checking) if checking else config
        return wiring.policy(config, ScriptedReader())

    assert isinstance(made(), GuidedPolicy) and isinstance(made(policy="model"), ModelPolicy)
    assert made().states and made(CheckingConfig(judge="reader", auditor="")).states is None
    with pytest.raises(ConfigFault, match="guided or model"):
        made(policy="other")
