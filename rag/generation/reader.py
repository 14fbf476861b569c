"""The language model behind one seam. The only file that imports langchain."""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from rag.errors import ConfigFault, ReaderFault
from rag.generation.later import LaterReader
from rag.generation.local import LocalServer
from rag.protocols import Piece, Prompt, Reader

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage


@dataclass
class ChatReader:
    """Any langchain chat model as a Reader; with the local `server` behind it, prompts' grammars bind it."""

    name: str
    model: "BaseChatModel"
    server: LocalServer | None = None
    _used: list[int] = field(default_factory=lambda: [0, 0])

    def write(self, prompt: Prompt) -> Iterator[str]:
        options: dict[str, Any] = {"max_tokens": prompt.max_tokens}
        if prompt.grammar and self.server:
            options["extra_body"] = {"grammar": prompt.grammar}
        if prompt.temperature:
            options["temperature"] = prompt.temperature
        if prompt.temperature and self.server:  # others draw anew every time; not all of them take a seed
            options["seed"] = prompt.seed
        if self.server:  # others may refuse what they do not know
            options["logprobs"] = True
        try:
            for piece in self.model.stream(_messages(prompt), **options):
                self._count(piece)
                if isinstance(piece.content, str) and piece.content:
                    told = (piece.response_metadata.get("logprobs") or {}).get("content") or []
                    yield Piece(piece.content, sum(one["logprob"] for one in told) if told else None)
        except _failures() as error:
            raise self._fault(error) from error

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        try:
            reply = self.model.invoke(_messages(prompt), max_tokens=1, logprobs=True, top_logprobs=10)
        except _failures() as error:
            raise self._fault(error) from error
        self._count(reply)
        found = (reply.response_metadata.get("logprobs") or {}).get("content") or []
        if not found:  # a provider without log probabilities: its word is taken as it stands
            return shares([(str(reply.content), 0.0)], choices)
        return shares([(entry["token"], entry["logprob"]) for entry in found[0]["top_logprobs"]], choices)

    def tokens(self) -> tuple[int, int]:
        prompt, output = self._used
        self._used[:] = [0, 0]
        return prompt, output

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
        reader = self.plain[0]
        try:
            reply = self.bound.invoke(_messages(prompt), max_tokens=prompt.max_tokens)
        except _failures() as error:
            raise reader._fault(error) from error
        reader._count(reply)
        calls = reply.tool_calls
        yield json.dumps({"name": calls[0]["name"], "args": calls[0]["args"]}) if calls else str(reply.content)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        return self.plain[0].choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        return self.plain[0].tokens()


def acting(reader: Reader, tools: Sequence[dict[str, Any]]) -> Reader:
    """`reader` with `tools` to call where its model can; as it is where it cannot, or is bound by grammars instead."""
    reader = reader.made.result() if isinstance(reader, LaterReader) else reader
    if not isinstance(reader, ChatReader) or reader.server:
        return reader
    try:
        return ToolReader(reader.model.bind_tools(list(tools)), (reader,))
    except NotImplementedError:  # langchain's word for a model without tools
        return reader


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


def openai_reader(name: str, address: str, key: str, timeout: float, server: LocalServer | None = None) -> ChatReader:
    """A reader at any OpenAI-compatible chat address (ending in /v1)."""
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    model = ChatOpenAI(
        model=name,
        base_url=address,
        api_key=SecretStr(key or "none"),
        temperature=0,
        timeout=timeout,
        max_retries=1,
        stream_usage=True,
        # Loopback must not go through a proxy from the environment.
        http_client=httpx.Client(trust_env=False, timeout=timeout) if server else None,
    )
    return ChatReader(name, model, server)


def langchain_reader(name: str, timeout: float) -> ChatReader:
    """A reader by langchain's "provider:model". Raises ReaderFault where its package is not installed."""
    from langchain.chat_models import init_chat_model

    try:
        model = init_chat_model(name, temperature=0, timeout=timeout)
    except (ImportError, ValueError) as error:
        raise ReaderFault("reader.langchain", name=name, error=error) from error
    return ChatReader(name, model)


def _messages(prompt: Prompt) -> "list[BaseMessage]":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    turns: list[BaseMessage] = [SystemMessage(prompt.system)]
    for user, reader in prompt.turns:
        turns += [HumanMessage(user), AIMessage(reader)]
    return [*turns, HumanMessage(prompt.user)]


def _failures() -> tuple[type[BaseException], ...]:
    """What a chat model raises when it cannot be reached or refuses; each provider's SDK has its own root."""
    from openai import OpenAIError

    return (OpenAIError, httpx.HTTPError, OSError, ValueError)


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
