"""What an agent can do: the browser's actions, checked answers, checked texts. MCP and LangChain offer the same."""

from dataclasses import dataclass
from typing import Any

from rag.answering.conversation import Exchange
from rag.browsing.quotes import locate
from rag.errors import NotVerbatim, UsageFault
from rag.export.json import as_json
from rag.index.selection import selection
from rag.server.service import Service
from rag.text.plain import as_plain
from rag.types import Answered

SHOWN = 6000  # characters of a page in one call
AROUND = 200  # characters on each side of what was found
FOUND = 10  # places at most


@dataclass(frozen=True, slots=True)
class Tools:
    """The docstrings are what an agent reads."""

    service: Service

    def ask(
        self,
        question: str,
        earlier: list[str] | None = None,
        index: str = "",
        only: list[str] | None = None,
        tags: list[str] | None = None,
    ) -> dict[str, Any]:
        """Answer a question from the user's sources: sentences with verdicts and the verbatim quotes they cite, or the
        reason why the sources do not answer. `earlier`: the questions before it, where it is a follow-up. `only`: the
        sources that alone are asked (addresses, folders, titles, patterns with *). `tags`: only those that have one of
        these."""
        chosen = selection(only or (), tags=tags or ())
        events = self.service.ask(question, [Exchange(one) for one in earlier or ()], index, only=chosen)
        [made] = [event.answer for event in events if isinstance(event, Answered)]
        return as_json(made)

    def search(
        self,
        query: str,
        k: int = 10,
        index: str = "",
        only: list[str] | None = None,
        tags: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        """The passages that match a query best: source, title, heading, text and where it stands. `only` and `tags`: as
        of `ask`."""
        within = selection(only or (), tags=tags or ())
        hits = self.service.search(query, max(1, min(k, 100)), index, within)
        found: list[dict[str, Any]] = as_plain(hits)
        return found

    def open_source(self, source: str, start: int = 0, index: str = "") -> dict[str, Any]:
        """The text of a source from the character `start` on, 6,000 characters at most; `next` is where it goes on."""
        page = self.service.open(source, index)
        end = min(len(page.text), max(0, start) + SHOWN)
        facts = {"source": page.uri, "title": page.title, "date": page.date, "characters": len(page.text)}
        return {**facts, "text": page.text[max(0, start) : end], "next": end if end < len(page.text) else None}

    def find(self, source: str, text: str, index: str = "") -> list[dict[str, Any]]:
        """Where words stand in a source, whatever their case, each with what stands around."""
        if not text.strip():
            raise UsageFault("question.empty")
        page = self.service.open(source, index)
        folded, sought, found, at = page.text.lower(), text.lower(), list[dict[str, Any]](), 0
        while len(found) < FOUND and (at := folded.find(sought, at)) >= 0:
            around = page.text[max(0, at - AROUND) : at + len(text) + AROUND]
            found.append({"start": at, "end": at + len(text), "around": around})
            at += len(text)
        return found

    def quote(self, source: str, text: str, index: str = "") -> dict[str, Any]:
        """Whether words stand verbatim in a source: the quote as the source has it and where, or that it does not."""
        page = self.service.open(source, index)
        try:
            start, end = locate(text, page)
        except NotVerbatim as setback:
            return {"verbatim": False, "source": page.uri, "why": str(setback)}
        return {"verbatim": True, "source": page.uri, "start": start, "end": end, "text": page.text[start:end]}

    def check(self, text: str, index: str = "") -> dict[str, Any]:
        """Judge a text claim by claim against the user's sources: supported, refuted or not found, with quotes, and a
        revision that the sources carry."""
        return self.service.check(text, index)

    def add_sources(self, sources: list[str], index: str = "") -> list[dict[str, Any]]:
        """Read files, folders or web addresses into an index, so that they can be asked about."""
        return list(self.service.add(sources, index))

    def all_sources(self) -> list[dict[str, Any]]:
        return self.sources("")

    def sources(self, index: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = as_plain(self.service.sources(index))
        return found

    def answer(self, id: str) -> dict[str, Any]:
        return self.service.kept(id)
