"""A language model at the wheel: it sees the screen and says the next action, by a tool call or as a line of text."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rag.browsing.browser import Browser
from rag.browsing.commands import CONTROVERSIAL, NONSENSE, UNTOLD, grammar, parse
from rag.browsing.render import LEAST, links, render
from rag.generation import prompts
from rag.protocols import Prompt, Reader
from rag.text.language import question_language
from rag.text.tokens import tokens
from rag.types import Abstain, Action, Back, Click, Find, Finish, Invalid, Keep, Kind, Scroll, Search, Top

MAX_TOKENS = 120  # of one action: a query, or a sentence that is quoted
REPEATS = 3  # what is said so often in a row would be said for ever: the reader is greedy


@dataclass(frozen=True, slots=True)
class ModelPolicy:
    """Asks `reader` for every action. `window` is how many tokens it takes at once, `steps` how many actions a run has.

    Each step's prompt is made afresh and is all that the reader remembers, as in WebGPT. A reader that calls tools
    says the call as JSON (`rag.generation.reader.acting`); one that takes a grammar is bound to the commands that can
    be carried out; whatever comes, what is no action is Invalid.
    """

    reader: Reader
    window: int
    steps: int

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        """The whole run is one task for it: it looks for what the browser was asked, whatever part is `sought`."""
        while True:
            last = [step.command for step in browser.steps[-REPEATS:]]
            if len(last) == REPEATS and len(set(last)) == 1:
                yield Finish() if browser.quotes else Abstain(UNTOLD)
                return
            yield said("".join(self.reader.write(self._prompt(browser))))

    def _prompt(self, browser: Browser) -> Prompt:
        spoken = question_language(browser.question)
        rules = grammar(bool(browser.page), links(browser), bool(browser.quotes), bool(browser.pages))
        empty = prompts.prompt("browse", "act", spoken, MAX_TOKENS, rules, screen="")
        constant = tokens(empty.system) + sum(tokens(user + reader) for user, reader in empty.turns)
        room = max(LEAST, self.window - constant - MAX_TOKENS)
        screen = render(browser, self.steps - len(browser.steps), room)
        return prompts.prompt("browse", "act", spoken, MAX_TOKENS, rules, screen=screen)


def said(reply: str) -> Action:
    """The action of a reply: a tool call as JSON, or a line of text."""
    line = reply.strip()
    if line.startswith("{"):
        try:
            call = json.loads(line)
            return _CALLS[call["name"]](call["args"])
        except (ValueError, KeyError, TypeError):
            return Invalid(reply)
    return parse(line.partition("\n")[0])


_CALLS: Mapping[str, Callable[[Mapping[str, Any]], Action]] = {
    "search": lambda args: Search(str(args["query"])),
    "click": lambda args: Click(int(args["link"])),
    "find": lambda args: Find(str(args["text"])),
    "quote": lambda args: Keep(str(args["text"])),
    "scroll": lambda args: Scroll(int(args["windows"])),
    "top": lambda args: Top(),
    "back": lambda args: Back(),
    "answer": lambda args: Finish(),
    "nonsense": lambda args: Abstain(NONSENSE),
    "controversial": lambda args: Abstain(CONTROVERSIAL),
    "abstain": lambda args: Abstain(UNTOLD),
}
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
_ABOUT: Mapping[str, tuple[str, Mapping[str, Mapping[str, str]]]] = {
    "search": ("Search for pages.", {"query": _TEXT}),
    "click": ("Follow the link with this number on the screen.", {"link": _NUMBER}),
    "find": ("Go to the next place on the page that reads this.", {"text": _TEXT}),
    "quote": ("Keep a passage, copied from the page to the letter; start━end stands for all between.", {"text": _TEXT}),
    "scroll": ("Scroll by 1 to 3 windows; negative goes up.", {"windows": _NUMBER}),
    "top": ("Go to the top of the page.", {}),
    "back": ("Go back to what was on the screen before.", {}),
    "answer": ("End, and answer from the quotes.", {}),
    "nonsense": ("End: the question makes no sense.", {}),
    "controversial": ("End: the question is one of opinion.", {}),
    "abstain": ("End: what was found does not hold the answer.", {}),
}


def tools() -> list[dict[str, Any]]:
    """The actions as tools, in the form of OpenAI's function calling, which langchain takes for every provider."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": about,
                "parameters": {"type": "object", "properties": dict(takes), "required": list(takes)},
            },
        }
        for name, (about, takes) in _ABOUT.items()
    ]
