"""The HTTP server: OpenAI's chat completions, models and embeddings, and what they lack: search, checks and sources.

The answer of a chat completion is text with its marks; all else of it (quotes, verdicts, probability) is in the field
"vouch". A draft is never streamed: only what was checked leaves this server.
"""

import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException as StarletteFault
from starlette.routing import Match

from rag import __version__
from rag.config import Wanted
from rag.errors import ConfigFault, Fault, IndexFault, UsageFault
from rag.export.json import as_json
from rag.messages import english
from rag.server import own, told
from rag.server.forms import (
    AddRequest,
    ChatRequest,
    CheckRequest,
    EmbeddingsRequest,
    Index,
    Object,
    Refusal,
    SearchRequest,
)
from rag.server.limits import LargestBody, named_as_ours
from rag.server.service import MODEL, Service
from rag.server.streams import StoppingResponse, in_thread
from rag.text.plain import as_plain
from rag.types import Answer, Answered, Event, Step

GONE = 499  # the client went away; nobody reads it
_STATUS = {"server.busy": 429, "server.no_source": 404, "answer.unknown": 404, "server.no_model": 404}
_SAID = {
    400: "cannot be done so",
    401: "wants a key",
    404: "is not there",
    413: "is too large",
    421: "is another machine's name",
    429: "too many wait",
    503: "failed",
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "model": Refusal} for status, what in _SAID.items()
}
_PLAIN_REFUSED: dict[int | str, dict[str, Any]] = {  # of a route that else gives text
    status: {"description": what, "content": {"application/json": {}}} for status, what in _SAID.items()
}
_bearer = HTTPBearer(auto_error=False)


def application(service: Service, key: str = "", token: str = "") -> FastAPI:
    """The server over `service`. Where there is a `key`, whoever asks must send it; where there is none, they must ask
    for this machine by its own name. Pages of other origins may not read what it says: nothing here answers CORS. With
    a `token`, this user's own commands may ask it too."""

    def allowed(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
        if key and not (sent and secrets.compare_digest(sent.credentials.encode(), key.encode())):
            raise HTTPException(401, english("server.key"))

    def local(request: Request) -> None:
        named_as_ours(request.headers)

    guarded = [Depends(allowed if key else local)]
    api = _Api(service)
    app = FastAPI(title="Vouch", version=__version__, summary="Answers whose every sentence can be checked.")
    for method, path, function in (
        ("GET", "/models", api.models),
        ("POST", "/chat/completions", api.chat),
        ("POST", "/search", api.search),
        ("POST", "/check", api.check),
        ("GET", "/sources", api.sources),
        ("POST", "/sources", api.add),
        ("DELETE", "/sources", api.remove),
        ("GET", "/answers/{id}", api.answer),
        ("GET", "/answers/{id}/replay", api.replay),
        ("POST", "/embeddings", api.embeddings),
    ):
        app.add_api_route(
            f"/v1{path}", function, methods=[method], response_model=None, responses=_REFUSED, dependencies=guarded
        )
    app.add_api_route("/healthz", api.healthz)
    app.add_api_route(
        "/metrics", api.metrics, dependencies=guarded, response_class=PlainTextResponse, responses=_PLAIN_REFUSED
    )
    if token:
        app.include_router(own.routes(service, token))
    app.add_middleware(LargestBody)
    app.add_exception_handler(Fault, _told_fault)
    app.add_exception_handler(RequestValidationError, _told_invalid)
    app.add_exception_handler(StarletteFault, _told_status)
    return app


@dataclass(frozen=True, slots=True)
class _Api:
    """The routes."""

    service: Service

    def healthz(self) -> Object:
        return {"status": "ok", "waiting": self.service.turns.waiting()}

    def metrics(self) -> str:
        """For Prometheus: what the ledger has summed up, and how many wait."""
        lines = [f"vouch_waiting {self.service.turns.waiting()}"]
        for sums in self.service.ledger.sums():
            lines += [f"vouch_{name} {value}" for name, value in sums.items() if isinstance(value, int | float)]
        return "".join(f"# TYPE {line.split()[0]} gauge\n{line}\n" for line in lines)

    def models(self) -> Object:
        names = [MODEL, *(f"{MODEL}:{name}" for name in self.service.indexes())]
        return {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "vouch"} for name in names]}

    async def chat(self, asked: ChatRequest, request: Request) -> Response:
        """OpenAI's chat completions, streamed or whole. The field "vouch" holds the quotes and verdicts."""
        index = _index_of(asked.model, self.service)
        question, earlier = told.conversation((one.role, one.told()) for one in asked.messages)
        events = self.service.ask(question, earlier, index, Wanted(asked.thorough), asked.only.selection())
        if asked.stream:
            return StreamingResponse(_streamed(events, asked.model), media_type="text/event-stream")
        made = await _answered(events, request)
        if made is None:
            return Response(status_code=GONE)
        completion = {
            **_completion(asked.model, "chat.completion", made.id),
            "choices": [_choice({"message": {"role": "assistant", "content": told.text(made)}}, "stop")],
            "usage": _usage(made),
            "vouch": as_json(made),
        }
        return JSONResponse(completion)

    def search(self, asked: SearchRequest) -> Object:
        """The best chunks for a query, with the page each lies in."""
        found = self.service.search(asked.query, asked.k, asked.index, asked.only.selection())
        return {"query": asked.query, "hits": as_plain(found)}

    def check(self, asked: CheckRequest) -> Object:
        """A text claim by claim: supported, refuted or not found, with quotes and a revision."""
        return self.service.check(asked.text, asked.index, asked.only.selection())

    def sources(self, index: Index = "") -> Object:
        """What an index holds."""
        return {"sources": as_plain(self.service.sources(index))}

    def add(self, asked: AddRequest) -> StreamingResponse:
        """Read web pages into an index: a line of JSON for each as it ends."""
        for source in asked.sources:
            if not source.startswith(("http://", "https://")):
                raise UsageFault("server.address", source=source)
        self.service.index(asked.index, create=True)
        stop = threading.Event()
        outcomes = self.service.add(asked.sources, asked.index, stop)
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in outcomes)
        return StoppingResponse(in_thread(lines), stop)

    def remove(self, source: str, index: Index = "") -> Object:
        """Take a source out of an index."""
        self.service.remove(source, index)
        return {"removed": source}

    def answer(self, id: str) -> Object:
        """An answer that was given, by its id."""
        return self.service.kept(id)

    def replay(self, id: str) -> Object:
        """Whether the run of an answer, made again from what was recorded, comes out alike."""
        return self.service.replayed(id)

    def embeddings(self, asked: EmbeddingsRequest) -> Object:
        """OpenAI's embeddings, by the embedder of the indexes."""
        embed = self.service.embedder.queries if asked.input_type == "query" else self.service.embedder.passages
        vectors = embed(asked.texts()).tolist() if asked.texts() else []
        data = [{"object": "embedding", "index": at, "embedding": vector} for at, vector in enumerate(vectors)]
        used = {"prompt_tokens": 0, "total_tokens": 0}
        return {"object": "list", "model": self.service.embedder.name, "data": data, "usage": used}


# --- a chat completion ------------------------------------------------------------------------


def _index_of(model: str, service: Service) -> str:
    """The index that a model's name means, "" for the configured one. Raises UsageFault."""
    name, _, index = model.partition(":")
    if name != MODEL or (index and index not in service.indexes()):
        raise UsageFault("server.no_model", model=model)
    return index


async def _answered(events: Iterator[Event], request: Request) -> Answer | None:
    """The answer; None where the client went away meanwhile, which ends the run at its next step."""
    async with aclosing(in_thread(events)) as told:  # whose turn it was ends before the answer is sent
        async for event in told:
            if isinstance(event, Answered):
                return event.answer
            if await request.is_disconnected():
                return None
    return None


async def _streamed(events: Iterator[Event], model: str) -> AsyncIterator[str]:
    """Server-sent events: what is done as comments, which clients pass over, then the checked answer."""
    frame = _completion(model, "chat.completion.chunk", "")
    yield _event({**frame, "choices": [_choice({"delta": {"role": "assistant", "content": ""}})]})
    try:
        async with aclosing(in_thread(events)) as happened:
            async for event in happened:
                match event:
                    case Step(action=action):
                        yield f": {action}\n\n"
                    case Answered(made):
                        frame["id"] = f"chatcmpl-{made.id}"
                        for line in told.text(made).splitlines(keepends=True):
                            yield _event({**frame, "choices": [_choice({"delta": {"content": line}})]})
                        last = {
                            "choices": [_choice({"delta": {}}, "stop")],
                            "usage": _usage(made),
                            "vouch": as_json(made),
                        }
                        yield _event({**frame, **last})
                    case _:
                        pass
    except Fault as fault:
        yield _event(_error(str(fault), type(fault).__name__, fault.code))
    yield "data: [DONE]\n\n"


def _completion(model: str, kind: str, id: str) -> Object:
    return {"id": f"chatcmpl-{id}", "object": kind, "created": int(time.time()), "model": model}


def _choice(said: Object, finish: str | None = None) -> Object:
    return {"index": 0, **said, "finish_reason": finish}


def _usage(made: Answer) -> Object:
    prompt, output = told.tokens(made)
    return {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output}


def _event(frame: Object) -> str:
    return f"data: {json.dumps(frame, ensure_ascii=False)}\n\n"


# --- what goes wrong, and how it goes on ------------------------------------------------------


def _error(message: str, kind: str, code: str) -> Object:
    """In OpenAI's form."""
    return {"error": {"message": message, "type": kind, "code": code or None, "param": None}}


def _told_fault(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, Fault)
    usual = 404 if isinstance(fault, IndexFault) else 400 if isinstance(fault, UsageFault | ConfigFault) else 503
    status = _STATUS.get(fault.code, usual)
    return JSONResponse(_error(str(fault), type(fault).__name__, fault.code), status)


def _told_invalid(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, RequestValidationError)
    wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in fault.errors())
    return JSONResponse(_error(wrong, "invalid_request_error", ""), 422)


def _told_status(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, StarletteFault)
    headers = dict(fault.headers or {})
    if fault.status_code == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if fault.status_code == 405:  # of each method there is a route, and the last of them knows but its own
        matching = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
        headers["Allow"] = ", ".join(sorted(set[str]().union(*(route.methods for route in matching))))
    return JSONResponse(_error(str(fault.detail), "http", ""), fault.status_code, headers)
