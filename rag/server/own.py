"""What this user's `vouch ask`, `check` and `search` ask of a running server: events as they happen, a JSON line each.

Who has the token of `rag.server.announced` sits at this user's terminal, so drafts are told, as there.
"""

import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from rag.answering.factcheck import CheckParts, drafted, factcheck
from rag.config import Wanted
from rag.errors import Fault
from rag.facts import CheckEvent
from rag.messages import english
from rag.server.service import AS_CONFIGURED, Service
from rag.server.streams import in_thread
from rag.text.plain import as_plain
from rag.types import Event, Selection

_bearer = HTTPBearer(auto_error=False)


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    index: str = ""
    wanted: Wanted = AS_CONFIGURED
    only: Selection | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """`by_heart`: the text is a question, and what is checked is the reader's own draft of an answer."""

    text: str
    index: str = ""
    by_heart: bool = False
    only: Selection | None = None


@dataclass(frozen=True, slots=True)
class Query:
    query: str
    k: int
    index: str = ""
    only: Selection | None = None


def routes(service: Service, token: str) -> APIRouter:
    """For whoever sends `token`, and nobody else."""

    def allowed(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
        if not (sent and secrets.compare_digest(sent.credentials.encode(), token.encode())):
            raise HTTPException(401, english("server.key"))

    router = APIRouter(prefix="/own", dependencies=[Depends(allowed)], include_in_schema=False)

    @router.get("")
    def there() -> None:
        """That it is."""

    @router.post("/ask")
    def ask(asked: Question) -> StreamingResponse:
        return _told(service.ask(asked.question, (), asked.index, asked.wanted, asked.only))

    @router.post("/check")
    def check(asked: Text) -> StreamingResponse:
        def run(parts: CheckParts) -> Iterator[CheckEvent]:
            return drafted(asked.text, parts) if asked.by_heart else factcheck(asked.text, parts)

        return _told(service.checking(run, asked.index, asked.only))

    @router.post("/search")
    def search(asked: Query) -> Any:
        opened = service.index(asked.index)
        hits = service.search(asked.query, asked.k, asked.index, asked.only)
        return {"hits": as_plain(hits), "index": {"name": opened.name, "build": opened.build}}

    return router


def _told(events: Iterator[Event] | Iterator[CheckEvent]) -> StreamingResponse:
    return StreamingResponse(_lines(events), media_type="application/x-ndjson")


async def _lines(events: Iterator[Any]) -> AsyncIterator[str]:
    try:
        async with aclosing(in_thread(events)) as happened:
            async for event in happened:
                yield _line(type(event).__name__, as_plain(event))
    except Fault as fault:
        yield _line("error", {"message": str(fault), "type": type(fault).__name__})


def _line(kind: str, told: Any) -> str:
    return json.dumps({kind: told}) + "\n"
