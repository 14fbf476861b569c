"""One exchange with an OpenAI-compatible chat server; whatever goes wrong is a fault of its own.

Servers differ in what they take. A setting that one refuses by name is left out from then on; every other refusal is
said in words, with what to do about it.
"""

import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from rag.errors import ConfigFault, ReaderFault
from rag.generation.clean import clean

CONNECT = 10.0  # seconds
LONGEST = 4  # times as long as silence is borne a whole reply may take
MOST_BYTES = 8_000_000  # of one reply
TRIES = 3
PATIENT = 20.0  # seconds that are waited where a server asks for it; a longer wait is said
SAID = 200  # characters of a server's own words
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# What a server may refuse and still answer, in the order in which it is left out where two are named.
OPTIONAL = (
    "max_tokens", "max_completion_tokens", "stream_options", "top_logprobs", "logprobs", "temperature", "seed",
    "grammar", "response_format", "tools", "chat_template_kwargs", "enable_thinking", "reasoning_effort",
)  # fmt: skip
_TOO_LONG = ("context_length", "context length", "context size", "context window", "maximum context", "exceed_context")
_FILTERED = ("content_filter", "content_policy", "data_inspection", "content management policy", "sensitive content")
_UNSUPPORTED = ("not supported", "unsupported", "requires")  # some fail where they should refuse
_NO_CREDIT = ("insufficient_quota", "insufficient balance", "exceeded your current quota")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a reply, or all of it. `thought`: it held thinking that is told apart; `first`: (token, log
    probability) of those that the first could have been; `logprob`: of its tokens together, None where none is told;
    `calls`: of tools; `usage`: prompt and output tokens."""

    text: str = ""
    thought: bool = False
    finish: str = ""
    first: tuple[tuple[str, float], ...] = ()
    logprob: float | None = None
    calls: tuple[Mapping[str, Any], ...] = ()
    usage: tuple[int, int] | None = None


@dataclass
class ChatApi:
    """`address` ends in /v1; `timeout` is how many seconds of silence are borne. Raises ConfigFault for an address or a
    key that can be none. The key is in no text that leaves this object but the request's own header."""

    model: str
    address: str
    key: str = field(repr=False)
    timeout: float
    pause: Callable[[float], None] = time.sleep
    refused: set[str] = field(default_factory=set)  # settings that this server does not take
    _client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ConfigFault("reader.bad_address", address=parts.netloc.rpartition("@")[2] or self.address)
        if not self.key.isascii() or not self.key.isprintable() or " " in self.key:
            raise ConfigFault("reader.bad_key")
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(self.timeout, connect=min(self.timeout, CONNECT)),
            trust_env=not is_local(self.address),  # loopback must not go through a proxy from the environment
        )

    def stream(self, body: Mapping[str, Any]) -> Iterator[Part]:
        """The reply piece by piece. Raises ReaderFault, also where it breaks off."""
        with self._opened({**body, "stream": True, "stream_options": {"include_usage": True}}) as reply:
            if "event-stream" not in reply.headers.get("Content-Type", ""):  # a server that does not stream
                yield self._whole(reply)
                return
            ended = answered = False
            for line in self._lines(reply):
                name, _, value = line.partition(b":")
                if name != b"data" or not value.strip():
                    continue
                if value.strip() == b"[DONE]":
                    ended = True
                    break
                piece = self._piece(self._read(value), "delta")
                answered = answered or piece is not None
                if piece:
                    ended = ended or bool(piece.finish)
                    yield piece
            if not ended:
                raise ReaderFault("reader.broke_off", name=self.model, error="no end")
            if not answered:
                raise ReaderFault("reader.nothing", name=self.model)

    def ask(self, body: Mapping[str, Any]) -> Part:
        """The reply in one. Raises ReaderFault."""
        with self._opened(body) as reply:
            return self._whole(reply)

    def models(self) -> list[str]:
        """The names of the models that the server has; none where it does not say."""
        try:
            reply = self._client.get(f"{self.address.rstrip('/')}/models")
            told = reply.json()["data"] if reply.is_success else []
            return [clean(str(one["id"]))[:80] for one in told]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return []

    # --- a request --------------------------------------------------------------------------

    @contextmanager
    def _opened(self, body: Mapping[str, Any]) -> Iterator[httpx.Response]:
        """The reply to `body`, whose content is still to be read."""
        reply = self._sent(body)
        try:
            yield reply
        except httpx.TimeoutException as error:
            raise ReaderFault("reader.timeout", name=self.model, seconds=f"{self.timeout:g}") from error
        except httpx.HTTPError as error:
            raise ReaderFault("reader.broke_off", name=self.model, error=self._safe(str(error))) from error
        finally:
            reply.close()

    def _sent(self, body: Mapping[str, Any]) -> httpx.Response:
        """The reply that is no refusal. Waits and asks again where a server is busy or fails for a moment."""
        tries = 0
        while True:
            given = {name: value for name, value in body.items() if name not in self.refused}
            reply = self._posted(given)
            if reply.is_success:
                return reply
            try:
                reply.read()
                said, named = _said(reply)
            except httpx.HTTPError as error:
                raise ReaderFault("reader.broke_off", name=self.model, error=self._safe(str(error))) from error
            finally:
                reply.close()
            if setting := self._unknown(reply.status_code, said, named, given):
                log.info("%s does not take %s", self.model, setting)
                self.refused.add(setting)
                continue
            tries += 1
            wait = _wait(reply, tries)
            if wait is None or wait > PATIENT or tries == TRIES or any(word in said.casefold() for word in _NO_CREDIT):
                raise self._refusal(reply.status_code, said, wait)
            self.pause(wait)

    def _posted(self, body: Mapping[str, Any]) -> httpx.Response:
        address, given = self._request(body)
        request = self._client.build_request("POST", address, json=given)
        try:
            return self._client.send(request, stream=True)
        except httpx.ConnectError as error:
            raise ReaderFault("reader.not_there", name=self.model, address=self.address, error=error) from error
        except httpx.TimeoutException as error:
            raise ReaderFault("reader.timeout", name=self.model, seconds=f"{self.timeout:g}") from error
        except httpx.HTTPError as error:
            raise ReaderFault("reader.broke_off", name=self.model, error=self._safe(str(error))) from error

    def _request(self, body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Where `body` goes, and in what form."""
        return f"{self.address.rstrip('/')}/chat/completions", body

    def _unknown(self, status: int, said: str, named: str, given: Mapping[str, Any]) -> str:
        """The setting in `given` that the server says it does not take; "" where it says no such thing."""
        told = said.casefold()
        refuses = status in (400, 422) or (status >= 500 and any(word in told for word in _UNSUPPORTED))
        if not refuses or any(word in told for word in _TOO_LONG):
            return ""
        if named.rpartition(".")[2] in OPTIONAL and named in given:
            return named
        return next((name for name in OPTIONAL if name in given and name in said), "")

    # --- a refusal --------------------------------------------------------------------------

    def _refusal(self, status: int, said: str, wait: float | None = None) -> ReaderFault:
        told, name = said.casefold(), self.model
        if status == 402 or any(word in told for word in _NO_CREDIT):
            return ReaderFault("reader.no_credit", name=name)
        if any(word in told for word in _FILTERED):
            return ReaderFault("reader.filtered", name=name)
        if any(word in told for word in _TOO_LONG):
            return ReaderFault("reader.too_long", name=name)
        match status:
            case 401:
                return ReaderFault("reader.wrong_key" if self.key else "reader.no_key", name=name)
            case 403:
                return ReaderFault("reader.forbidden", name=name)
            case 404:
                return self._not_found()
            case 429:
                return ReaderFault("reader.busy", name=name, seconds=f"{wait or 0:.0f}")
            case _ if "model" in told and any(word in told for word in ("not found", "not exist", "unknown model")):
                return self._not_found()
            case _ if status >= 500:
                return ReaderFault("reader.failing", name=name, status=status, error=self._safe(said))
        return ReaderFault("reader.refused", name=name, status=status, error=self._safe(said))

    def _not_found(self) -> ReaderFault:
        if known := self.models():
            return ReaderFault("reader.no_model", name=self.model, address=self.address, known=", ".join(known[:12]))
        return ReaderFault("reader.no_address", address=self.address)

    def _safe(self, said: str) -> str:
        """A server's own words: short, on one line, and never with the key, which some repeat."""
        said = said.replace(self.key, "…") if self.key else said
        return " ".join(clean(said).split())[:SAID] or "–"

    # --- a reply ----------------------------------------------------------------------------

    def _whole(self, reply: httpx.Response) -> Part:
        if "html" in reply.headers.get("Content-Type", ""):
            raise ReaderFault("reader.not_an_api", address=self.address)
        piece = self._piece(self._read(b"\n".join(self._lines(reply))), "message")
        if piece is None or not (piece.finish or piece.text or piece.calls or piece.thought):
            raise ReaderFault("reader.nothing", name=self.model)
        return piece

    def _lines(self, reply: httpx.Response) -> Iterator[bytes]:
        """Its lines; a reply that is too long, or takes too long, is cut off."""
        until, size, held = time.monotonic() + LONGEST * self.timeout, 0, b""
        for part in reply.iter_bytes():
            size += len(part)
            if size > MOST_BYTES or time.monotonic() > until:
                raise ReaderFault("reader.endless", name=self.model, seconds=f"{LONGEST * self.timeout:g}")
            *lines, held = (held + part).split(b"\n")
            yield from lines
        if held:
            yield held

    def _read(self, told: bytes) -> Any:
        try:
            return json.loads(told)
        except ValueError as error:
            raise ReaderFault("reader.malformed", name=self.model, error=self._safe(str(error))) from error

    def _piece(self, told: Any, part: str) -> Part | None:
        """None for what holds no choice and no count. Raises ReaderFault for an error that is told, too."""
        if not isinstance(told, dict):
            raise ReaderFault("reader.malformed", name=self.model, error=type(told).__name__)
        if error := told.get("error"):
            status = error.get("code") if isinstance(error, dict) else None
            raise self._refusal(status if isinstance(status, int) else 500, _words(error))
        usage = _usage(told.get("usage"))
        choices = told.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return Part(usage=usage) if usage else None
        choice = choices[0]
        given = choice.get(part)
        said: dict[str, Any] = given if isinstance(given, dict) else {}
        finish = str(choice.get("finish_reason") or "")
        if finish == "content_filter" or said.get("refusal"):
            raise ReaderFault("reader.filtered", name=self.model)
        return Part(
            _text(said.get("content")),
            bool(said.get("reasoning_content") or said.get("reasoning")),
            finish,
            _first(choice.get("logprobs")),
            _logprob(choice.get("logprobs")),
            tuple(call["function"] for call in _list(said.get("tool_calls")) if isinstance(call.get("function"), dict)),
            usage,
        )


def is_local(address: str) -> bool:
    """Whether what is sent to `address` stays on this machine."""
    return (urlsplit(address).hostname or "") in LOOPBACK


def _text(content: Any) -> str:
    if isinstance(content, list):  # parts, as some send them
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _first(logprobs: Any) -> tuple[tuple[str, float], ...]:
    """None where any is no number: of the others alone the likeliest would be another."""
    tokens = _list(logprobs.get("content")) if isinstance(logprobs, dict) else []
    top = _list(tokens[0].get("top_logprobs")) if tokens else []
    values: list[Any] = [entry.get("logprob") for entry in top]
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
        return ()
    return tuple((str(entry.get("token") or ""), float(value)) for entry, value in zip(top, values, strict=True))


def _logprob(logprobs: Any) -> float | None:
    tokens = _list(logprobs.get("content")) if isinstance(logprobs, dict) else []
    values: list[Any] = [entry.get("logprob") for entry in tokens]
    known = values and all(isinstance(value, int | float) and math.isfinite(value) for value in values)
    return float(sum(values)) if known else None


def _list(told: Any) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _usage(told: Any) -> tuple[int, int] | None:
    counts = [told.get(name) for name in ("prompt_tokens", "completion_tokens")] if isinstance(told, dict) else []
    return (counts[0], counts[1] or 0) if counts and isinstance(counts[0], int) else None


def _said(reply: httpx.Response) -> tuple[str, str]:
    """(what the server says of its refusal, the setting it names)."""
    try:
        told = reply.json()
    except ValueError:
        kind = reply.headers.get("Content-Type", "")
        return (reply.reason_phrase if "html" in kind else reply.text), ""
    error = told.get("error", told) if isinstance(told, dict) else told
    return _words(error), str((error.get("param") if isinstance(error, dict) else "") or "")


def _words(error: Any) -> str:
    if isinstance(error, dict):
        return " ".join(str(error[name]) for name in ("message", "detail", "code", "type") if error.get(name))
    return str(error)


def _wait(reply: httpx.Response, tries: int) -> float | None:
    """Seconds to wait before asking again; None where that is of no use."""
    if reply.status_code not in (408, 409, 425, 429) and reply.status_code < 500:
        return None
    asked = reply.headers.get("Retry-After", "")
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (TypeError, ValueError):  # none is asked for
        return float(2 ** (tries - 1))
