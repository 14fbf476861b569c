"""One address that is asked with JSON, as servers of embeddings and of rerankers are."""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from rag.errors import ModelFault

WAITS = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)


class Refused(ModelFault):
    """The server does not take what it was asked."""


@dataclass
class Endpoint:
    """A server that is busy or fails is asked again, waiting twice as long each time. `code` is that of its faults."""

    address: str
    code: str
    key: str = field(default="", repr=False)
    tries: int = 4
    pause_seconds: float = 0.5
    timeout_seconds: float = 60.0
    _client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        self._client = httpx.Client(timeout=self.timeout_seconds, headers=headers, follow_redirects=False)

    def ask(self, body: dict[str, Any]) -> Any:
        """What it replies, from JSON. Raises ModelFault; Refused where it is of no use to ask the same again."""
        told = ""
        for attempt in range(self.tries):
            if attempt:
                time.sleep(self.pause_seconds * 2 ** (attempt - 1))
            try:
                reply = self._client.post(self.address, json=body)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                told = f"{type(error).__name__}: {error}"
                continue
            if reply.status_code in WAITS or reply.status_code >= 500:
                told = f"status {reply.status_code}: {reply.text[:200]}"
                continue
            if reply.status_code != httpx.codes.OK:
                reason = f"it answered {reply.status_code}: {reply.text[:200]}"
                raise Refused(self.code, address=self.address, error=reason)
            try:
                return reply.json()
            except ValueError as error:
                raise self.fault(f"its reply is no JSON ({error})") from error
        raise self.fault(f"{self.tries} tries failed, the last with {told}")

    def fault(self, reason: str) -> ModelFault:
        return ModelFault(self.code, address=self.address, error=reason)
