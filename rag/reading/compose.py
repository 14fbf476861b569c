"""Question + kept quotes -> the answer's draft, and P(the quotes answer the question). One prompt serves both,
so the second question over the same quotes costs a local model a few tokens only."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.reading import prompts
from rag.seams import Prompt, Reader
from rag.text import language as language_of
from rag.text import sentences, words
from rag.types import Hop, Quote

MAX_TOKENS = 180
MORE = ' (" " sentence)? (" " sentence)? (" " sentence)?'


def write(
    question: str,
    language: str,
    quotes: Sequence[Quote],
    reader: Reader,
    temperature: float = 0.0,
    seed: int = 0,
    via: Sequence[Hop] = (),
) -> Iterator[str]:
    """Pieces of the draft, the likeliest one or, at a temperature, the one that `seed` draws. Every sentence of it ends
    in ``[n]``, n one of the quotes' ids, where the reader takes a grammar; other readers are asked for it. What had to
    be found out first (`via`) is said first, from its own quote; then what was left to ask is answered from the quotes
    that were kept for it. Raises ReaderFault."""
    for hop in via:
        yield from _found_out(hop, language, next(quote for quote in quotes if quote.id == hop.quote), reader)
        question, quotes = hop.rest, [quote for quote in quotes if quote.id in hop.quotes]
    filled = prompts.prompt(
        "answer", "answer", language, MAX_TOKENS, _grammar(quotes), quotes=prompts.fence(quotes), question=question
    )
    yield from reader.write(replace(filled, temperature=temperature, seed=seed))


def _found_out(hop: Hop, spoken: str, kept: Quote, reader: Reader) -> Iterator[str]:
    """Pieces of a sentence that says what was found out, with its mark: the quote's own, or the reader's where it is in
    another language."""
    if language_of(kept.text) == spoken:
        spans = sentences(kept.text)
        holding = (
            kept.text[start:end] for start, end in spans if hop.name.casefold() in kept.text[start:end].casefold()
        )
        yield f"{next(holding, kept.text)}[{kept.id}] "
        return
    yield from again(hop.question, spoken, [kept], reader)
    yield " "


def again(question: str, language: str, quotes: Sequence[Quote], reader: Reader) -> Iterator[str]:
    """Pieces of one sentence with its marks that answers `question` from `quotes`, some of those that were kept. Raises
    ReaderFault."""
    grammar = _grammar(quotes).replace(MORE, "", 1)
    values = {"quotes": prompts.fence(quotes), "question": question}
    yield from reader.write(prompts.prompt("answer", "answer", language, MAX_TOKENS, grammar, **values))


def sufficient(question: str, language: str, quotes: Sequence[Quote], reader: Reader) -> float | None:
    """P(the quotes state the answer) by the reader's first token; None when it gives neither Yes nor No."""
    found = reader.choose(sufficiency(quotes, question, language), ("Yes", "No"))
    return found["Yes"] if found else None


def fits(question: str, language: str, quotes: Sequence[Quote], said: str, reader: Reader) -> float | None:
    """P(`said`, a draft without its marks, is what the question asks for and stands in the quotes) by the reader's
    first token; None when it gives neither Yes nor No. Its prompt begins as that of the draft does, so a local model
    has only the draft to read. Raises ReaderFault."""
    filled = prompts.prompt(
        "answer", "fits", language, 1, quotes=prompts.fence(quotes), question=question, answer=prompts.tidy(said)
    )
    found = reader.choose(filled, ("Yes", "No"))
    return found["Yes"] if found else None


def sufficiency(quotes: Sequence[Quote], question: str, language: str) -> Prompt:
    """The prompt that asks whether `quotes` state the answer to `question`."""
    return prompts.prompt("answer", "sufficient", language, 1, quotes=prompts.fence(quotes), question=question)


def translated(question: str, into: str, reader: Reader) -> str:
    """The question in the language of the pages ("zh" or "en"), to search them with; names of the original that the
    translation spells otherwise are added. Raises ReaderFault."""
    filled = prompts.prompt("translate", "translate", into, 80, question=question)
    said = "".join(reader.write(filled)).strip().split("\n")[0]
    names = [word for word in words(question)[1:] if word[0].isupper() and word.casefold() not in said.casefold()]
    return " ".join([said, *names])


def restated(statement: str, into: str, reader: Reader) -> tuple[str, str]:
    """(a statement in the other language ("zh" or "en"), to hold against pages in it; the same to search with, names
    added that the translation spells otherwise). Raises ReaderFault."""
    filled = prompts.prompt("restate", "restate", into, 120, statement=prompts.tidy(statement))
    said = "".join(reader.write(filled)).strip().split("\n")[0]
    names = [word for word in words(statement)[1:] if word[0].isupper() and word.casefold() not in said.casefold()]
    return said, " ".join([said, *names])


def draft(question: str, language: str, reader: Reader) -> Iterator[str]:
    """Pieces of an answer from what the reader knows by heart. Raises ReaderFault."""
    return reader.write(prompts.prompt("draft", "draft", language, MAX_TOKENS, question=question))


def verification(quotes: Sequence[Quote], claim: str, language: str) -> Prompt:
    """The prompt that asks whether `quotes` state `claim`."""
    return prompts.prompt("verify", "verify", language, 1, quotes=prompts.fence(quotes), claim=prompts.tidy(claim))


def named(question: str, language: str, quotes: Sequence[Quote], reader: Reader) -> str:
    """The name that `question` asks for as the reader reads it from the quotes; it may be anything. Raises
    ReaderFault."""
    grammar = "root ::= [^\\[\\]<>\\n]{1,60}\n"
    filled = prompts.prompt(
        "answer", "name", language, 24, grammar, quotes=prompts.fence(quotes), question=question
    )  # fmt: skip
    return "".join(reader.write(filled)).strip().strip('.。"“”「」').strip()


def _grammar(quotes: Sequence[Quote]) -> str:
    """At most four sentences, each one sentence with one or two citations that exist. A Latin full stop ends a sentence
    where a space follows, but for a few abbreviations."""
    ids = " | ".join(f'"{kept.id}"' for kept in quotes)
    return (
        f"root ::= sentence{MORE}\n"
        "sentence ::= text end? cite cite?\n"
        "text ::= (letter | short)+\n"
        "letter ::= [^\\[\\]<>\\n.!?。！？] | [.!?] [^ \\[\\]<>\\n.!?。！？]\n"
        'short ::= ("Dr" | "Mr" | "Mrs" | "Ms" | "St" | "No" | "vs" | "U.S" | "e.g" | "i.e" | [0-9]) ". "\n'
        'end ::= [.!?。！？] | [.!?。！？] " "\n'
        f'cite ::= "[" ({ids}) "]"\n'
    )
