"""A run that blocks, told to a client as it happens."""

from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

import anyio
from anyio import to_thread

T = TypeVar("T")


async def in_thread(events: Iterator[T]) -> AsyncGenerator[T, None]:
    """The events, made in threads one after the other. A run that nobody hears of any more is ended."""
    try:
        while (event := await to_thread.run_sync(next, events, None)) is not None:
            yield event
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(events.close)  # type: ignore[attr-defined]
