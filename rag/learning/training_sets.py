"""What was asked, answered and said of it as lines to train another model on elsewhere, in the forms that TRL reads.

supervised     {"messages": [system, user, assistant]}: answers that were called good and verified, and corrections
preference     {"prompt": [system, user], "chosen": [assistant], "rejected": [assistant]}: every vote that is no tie
trajectories   {"messages": [user, assistant with tool_calls, tool, …, assistant], "tools": …}: the runs of the former

A model is asked as the product asks its reader (`Ask`: rag.answering.drafting.draft). In chats and preferences it
answers without marks of citations, as the reader does: the product sets them. Each line also has its `id`, its
`license` and its `origin`. The same line comes once. In `tools` and in the arguments of a call JSON stands as text, so
that all lines have one schema.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rag.browsing.commands import parse
from rag.history.feedback import Feedback
from rag.learning.features import quotes, unmarked
from rag.learning.votes import votes
from rag.protocols import Prompt
from rag.text.language import question_language
from rag.types import Action, Back, Click, Find, Keep, Kind, Open, Quote, Scroll, Search, Top, sha256

Line = dict[str, Any]
Turn = dict[str, Any]
Ask = Callable[[str, Kind, str, Sequence[Quote]], Prompt]


def supervised(feedback: Feedback, ask: Ask) -> Iterator[Line]:
    for answer in _good(feedback):
        asked = _asked(ask, answer["question"], quotes(answer), _kind(answer))
        yield _line(answer["id"], "called good", messages=[*asked, _assistant(unmarked(answer["answer"]))])
    for opinion in feedback.opinions():
        if said := unmarked(opinion.correction):
            answer, kept = opinion.answer, quotes(opinion.answer)
            own = Quote(1 + max((one.id for one in kept), default=0), said, "", answer["question"], "", 0, len(said))
            asked = _asked(ask, answer["question"], [*kept, own], _kind(answer))
            yield _line(answer["id"], "correction", messages=[*asked, _assistant(said)])


def preference(feedback: Feedback, ask: Ask) -> Iterator[Line]:
    for vote in votes(feedback):
        if vote.preferred != 0.5:
            chosen, rejected = (vote.left, vote.right) if vote.preferred == 1 else (vote.right, vote.left)
            asked = _asked(ask, vote.left.question, _together(vote.left.quotes, vote.right.quotes))
            sides = {"chosen": [_assistant(chosen.text)], "rejected": [_assistant(rejected.text)]}
            yield _line(vote.id, vote.origin, prompt=asked, **sides)


def trajectories(feedback: Feedback, tools: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """`tools` in the form of OpenAI's function calling. Steps that are no tool's, or that failed, are left out."""
    for answer in _good(feedback):
        turns: list[Turn] = [{"role": "user", "content": answer["question"]}]
        for number, step in enumerate(answer["steps"]):
            call = None if step.get("setback") else _call(parse(step.get("command", "")))
            if call:
                name, arguments = call
                function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
                called = {"id": f"call_{number}", "type": "function", "function": function}
                turns.append({"role": "assistant", "content": "", "tool_calls": [called]})
                turns.append({"role": "tool", "name": name, "tool_call_id": called["id"], "content": step["detail"]})
        turns.append(_assistant(answer["answer"]))
        yield _line(answer["id"], "called good", messages=turns, tools=json.dumps(list(tools), ensure_ascii=False))


def licensed(lines: Iterable[Line], licence: str) -> Iterator[str]:
    """JSON lines, each content once, with the licence that they are given out under."""
    seen = set[str]()
    for line in lines:
        told = {name: value for name, value in line.items() if name not in ("id", "origin")}
        known = sha256(json.dumps(told, sort_keys=True))
        if known not in seen:
            seen.add(known)
            yield json.dumps({**line, "license": licence}, ensure_ascii=False) + "\n"


def _good(feedback: Feedback) -> Iterator[Mapping[str, Any]]:
    opinions = feedback.opinions()
    refused = {one.answer["id"] for one in opinions if not one.good}
    refused |= {one.answer["id"] for one in feedback.remarks() if one.word != "right citation"}
    for one in opinions:
        told = one.answer["sentences"]
        if one.answer["id"] not in refused and told and all(each["verdict"] == "supported" for each in told):
            yield one.answer


def _line(number: str, origin: str, **content: Any) -> Line:
    return {"id": number, "origin": origin, **content}


def _asked(ask: Ask, question: str, evidence: Sequence[Quote], kind: Kind = "fact") -> list[Turn]:
    made = ask(question, kind, question_language(question), evidence)
    return [{"role": "system", "content": made.system}, {"role": "user", "content": made.user}]


def _kind(answer: Mapping[str, Any]) -> Kind:
    kind: Kind = (answer.get("plan") or {}).get("kind", "fact")
    return kind


def _together(left: Sequence[Quote], right: Sequence[Quote]) -> Sequence[Quote]:
    """The evidence of two answers, numbered anew where they had not the same."""
    if left == right:
        return left
    found = dict.fromkeys(replace(one, id=0) for one in (*left, *right))
    return [replace(one, id=at) for at, one in enumerate(found, start=1)]


def _assistant(text: str) -> Turn:
    return {"role": "assistant", "content": text}


def _call(action: Action) -> tuple[str, dict[str, Any]] | None:
    """The tool that does an action of the browser, with its arguments; None for one that is no tool's."""
    match action:
        case Search(query):
            return "search", {"query": query}
        case Open(number) | Click(number):
            return "click", {"link": number}
        case Find(text):
            return "find", {"text": text}
        case Keep(text):
            return "quote", {"text": text}
        case Scroll(windows):
            return "scroll", {"windows": windows}
        case Top():
            return "top", {}
        case Back():
            return "back", {}
    return None
