"""A reader that drives the browser by calling tools, where its model can."""

from collections.abc import Sequence
from typing import Any

from rag.generation.api_reader import ApiReader
from rag.generation.later import LaterReader
from rag.generation.reader import ChatReader, ToolReader
from rag.protocols import Reader


def acting(reader: Reader, tools: Sequence[dict[str, Any]]) -> Reader:
    """`reader` with `tools` to call where its model can; as it is where it cannot, or is bound by a grammar instead."""
    reader = reader.made.result() if isinstance(reader, LaterReader) else reader
    if isinstance(reader, ApiReader) and not reader.grammar:
        return reader.with_tools(tools)
    if not isinstance(reader, ChatReader):
        return reader
    try:
        return ToolReader(reader.model.bind_tools(list(tools)), (reader,))
    except NotImplementedError:  # langchain's word for a model without tools
        return reader
