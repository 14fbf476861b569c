"""What the reader is asked without evidence: a question or a statement in another language, an answer by heart."""

from collections.abc import Iterator

from rag.generation import prompts
from rag.protocols import Reader
from rag.text.terms import words

MAX_TOKENS = 180


def translated(question: str, into: str, reader: Reader) -> str:
    """The question in the language of the pages ("zh" or "en"), to search them with; names of the original that the
    translation spells otherwise are added. Raises ReaderFault."""
    filled = prompts.prompt("translate", "translate", into, 80, question=question)
    return _with_names("".join(reader.write(filled)).strip().split("\n")[0], question)


def restated(statement: str, into: str, reader: Reader) -> tuple[str, str]:
    """(a statement in the other language ("zh" or "en"), to hold against pages in it; the same to search with, names
    added that the translation spells otherwise). Raises ReaderFault."""
    filled = prompts.prompt("restate", "restate", into, 120, statement=prompts.tidy(statement))
    said = "".join(reader.write(filled)).strip().split("\n")[0]
    return said, _with_names(said, statement)


def draft(question: str, language: str, reader: Reader) -> Iterator[str]:
    """Pieces of an answer from what the reader knows by heart. Raises ReaderFault."""
    return reader.write(prompts.prompt("draft", "draft", language, MAX_TOKENS, question=question))


def _with_names(said: str, original: str) -> str:
    names = [word for word in words(original)[1:] if word[0].isupper() and word.casefold() not in said.casefold()]
    return " ".join([said, *names])
