"""A note as Markdown: its citations are numbered across the whole of it and lead to one list of sources at its end."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt

from rag.export.json import ANSWER, escaped, line, signless
from rag.messages import say
from rag.text.language import language as written_in
from rag.text.locator import cite
from rag.text.plain import as_typed
from rag.types import Locator

NAMES: Mapping[str, tuple[str, str]] = {
    "sources": ("Sources", "资料来源"),
    "and": (": ", "："),
    "open": (" (", "（"),
    "close": (")", "）"),
    "empty": ("This note is empty.", "这份笔记是空的。"),
}
# A "<" that begins raw HTML; what it is not is found first: an escape, code, an address between "<" and ">".
_HTML = re.compile(
    r"\\.|(`+)(?!`)(?:.*?[^`])\1(?!`)|`+|<(?:[a-z][a-z0-9+.-]+:[^\s<>]*|[^\s<>@/]+@[^\s<>]+)>|<(?=[a-z/!?])",
    re.I | re.S,
)


class Sources:
    """The quotes that a note cites, each once, numbered from 1 as they come."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, int, int, str], tuple[Mapping[str, Any], Mapping[str, Any]]] = {}

    def number(self, quote: Mapping[str, Any], page: Mapping[str, Any]) -> int:
        """Of a quote of an answer's object, which is on `page`, one of its sources; {} where that is not known."""
        key = (str(quote["page_sha256"]), int(quote["start"]), int(quote["end"]), str(quote["text"]))
        self.found.setdefault(key, (quote, page))
        return list(self.found).index(key) + 1


def note_as_markdown(title: str, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """`entries` are (kind, body) as `rag.history.notes` keeps them. A person's own words stay Markdown; what comes from
    outside is escaped, so that it is shown as it is."""
    spoken = written_in(" ".join([title, *(str(body.get("question", body.get("text", ""))) for _, body in entries)]))
    language, sources = "zh" if spoken == "zh" else "en", Sources()
    shown = [f"# {escaped(title)}", ""]
    for kind, body in entries:
        match kind:
            case "answer":
                shown += _answer(body, sources)
            case "quote":
                number = sources.number(body["quote"], body.get("page", {}))
                shown += [f"> {line(body['quote']['text'])} \\[{number}\\]", ""]
            case _:
                shown += [_own(str(body["text"]).strip()), ""]
    if not entries:
        shown += [_say("empty", language), ""]
    if sources.found:
        shown += [f"## {_say('sources', language)}", ""]
    for number, (quote, page) in enumerate(sources.found.values(), start=1):
        shown += [f"\\[{number}\\] {_source(quote, page, language)}  ", f"“{escaped(quote['text'])}”", ""]
    return "\n".join(shown)


def _own(text: str) -> str:
    """A person's Markdown, of which nothing reaches into what comes after it: raw HTML is shown as it stands, and a
    fence that is open at the end is closed."""
    reader, lines = MarkdownIt("commonmark", {"html": False}), re.split(r"\r\n?|\n", text)
    for token in reader.parse("\n".join(lines)):
        if token.type == "inline" and token.map:
            start, end = token.map
            told = _HTML.sub(lambda found: "\\<" if found[0] == "<" else found[0], "\n".join(lines[start:end]))
            lines[start:end] = told.split("\n")
    last = reader.parse("\n".join([*lines, "", "."]))[-1]
    return "\n".join([*lines, last.markup] if last.type == "fence" else lines)


def _answer(answer: Mapping[str, Any], sources: Sources) -> list[str]:
    """A sentence that was not found supported says so."""
    language = str(answer["language"])
    shown = [f"## {escaped(answer['question'])}", ""]
    if answer["status"] != "answered":
        return [*shown, line(say(language, "refused.answer", reason=answer["reason"])), ""]
    pages = {page["sha256"]: page for page in answer.get("sources", ())}
    quotes = {quote["id"]: quote for quote in answer["quotes"]}

    def marks(cited: Sequence[int]) -> str:
        known = [quotes[one] for one in cited if one in quotes]
        numbers = [sources.number(quote, pages.get(quote["page_sha256"], {})) for quote in known]
        return "".join(f"\\[{number}\\]" for number in dict.fromkeys(numbers))

    told = []
    for sentence in answer["sentences"]:
        verdict = "computed" if sentence.get("computation") else sentence["verdict"]
        doubt = ANSWER[verdict][language == "zh"] if verdict != "supported" else ""
        told.append(
            f"{escaped(sentence['text'])}{'' if language == 'zh' else ' '}{marks(sentence['citations'])}".rstrip()
            + (f"{_say('open', language)}**{doubt}**{_say('close', language)}" if doubt else "")
        )
    shown += [signless(("" if language == "zh" else " ").join(told)), ""]
    for conflict in answer.get("conflicts", ()):
        heading = f"**{ANSWER['sides'][language == 'zh']}{_say('and', language)}{escaped(conflict['differs'])}**"
        shown += [heading, ""]
        shown += [f"- {line(side['text'])} {marks([side['quote']])}" for side in conflict["sides"]]
        shown += [""]
    return shown


def _source(quote: Mapping[str, Any], page: Mapping[str, Any], language: str) -> str:
    """Title, address, who wrote it, when it was written and read, and the place in it."""
    dates = {"written": quote.get("date") or page.get("date", ""), "read": page.get("read_at", "")}
    dated = [f"{ANSWER[name][language == 'zh']} {date[:10]}" for name, date in dates.items() if date]
    place = cite(as_typed(Locator | None, quote.get("locator")), language)
    by = quote.get("superseded", "")
    gone = say(language, "quote.superseded", by=by) if by else ""
    about = [quote["title"], quote["source"], page.get("author", ""), page.get("site", ""), *dated, place, gone]
    return escaped(", ".join(dict.fromkeys(each for each in about if each)))


def _say(name: str, language: str) -> str:
    return NAMES[name][language == "zh"]
