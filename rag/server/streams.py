"""A run that blocks, told to a client as it happens."""

import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import TypeVar

import anyio
from anyio import to_thread
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

T = TypeVar("T")


async def in_thread(events: Iterator[T]) -> AsyncGenerator[T, None]:
    """The events, made in threads one after the other. A run that nobody hears of any more is ended."""
    try:
        while (event := await to_thread.run_sync(next, events, None)) is not None:
            yield event
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(events.close)  # type: ignore[attr-defined]


class StoppingResponse(StreamingResponse):
    """Lines of JSON; `stop` is set as soon as the client goes away, in the middle of an event too."""

    def __init__(self, lines: AsyncIterator[str], stop: threading.Event) -> None:
        super().__init__(lines, media_type="application/x-ndjson")
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._listen, receive)
            await self.stream_response(send)
            group.cancel_scope.cancel()

    async def _listen(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stop.set()
