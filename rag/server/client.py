"""A running server of this user, asked in place of models of one's own: the same events as of a run in this process."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import httpx

from rag import errors
from rag.config import Config, Wanted, home
from rag.errors import Fault, ReaderFault
from rag.facts import CheckEvent
from rag.generation.running import PATIENCE
from rag.server import announced
from rag.server.announced import Announced
from rag.text.plain import as_plain, as_typed
from rag.types import Event, Hit, Selection

_EVENTS: dict[str, Any] = {kind.__name__: kind for kind in (*get_args(Event), *get_args(CheckEvent))}
_BUSY = httpx.Timeout(PATIENCE, read=None)  # a reader thinks, and others may have their turn before


@dataclass(frozen=True, slots=True)
class Client:
    """Of one server. Every method raises the Fault that the server tells, and ReaderFault where it ends meanwhile."""

    server: Announced

    def ask(self, question: str, index: str, wanted: Wanted, only: Selection | None) -> Iterator[Event]:
        """Events as they happen, the last one Answered."""
        return self._events("ask", {"question": question, "index": index, "wanted": wanted, "only": only})

    def check(self, text: str, index: str, by_heart: bool, only: Selection | None) -> Iterator[CheckEvent]:
        """Events as they happen, the last one CheckEnded. `by_heart`: of the reader's own answer to `text`."""
        return self._events("check", {"text": text, "index": index, "by_heart": by_heart, "only": only})

    def search(self, query: str, k: int, index: str, only: Selection | None) -> tuple[Sequence[Hit], dict[str, str]]:
        """(hits, which index and build they are of)."""
        asked = as_plain({"query": query, "k": k, "index": index, "only": only})
        try:
            reply = httpx.post(self._url("search"), json=asked, headers=self._headers, timeout=_BUSY, trust_env=False)
            told = reply.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._ended(error) from error
        _raise(told)
        return [as_typed(Hit, hit) for hit in told["hits"]], told["index"]

    def _events(self, path: str, asked: dict[str, Any]) -> Iterator[Any]:
        with httpx.Client(headers=self._headers, timeout=_BUSY, trust_env=False) as client:
            try:
                with client.stream("POST", self._url(path), json=as_plain(asked)) as reply:
                    for line in reply.iter_lines():
                        told = json.loads(line)
                        _raise(told)
                        [(kind, event)] = told.items()
                        yield as_typed(_EVENTS[kind], event)
            except (httpx.HTTPError, ValueError, KeyError) as error:
                raise self._ended(error) from error

    def _url(self, path: str) -> str:
        return f"{self.server.address}/own/{path}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.server.token}"}

    def _ended(self, error: Exception) -> ReaderFault:
        return ReaderFault("server.ended", address=self.server.address, error=error)


def find(config: Config) -> tuple[Client | None, str]:
    """(a running server that answers as `config` says, ""), or (None, why one that runs does not); ("" where none
    runs)."""
    why = ""
    for one in announced.every(home()):
        differs = one.differs(config)
        if not announced.answers(one):
            differs = "it does not answer"
        if not differs:
            return Client(one), ""
        why = why or f"the server at {one.address} is not asked: {differs}"
    return None, why


def _raise(told: dict[str, Any]) -> None:
    if (error := told.get("error")) is None:
        return
    kind = getattr(errors, error["type"], Fault)
    raise (kind if issubclass(kind, Fault) else Fault)(error["message"])
