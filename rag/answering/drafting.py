"""What the reader is asked about the evidence. All prompts over the same evidence and question begin alike, so that a
local model, which keeps what it has read, pays for the evidence once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.generation import prompts
from rag.learning.demonstrations import Demonstration
from rag.protocols import Prompt, Reader
from rag.text.headings import JOIN
from rag.types import Kind, Quote

TOKENS = {"fact": 90, "compare": 90, "chain": 90, "count": 90, "list": 220, "explain": 170, "summary": 240}
NAME_TOKENS, NEXT_TOKENS = 24, 100
_QUESTIONS = 'root ::= line line line\nline ::= "- " [^\\n?？]{6,120} [?？] "\\n"\n'
_TASKS = {"list": "list", "explain": "explain", "summary": "summary", "compare": "part"}


def compose(
    question: str,
    kind: Kind,
    language: str,
    evidence: Sequence[Quote],
    reader: Reader,
    temperature: float = 0.0,
    seed: int = 0,
    examples: Sequence[Demonstration] = (),
) -> Iterator[str]:
    """Pieces of the draft: the likeliest one or, at a temperature, the one that `seed` draws. `examples` come after the
    evidence, which all prompts share. Raises ReaderFault."""
    filled = draft(question, kind, language, evidence, examples)
    yield from reader.write(replace(filled, temperature=temperature, seed=seed))


def draft(
    question: str, kind: Kind, language: str, evidence: Sequence[Quote], examples: Sequence[Demonstration] = ()
) -> Prompt:
    """What the reader is asked for a draft."""
    shown = "\n".join(
        f'<example question="{_attribute(one.question)}">{prompts.tidy(one.answer)}</example>' for one in examples
    )
    before = "examples" if examples else ""
    return _prompt(_TASKS.get(kind, "fact"), question, language, evidence, TOKENS[kind], before, examples=shown)


def sufficient(question: str, language: str, evidence: Sequence[Quote], reader: Reader) -> float | None:
    """P(the evidence states what is asked) by the reader's first token; None where it says neither Yes nor No. Raises
    ReaderFault."""
    return _yes(_prompt("sufficient", question, language, evidence, 1), reader)


def fits(question: str, language: str, evidence: Sequence[Quote], answer: str, reader: Reader) -> float | None:
    """P(`answer` is what the question asks for and stands in the evidence), likewise. Raises ReaderFault."""
    return _yes(_prompt("fits", question, language, evidence, 1, answer=prompts.tidy(answer)), reader)


def states(question: str, language: str, evidence: Sequence[Quote], claim: str, reader: Reader) -> float | None:
    """P(the evidence states `claim`), likewise. Raises ReaderFault."""
    return _yes(_prompt("states", question, language, evidence, 1, claim=prompts.tidy(claim)), reader)


def revise(question: str, language: str, evidence: Sequence[Quote], claim: str, reader: Reader) -> str:
    """A sentence in place of `claim`, which the evidence does not state. Raises ReaderFault."""
    filled = _prompt("revise", question, language, evidence, TOKENS["fact"], claim=prompts.tidy(claim))
    return "".join(reader.write(filled)).strip()


def named(question: str, language: str, evidence: Sequence[Quote], reader: Reader) -> str:
    """The name, date or number that `question` asks for, and nothing else. Raises ReaderFault."""
    filled = _prompt("name", question, language, evidence, NAME_TOKENS)
    said = "".join(reader.write(replace(filled, grammar="root ::= [^\\n<>]{1,60}\n")))
    return said.strip().strip('.。"“”「」').strip()


def next_questions(question: str, language: str, evidence: Sequence[Quote], reader: Reader) -> list[str]:
    """Questions that whoever asked `question` could ask next of the same evidence, as the reader writes them. Raises
    ReaderFault."""
    filled = _prompt("next", question, language, evidence, NEXT_TOKENS)
    return [line.strip(" -") for line in "".join(reader.write(replace(filled, grammar=_QUESTIONS))).splitlines()]


def fence(evidence: Sequence[Quote]) -> str:
    """The evidence as data, a numbered element each with what it is about; nothing in it can close its element."""
    return "\n".join(
        f'<passage {quote.id} from="{_attribute(about(quote))}">{prompts.tidy(quote.text)}</passage {quote.id}>'
        for quote in evidence
    )


def about(quote: Quote) -> str:
    """What a quote is about, on one line, with its page's date."""
    said = quote.about or quote.title
    return f"{said}, {quote.date}" if quote.date else said


def told(quote: Quote) -> str:
    """A quote's text after what it is about: how a verifier reads it."""
    return f"{quote.about}{JOIN}{quote.text}" if quote.about else quote.text


def _attribute(text: str) -> str:
    return prompts.tidy(text).replace('"', "'")


def _prompt(
    task: str, question: str, language: str, evidence: Sequence[Quote], most: int, before: str = "", **values: str
) -> Prompt:
    asked = prompts.tidy(question)
    return prompts.prompt(
        "answer", task, language, most, before=before, passages=fence(evidence), question=asked, **values
    )


def _yes(filled: Prompt, reader: Reader) -> float | None:
    found = reader.choose(filled, ("Yes", "No"))
    return found["Yes"] if found else None
