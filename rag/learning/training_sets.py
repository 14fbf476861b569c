"""What was asked, answered and said of it as lines to train another model on elsewhere, in the forms that TRL reads.

supervised     {"messages": [system, user, assistant]}: answers that were called good and verified, and corrections
preference     {"prompt": [system, user], "chosen": [assistant], "rejected": [assistant]}: every vote that is no tie
trajectories   {"messages": [user, assistant with tool_calls, tool, …, assistant], "tools": …}: the runs of the former

Each line also has its `id`, its `license` and its `origin`. The same line comes once. In `tools` and in the arguments
of a call JSON stands as text, so that all lines have one schema.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rag.browsing.commands import parse
from rag.generation import prompts
from rag.history.feedback import Feedback
from rag.learning.features import Candidate, candidate
from rag.learning.votes import votes
from rag.text.language import question_language
from rag.types import Action, Back, Click, Find, Keep, Open, Scroll, Search, Top, sha256

Line = dict[str, Any]
Turn = dict[str, Any]


def supervised(feedback: Feedback) -> Iterator[Line]:
    for answer in _good(feedback):
        yield _line(answer["id"], "called good", messages=[*_asked(candidate(answer)), _assistant(answer["answer"])])
    for opinion in feedback.opinions():
        if said := opinion.correction.strip():
            asked = candidate(opinion.answer, said, [said])
            yield _line(opinion.answer["id"], "correction", messages=[*_asked(asked), _assistant(said)])


def preference(feedback: Feedback) -> Iterator[Line]:
    for vote in votes(feedback):
        if vote.preferred != 0.5:
            chosen, rejected = (vote.left, vote.right) if vote.preferred == 1 else (vote.right, vote.left)
            evidence = tuple(dict.fromkeys((*vote.left.evidence, *vote.right.evidence)))
            asked = _asked(Candidate(vote.left.question, "", evidence))
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


def _asked(of: Candidate) -> list[Turn]:
    """As the product asks: numbered passages as data, and the question."""
    passages = "\n".join(
        f"<passage {at}>{prompts.tidy(text)}</passage {at}>" for at, text in enumerate(of.evidence, start=1)
    )
    made = prompts.prompt(
        "answer", "fact", question_language(of.question), passages=passages, question=prompts.tidy(of.question)
    )
    return [{"role": "system", "content": made.system}, {"role": "user", "content": made.user}]


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
