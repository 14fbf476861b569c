"""What no request may be, before anything of it is read: too large, or sent by a web page that calls itself us."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.messages import english

MOST_BYTES = 4_000_000  # of a request's body
OURS = frozenset(("127.0.0.1", "localhost", "[::1]"))


class LargestBody:
    """A body of more than `most` bytes is refused (413) as soon as so many have come."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        come = 0

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > self._most:
                raise HTTPException(413, english("server.too_large", most=self._most // 1_000_000))
            return message

        await self._app(scope, counted, send)


def named_as_ours(headers: Headers) -> None:
    """Raises HTTPException where the host that is asked for is not this machine: a web page may point its own name at
    127.0.0.1 and then read what it gets from there."""
    host = headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name.lower() not in OURS:
        raise HTTPException(421, english("server.host", host=host))
