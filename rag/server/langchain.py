"""Vouch in LangChain: a retriever over an index, a runnable that answers with checked citations, and tools for agents.

    service = Service.start(load())
    retriever(service).invoke("How high is the dam?")                   # documents
    answering(service).invoke("How high is the dam?")                   # an AIMessage
    create_agent(model, tools(service))                                 # an agent that cites what stands there

It stands beside the HTTP and the MCP server: one more way of theirs to ask one Service.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage, convert_to_messages
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool, StructuredTool, ToolException

from rag.config import Wanted
from rag.errors import Fault
from rag.export.json import as_json
from rag.server import told
from rag.server.service import MODEL, Service
from rag.server.tools import Tools
from rag.text.language import language
from rag.text.locator import cite
from rag.types import Answered, Hit, Selection

ROLES = {"human": "user", "ai": "assistant"}
Asked = str | Sequence[Any] | Mapping[str, Any]  # a question; messages in any of LangChain's forms; {"messages": those}


class _Retriever(BaseRetriever):
    find: Callable[[str], list[Hit]]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit, language(query)) for hit in self.find(query)]


def retriever(service: Service, index: str = "", k: int = 8, only: Selection | None = None) -> BaseRetriever:
    """The best `k` chunks of an index ("" for the configured one), best first, each a Document; with `only`
    (`rag.index.selection.selection`), of the sources that it selects.

    Its metadata: `source` (path or address), `title`, `heading`, `start` and `end` (characters in the page's text, of
    which page_content is the verbatim part), `page` (of a PDF, or the slide, counted from 1; None where the source has
    none), `place` ("p. 12", in the language of the query) and `score`. Raises UsageFault, IndexFault.
    """
    return _Retriever(find=lambda query: service.search(query, k, index, only))


def answering(
    service: Service, index: str = "", thorough: bool = False, only: Selection | None = None
) -> Runnable[Asked, AIMessage]:
    """Answers the last question of what it is given; the messages before it are the conversation.

    The AIMessage has the answer with its marks and what they stand for, or why there is none; the whole of it (quotes,
    verdicts, probability, costs), as `vouch ask --json` prints it, is in additional_kwargs["vouch"]. Raises Fault.
    """

    def answer(asked: Asked) -> AIMessage:
        question, earlier = told.conversation((ROLES.get(one.type, ""), str(one.text)) for one in _messages(asked))
        events = service.ask(question, earlier, index, Wanted(thorough), only)
        [made] = [event.answer for event in events if isinstance(event, Answered)]
        prompt, output = told.tokens(made)
        return AIMessage(
            told.text(made),
            id=made.id,
            additional_kwargs={"vouch": as_json(made)},
            response_metadata={"model_name": f"{MODEL}:{index}" if index else MODEL, "finish_reason": "stop"},
            usage_metadata={"input_tokens": prompt, "output_tokens": output, "total_tokens": prompt + output},
        )

    return RunnableLambda(answer, name=MODEL)


def tools(service: Service) -> list[BaseTool]:
    """What an agent may do, as in MCP but for adding sources; what cannot be done is told to the agent."""
    does = Tools(service)
    return [_tool(one) for one in (does.ask, does.search, does.open_source, does.find, does.quote, does.check)]


def _document(hit: Hit, spoken: str) -> Document:
    chunk = hit.chunk
    facts = {
        "source": chunk.uri,
        "title": hit.title,
        "heading": chunk.heading,
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.locator.first if chunk.locator and chunk.locator.unit != "second" else None,
        "place": cite(chunk.locator, spoken),
        "score": hit.score,
    }
    return Document(chunk.text, metadata=facts)


def _messages(asked: Asked) -> list[BaseMessage]:
    if isinstance(asked, str):
        return convert_to_messages([("user", asked)])
    return convert_to_messages(asked["messages"] if isinstance(asked, Mapping) else asked)


def _tool(does: Callable[..., Any]) -> BaseTool:
    @wraps(does)
    def done(*given: Any, **named: Any) -> Any:
        try:
            return does(*given, **named)
        except Fault as fault:
            raise ToolException(str(fault)) from fault

    return StructuredTool.from_function(done, handle_tool_error=True)
