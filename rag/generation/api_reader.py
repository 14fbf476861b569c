"""A reader at an OpenAI-compatible address: what it can is learnt as it is asked, and kept while it lives."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag.errors import ReaderFault
from rag.generation.chat_api import ChatApi, Part
from rag.generation.clean import Cleaner, clean
from rag.generation.reader import LONG, THINKING, messages, shares
from rag.protocols import Piece, Prompt

DENSITY = 6.0  # bytes of a prompt a token, until the reader's own are known
SURELY_WHOLE = 1024  # tokens: no server cuts a prompt as short as this
CUT = 1.3  # times fewer tokens read than reckoned: then some of the prompt was not read
OFF: dict[str, Any] = {  # each server knows one of them, and says so or ignores the others
    "chat_template_kwargs": {"enable_thinking": False},
    "enable_thinking": False,
    "reasoning_effort": "none",
}
_ELEMENT = re.compile(r"<(passage|quote) (\d+)[^>]*>.*?</\1 \2>\n?", re.DOTALL)
log = logging.getLogger(__name__)


@dataclass
class Habits:
    """What was learnt of a reader. `thinks`: before it answers; `aloud`: and does not mark where that begins, so that
    nothing is shown before its end is seen; `density`: bytes a token; `window`: tokens it was seen to read at most, 0
    where it read all; `used`: tokens since they were last asked for."""

    thinks: bool = False
    aloud: bool = False
    density: float = 0.0
    window: int = 0
    used: tuple[int, int] = (0, 0)


@dataclass
class ApiReader:
    """`grammar`: whether the server is bound by one; `seeds`: whether it draws by a seed; `tools` are what may be
    called: then a reply is the first call, as JSON {"name", "args"}, or else what it wrote."""

    api: ChatApi
    grammar: bool = False
    seeds: bool = False
    tools: Sequence[dict[str, Any]] = ()
    habits: Habits = field(default_factory=Habits)

    @property
    def name(self) -> str:
        return self.api.model

    def with_tools(self, tools: Sequence[dict[str, Any]]) -> "ApiReader":
        return replace(self, tools=tools)

    def write(self, prompt: Prompt) -> Iterator[str]:
        """Raises ReaderFault. What has shown nothing yet is asked once more, in another way, where that may help."""
        asked, shown = self._fitted(prompt), False
        try:
            for text in self._written(asked):
                shown = shown or bool(text)
                yield text
            return
        except ReaderFault as fault:
            again = self._again(fault, asked)
            if shown or again is None:
                raise
        yield from self._written(again)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        """By the probabilities of the first token; of a server without them its word is taken as it stands."""
        asked = self._fitted(prompt)
        try:
            return self._chosen(asked, choices)
        except ReaderFault as fault:
            again = self._again(fault, asked)
            if again is None:
                raise
        return self._chosen(again, choices)

    def takes_schema(self) -> bool:
        """Whether the server binds a reply to a JSON schema: asked for a greeting, it gives the one object. Raises
        ReaderFault."""
        schema = {
            "type": "object",
            "properties": {"said": {"type": "string", "enum": ["seven"]}},
            "required": ["said"],
            "additionalProperties": False,
        }
        form = {"type": "json_schema", "json_schema": {"name": "said", "schema": schema}}
        piece = self.api.ask({**self._body(Prompt("Be brief.", "Say hello."), 24), "response_format": form})
        return re.fullmatch(r'\{\s*"said"\s*:\s*"seven"\s*\}', self._text(piece).strip()) is not None

    def tokens(self) -> tuple[int, int]:
        used, self.habits.used = self.habits.used, (0, 0)
        return used

    # --- one exchange -----------------------------------------------------------------------

    def _written(self, prompt: Prompt) -> Iterator[str]:
        body = self._body(prompt, prompt.max_tokens)
        if self.tools:
            piece = self.api.ask({**body, "tools": list(self.tools)})
            self._count(prompt, piece)
            yield _call(piece) or self._text(piece)
            return
        most = prompt.max_tokens + (THINKING if self.habits.aloud else 0)
        cleaner, held, length, pieces, finish, thought, stray = Cleaner(), "", 0, 0, "", False, False
        logprob: float | None = 0.0  # of what was not given out yet
        for piece in self.api.stream({**body, "logprobs": True}):
            self._count(prompt, piece)
            finish, thought = piece.finish or finish, thought or piece.thought
            text = cleaner.feed(piece.text)
            if piece.text:
                logprob = None if logprob is None or piece.logprob is None else logprob + piece.logprob
            length, pieces = length + len(text), pieces + bool(text)
            if self.habits.aloud:  # what came before the mark that ends the thinking goes
                held = text if cleaner.stray and not stray else held + text
                stray = cleaner.stray
            elif text:
                yield Piece(text, logprob)
                logprob = 0.0
            if length > LONG * most or pieces > 2 * most:
                break  # a server that knows no bound writes on: what was asked for is there
        rest = cleaner.end()
        self.habits.thinks = self.habits.thinks or cleaner.thought or thought
        if cleaner.stray and not self.habits.aloud:
            self.habits.aloud = True
            raise ReaderFault("reader.thought_aloud", name=self.name)
        if not length and not rest:
            raise self._silence(finish)
        if held or rest:
            yield Piece(held + rest, logprob if rest and not held else None)

    def _chosen(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        thinks = self.habits.thinks
        body = self._body(prompt, 1)
        piece = self.api.ask(body if thinks else {**body, "logprobs": True, "top_logprobs": 10})
        self._count(prompt, piece)
        begins = piece.text.lstrip().startswith("<think") or piece.thought  # then the likeliest token is no choice
        if piece.first and not begins and not thinks and (found := shares(piece.first, choices)):
            return found
        text = self._text(piece)
        word = re.search(r"\w+", text)
        return shares([(word.group() if word else text, 0.0)], choices)

    def _body(self, prompt: Prompt, most: int) -> dict[str, Any]:
        if self.habits.thinks:
            most += THINKING
        body: dict[str, Any] = {
            "model": self.name, "messages": messages(prompt), "temperature": prompt.temperature,
            "max_tokens": most, "max_completion_tokens": most,
        }  # fmt: skip
        if prompt.grammar and self.grammar:
            body["grammar"] = prompt.grammar
        if prompt.temperature and self.seeds:  # others draw anew every time; not all of them take a seed
            body["seed"] = prompt.seed
        return body | (OFF if self.habits.thinks else {})

    def _text(self, piece: Part) -> str:
        """What a reply says. Raises ReaderFault where it says nothing."""
        cleaner = Cleaner()
        text = cleaner.feed(piece.text) + cleaner.end()
        self.habits.thinks = self.habits.thinks or cleaner.thought or piece.thought
        if not text.strip():
            raise self._silence(piece.finish)
        return text

    def _silence(self, finish: str) -> ReaderFault:
        """A reader that wrote up to its bound, and nothing to be seen, was thinking."""
        if finish == "length" or self.habits.thinks:
            self.habits.thinks = True
            return ReaderFault("reader.only_thought", name=self.name)
        return ReaderFault("reader.nothing", name=self.name)

    # --- what fits --------------------------------------------------------------------------

    def _again(self, fault: ReaderFault, prompt: Prompt) -> Prompt | None:
        """How to ask once more after `fault`; None where that is of no use."""
        if fault.code in ("reader.too_long", "reader.cut"):
            return shrunk(prompt)
        once_more = ("reader.broke_off", "reader.nothing", "reader.only_thought", "reader.malformed")
        return prompt if fault.code in once_more else None

    def _fitted(self, prompt: Prompt) -> Prompt:
        """`prompt`, or less of it where the reader is known to read no more."""
        while self.habits.window and self._reckoned(prompt) + prompt.max_tokens > self.habits.window:
            if (less := shrunk(prompt)) is None:
                return prompt
            prompt = less
        return prompt

    def _reckoned(self, prompt: Prompt) -> float:
        return _size(prompt) / (self.habits.density or DENSITY)

    def _count(self, prompt: Prompt, piece: Part) -> None:
        """Add up the tokens. Raises ReaderFault where the server read less of the prompt than it was sent."""
        if piece.usage is None:
            return
        read, written = piece.usage
        self.habits.used = self.habits.used[0] + read, self.habits.used[1] + written
        if read < SURELY_WHOLE:
            self.habits.density = max(self.habits.density, _size(prompt) / max(read, 1))
        elif not self.seeds and (sent := self._reckoned(prompt)) > CUT * read:  # our own server never cuts silently
            self.habits.window = read
            log.warning("%s was sent about %.0f tokens and read %d", self.name, sent, read)
            raise ReaderFault("reader.cut", name=self.name, sent=f"{sent:.0f}", read=read)


def shrunk(prompt: Prompt) -> Prompt | None:
    """`prompt` with the latter half of its passages, which are the better; of one passage, without the examples; None
    where nothing can be left out."""
    passages = list(_ELEMENT.finditer(prompt.user))
    if len(passages) > 1:
        left_out = passages[: (len(passages) + 1) // 2]
        user = prompt.user[: left_out[0].start()] + prompt.user[left_out[-1].end() :]
        return replace(prompt, user=user)
    return replace(prompt, turns=()) if prompt.turns else None


def api_reader(
    model: str, address: str, key: str, timeout: float, own: bool = False, pause: Callable[[float], None] = time.sleep
) -> ApiReader:
    """A reader at an OpenAI-compatible address (ending in /v1); `own`: llama.cpp's, which we started ourselves. Raises
    ConfigFault."""
    return ApiReader(ChatApi(model, address, key, timeout, pause), grammar=own, seeds=own)


def _size(prompt: Prompt) -> int:
    turns = (text for turn in prompt.turns for text in turn)
    return sum(len(text.encode("utf-8", "replace")) for text in (prompt.system, prompt.user, *turns))


def _call(piece: Part) -> str:
    """The first call of a tool as JSON; "" where there is none that can be read."""
    if not piece.calls:
        return ""
    call = piece.calls[0]
    given = call.get("arguments") or "{}"
    try:
        given = given if isinstance(given, dict) else json.loads(given)  # as it is where the server is Ollama
    except (ValueError, TypeError):
        return ""
    return json.dumps({"name": clean(str(call.get("name"))), "args": given})
