"""Chat models that langchain knows, as readers, and the shipped fake. Only here and in rag/server/langchain.py is it
imported."""

import json
import math
import re
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from rag.errors import ConfigFault, ReaderFault
from rag.generation.clean import Cleaner, clean
from rag.protocols import Piece, Prompt, Reader

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage


THINKING = 2048  # tokens beyond a prompt's own, for a model that thinks before it answers
LONG = 16  # characters a token has at the most


@dataclass
class ChatReader:
    """Any langchain chat model as a Reader."""

    name: str
    model: "BaseChatModel"
    _used: list[int] = field(default_factory=lambda: [0, 0])

    def write(self, prompt: Prompt) -> Iterator[str]:
        options: dict[str, Any] = {"max_tokens": prompt.max_tokens}
        if prompt.temperature:
            options["temperature"] = prompt.temperature
        cleaner, length = Cleaner(), 0
        try:
            for piece in self.model.stream(_turns(prompt), **options):
                self._count(piece)
                length += len(str(piece.text))
                if text := cleaner.feed(str(piece.text)):
                    yield text
                if length > LONG * (prompt.max_tokens + THINKING):
                    break  # a provider that knows no bound writes on
        except _failures() as error:
            raise self._fault(error) from error
        yield cleaner.end()

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        """By its word: few providers give probabilities."""
        reply = self._asked(self.model, prompt, 1)
        return shares([(clean(str(reply.text)).strip(), 0.0)], choices)

    def tokens(self) -> tuple[int, int]:
        prompt, output = self._used
        self._used[:] = [0, 0]
        return prompt, output

    def _asked(self, model: Any, prompt: Prompt, most: int) -> "AIMessage":
        try:
            reply: AIMessage = model.invoke(_turns(prompt), max_tokens=most)
        except _failures() as error:
            raise self._fault(error) from error
        self._count(reply)
        return reply

    def _count(self, message: "AIMessage") -> None:
        usage = getattr(message, "usage_metadata", None)
        if usage:
            self._used[0] += usage["input_tokens"]
            self._used[1] += usage["output_tokens"]

    def _fault(self, error: BaseException) -> ReaderFault:
        return ReaderFault("reader.silent", name=self.name, error=error)


@dataclass
class ToolReader:
    """A chat model that is given tools: its reply is the first call, as JSON {"name", "args"}, or else what it wrote.
    `plain` is the same model without them, which keeps the count of tokens."""

    bound: Any
    plain: tuple[ChatReader]  # in a tuple, which recording does not look into for readers to replace

    @property
    def name(self) -> str:
        return self.plain[0].name

    def write(self, prompt: Prompt) -> Iterator[str]:
        reply = self.plain[0]._asked(self.bound, prompt, prompt.max_tokens)
        calls = reply.tool_calls
        yield json.dumps({"name": calls[0]["name"], "args": calls[0]["args"]}) if calls else clean(str(reply.text))

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        return self.plain[0].choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        return self.plain[0].tokens()


def shares(tokens: Sequence[tuple[str, float]], choices: Sequence[str]) -> dict[str, float] | None:
    """P of each choice, from (token, log probability) pairs of the first token, which counts for what it starts.

    None where no token starts any choice.
    """
    mass = dict.fromkeys(choices, 0.0)
    for token, logprob in tokens:
        start = token.strip().casefold()
        for choice in choices:
            if start and choice.casefold().startswith(start):
                mass[choice] += math.exp(logprob)
    total = sum(mass.values())
    return {choice: value / total for choice, value in mass.items()} if total else None


def langchain_reader(name: str, timeout: float) -> ChatReader:
    """A reader by langchain's "provider:model". Raises ReaderFault where its package is not installed."""
    from langchain.chat_models import init_chat_model

    try:
        model = init_chat_model(name, temperature=0, timeout=timeout)
    except (ImportError, ValueError) as error:
        raise ReaderFault("reader.langchain", name=name, error=error) from error
    return ChatReader(name, model)


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """The turns in the form of OpenAI's chat API."""
    turns = [{"role": "system", "content": prompt.system}]
    for user, reader in prompt.turns:
        turns += [{"role": "user", "content": user}, {"role": "assistant", "content": reader}]
    return [*turns, {"role": "user", "content": prompt.user}]


def _turns(prompt: Prompt) -> "list[BaseMessage]":
    from langchain_core.messages import convert_to_messages

    return convert_to_messages(messages(prompt))


def _failures() -> tuple[type[BaseException], ...]:
    """What a chat model raises when it cannot be reached or refuses; each provider's SDK has its own root."""
    roots = (("openai", "OpenAIError"), ("anthropic", "AnthropicError"), ("google.genai.errors", "APIError"))
    known = [getattr(sys.modules[module], name) for module, name in roots if module in sys.modules]
    return (*known, httpx.HTTPError, OSError, ValueError)


def scripted_reader(file: str) -> "ScriptedReader":
    """The fake from a JSON file {"replies": [[pattern, text], …], "choices": [[pattern, probability or null], …]};
    no replies where `file` is "". Raises ConfigFault."""
    if not file:
        return ScriptedReader()
    try:
        script = json.loads(Path(file).read_text("utf-8"))
        return ScriptedReader(
            [(pattern, text) for pattern, text in script["replies"]],
            [(pattern, value) for pattern, value in script.get("choices", [])],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigFault("reader.no_script", file=file, error=error) from error


@dataclass
class ScriptedReader:
    """The shipped fake: replies by the first pattern found in the prompt's user part, or by a function.

    `choices` maps a pattern to the probability of the first choice; `logprob` is that of every piece.
    """

    replies: Sequence[tuple[str, str]] | Callable[[Prompt], str] = ()
    choices: Sequence[tuple[str, float | None]] = ()
    name: str = "scripted"
    logprob: float | None = None
    asked: list[Prompt] = field(default_factory=list)

    def write(self, prompt: Prompt) -> Iterator[str]:
        self.asked.append(prompt)
        if callable(self.replies):
            reply = self.replies(prompt)
        else:
            found = next((text for pattern, text in self.replies if re.search(pattern, prompt.user)), None)
            if found is None:
                raise ReaderFault("reader.no_reply", prompt=prompt.user[-200:])
            reply = found
        yield from (Piece(piece, self.logprob) for piece in re.findall(r"\S+\s*|\s+", reply))

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        self.asked.append(prompt)
        found = next((value for pattern, value in self.choices if re.search(pattern, prompt.user)), 1.0)
        if found is None:
            return None
        rest = (1.0 - found) / max(1, len(choices) - 1)
        return {choice: found if at == 0 else rest for at, choice in enumerate(choices)}

    def tokens(self) -> tuple[int, int]:
        return 0, 0


@dataclass
class FailingReader:
    """The shipped fake of a reader that breaks down: `reader`, but for the calls, counted from 1, that are in
    `fails`."""

    reader: Reader
    fails: Container[int]
    calls: int = 0

    @property
    def name(self) -> str:
        return self.reader.name

    def write(self, prompt: Prompt) -> Iterator[str]:
        """Fails after its first piece, as a connection breaks off."""
        fails = self._fails()
        for piece in self.reader.write(prompt):
            yield piece
            if fails:
                raise self._fault()

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        if self._fails():
            raise self._fault()
        return self.reader.choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        return self.reader.tokens()

    def _fails(self) -> bool:
        self.calls += 1
        return self.calls in self.fails

    def _fault(self) -> ReaderFault:
        return ReaderFault("reader.broke_off", name=self.name, error=f"call {self.calls}")
