"""Ollama by its own interface, which unlike its OpenAI-compatible one takes a window with every request.

Left to itself it takes 4096 tokens, on most machines, and cuts off what does not fit without saying so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from rag.errors import ReaderFault
from rag.generation.chat_api import ChatApi, Part, is_local
from rag.generation.clean import clean

WINDOW = 8192  # tokens that are offered of a wider one, since each takes memory


@dataclass
class OllamaApi(ChatApi):
    """`address` may end in /v1 or not; `window` is in tokens."""

    window: int = 0

    def stream(self, body: Mapping[str, Any]) -> Iterator[Part]:
        with self._opened({**body, "stream": True}) as reply:
            ended = False
            for line in self._lines(reply):
                if line.strip() and (piece := self._piece(self._read(line), "message")):
                    ended = ended or bool(piece.finish)
                    yield piece
            if not ended:
                raise ReaderFault("reader.broke_off", name=self.model, error="no end")

    def models(self) -> list[str]:
        return [name for name, _ in models(self.address, self.timeout)]

    def _request(self, body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """`truncate`, which versions before 0.12.5 do not know, has what is too long refused; `think` turns thinking
        off, and a model that does not think takes it too."""
        named = {"max_tokens": "num_predict", "temperature": "temperature", "seed": "seed"}
        given = {
            name: body[name] for name in ("model", "messages", "tools", "logprobs", "top_logprobs") if name in body
        }
        given |= {"stream": body.get("stream", False), "truncate": False, "think": False}
        given["options"] = {"num_ctx": self.window} | {named[name]: body[name] for name in named if name in body}
        if form := body.get("response_format"):
            given["format"] = form["json_schema"]["schema"]
        return f"{_root(self.address)}/api/chat", given

    def _piece(self, told: Any, part: str) -> Part | None:
        """In the words of OpenAI's interface."""
        if isinstance(told, dict) and isinstance(message := told.get("message"), dict):
            done = (told.get("done_reason") or "stop") if told.get("done") else None
            told = {
                "choices": [{
                    part: {**message, "reasoning": message.get("thinking")},
                    "finish_reason": done,
                    "logprobs": {"content": told.get("logprobs")},
                }],
                "usage": {"prompt_tokens": told.get("prompt_eval_count"), "completion_tokens": told.get("eval_count")},
            }  # fmt: skip
        return super()._piece(told, part)


def models(address: str, patience: float) -> list[tuple[str, int]]:
    """(name, window to ask for) of the models that can chat, where `address` is Ollama's; none where it is not.

    llama.cpp's server answers /api/tags as well, but not /api/version.
    """
    root = _root(address)
    try:
        with httpx.Client(timeout=patience, trust_env=not is_local(address)) as client:
            if not isinstance(client.get(f"{root}/api/version").json().get("version"), str):
                return []
            named = [str(one["name"]) for one in client.get(f"{root}/api/tags").json()["models"]]
            shown = [client.post(f"{root}/api/show", json={"model": name}).json() for name in named]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError):  # another server
        return []
    able = [(name, about) for name, about in zip(named, shown, strict=True) if _chats(about)]
    return [(clean(name)[:80], _window(about)) for name, about in able]


def _root(address: str) -> str:
    return address.rstrip("/").removesuffix("/v1")


def _chats(about: Any) -> bool:
    """Versions before 0.6.4 do not say what a model can."""
    return isinstance(about, dict) and "completion" in about.get("capabilities", ("completion",))


def _window(about: Mapping[str, Any]) -> int:
    told = about.get("model_info")
    lengths = [value for name, value in (told or {}).items() if name.endswith(".context_length")]
    return min([WINDOW, *(length for length in lengths if isinstance(length, int) and length > 0)])
