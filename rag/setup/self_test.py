"""An index tested on itself: questions that the reader makes of its own passages are asked of the whole index."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rag import wiring
from rag.answering import drafting
from rag.answering.engine import answer
from rag.config import Config
from rag.errors import UsageFault
from rag.generation import prompts
from rag.history.ledger import Ledger
from rag.history.statistics import Figure, rate
from rag.index.index import Index
from rag.protocols import Reader
from rag.setup.trial import OUTCOMES, Outcome
from rag.text.figures import missing_values
from rag.text.language import language
from rag.text.sentences import sentences
from rag.text.tokens import tokens
from rag.types import Answer, Answered, Page, Quote

LEAST, MOST = 20, 180  # tokens of a passage
TRIES = 4  # passages looked at for each question that is wanted: not of every one the reader makes a sound question
TOKENS = 90
RUNS = 200  # of a part of a page: no more are looked at
_FORM = re.compile(r"Question[:：]\s*(.+?)\s*\n\s*Answer[:：]\s*(.+)")
_GRAMMAR = 'root ::= "Question: " [^\\n?？]{8,160} [?？] "\\nAnswer: " [^\\n]{1,60} "\\n"\n'


@dataclass(frozen=True, slots=True)
class Probe:
    """A question that the passage `quote` answers with `expected`, which stands in it to the letter."""

    question: str
    expected: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a probe; `found`: a passage of its page was among those that were kept to answer from."""

    probe: Probe
    answer: Answer
    outcome: Outcome
    found: bool


def run(config: Config, index: Index, reader: Reader, wanted: int, seed: int = 0) -> Iterator[Asked]:
    """At most `wanted` probes, each as soon as it is answered; nothing of them enters the ledger. Raises UsageFault
    where the index has no text to ask about."""
    parts = replace(wiring.parts(config, index, reader), ledger=None, demonstrations=None)
    uris = [page.uri for page in index.pages()]
    if not uris:
        raise UsageFault("test.empty")
    for probe in probes(uris, index.open, reader, wanted, seed):
        for event in answer(probe.question, parts):
            if isinstance(event, Answered):
                found = any(quote.uri == probe.quote.uri for quote in event.answer.quotes)
                yield Asked(probe, event.answer, graded(event.answer, probe.expected), found)


def probes(
    uris: Sequence[str], opened: Callable[[str], Page], reader: Reader, wanted: int, seed: int = 0
) -> Iterator[Probe]:
    """Questions about passages drawn by `seed`, of every page before a second of one; each question once."""
    drawn = random.Random(seed)  # nosec B311
    asked, made = set[str](), 0
    rounds = drawn.sample(list(uris), len(uris))
    for at in range(TRIES * wanted):
        if made == wanted:
            return
        passage = passage_of(opened(rounds[at % len(rounds)]), drawn)
        probe = written(passage, reader) if passage else None
        if probe and probe.question not in asked:
            asked.add(probe.question)
            made += 1
            yield probe


def passage_of(page: Page, drawn: random.Random) -> Quote | None:
    """A run of whole sentences of the page's body, which is what the index holds, drawn at random; None where it has
    none that is long enough."""
    runs = []
    for begin, end in page.body or ((0, len(page.text)),):
        spans = [(begin + a, begin + b) for a, b in sentences(page.text[begin:end])]
        sizes = [tokens(page.text[a:b]) for a, b in spans]
        left = list(accumulate(reversed(sizes)))[::-1]
        runs += [(spans[at:], sizes[at:]) for at in range(len(spans)) if left[at] >= LEAST and sizes[at] <= MOST][:RUNS]
    if not runs:
        return None
    spans, sizes = drawn.choice(runs)
    whole = sum(size <= MOST for size in accumulate(sizes))
    start, end = spans[0][0], spans[whole - 1][1]
    return Quote(1, page.text[start:end], page.uri, page.title, page.sha256, start, end)


def written(quote: Quote, reader: Reader) -> Probe | None:
    """The reader's question about a passage, with the answer that it gives when it is asked it: kept only where that
    stands in the passage to the letter, in what it had in mind, and not in the question. Raises ReaderFault."""
    spoken = "zh" if language(quote.text) == "zh" else "en"
    filled = prompts.prompt(
        "probe", "probe", spoken, TOKENS, _GRAMMAR, about=prompts.tidy(quote.title), text=prompts.tidy(quote.text)
    )
    found = _FORM.search("".join(reader.write(filled)))
    if found is None:
        return None
    question, answered = found[1].strip(), found[2]
    expected = drafting.named(question, spoken, [quote], reader)
    if not expected or expected not in quote.text or expected.casefold() in question.casefold():
        return None
    return Probe(question, expected, quote) if _same(answered, expected) else None


def graded(given: Answer, expected: str) -> Outcome:
    """Right is an answer in which `expected` stands, or at least each of its figures."""
    if given.status == "abstained":
        return "declined"
    return "right" if _same(given.text, expected) else "wrong"


def _same(said: str, expected: str) -> bool:
    """Whether `expected` stands in what was said, as a word of its own; of what has figures, whether each of them does,
    however it is written."""
    if re.search(rf"(?<![A-Za-z0-9]){re.escape(expected)}(?![A-Za-z0-9])", said, re.IGNORECASE):
        return True
    return any(letter.isdigit() for letter in expected) and not missing_values(expected, said)


def figures(tested: Sequence[Asked]) -> dict[str, Figure]:
    """The shares of right, wrong and declined, and of questions whose page was read, with Wilson's intervals."""
    n = len(tested)
    shares = {name: rate(sum(one.outcome == name for one in tested), n) for name in OUTCOMES}
    return shares | {"found": rate(sum(one.found for one in tested), n)}


def keep(ledger: Ledger, config: Config, index: Index, reader: Reader, tested: Sequence[Asked]) -> None:
    """Put the figures beside those of other evaluations, so that they are seen over time."""
    told = {
        name: {"value": one.value, "n": one.n, "low": one.low, "high": one.high}
        for name, one in figures(tested).items()
    }
    seconds = sum(one.answer.timings.get("total", 0.0) for one in tested)
    ledger.add_evaluation(
        {
            "name": f"self-test {index.name}",
            "reader": reader.name,
            "config_sha256": config.fingerprint(),
            "prompts_sha256": prompts.fingerprint(),
            "build": index.build,
            "n": len(tested),
            "seconds": seconds,
            "figures": told,
        },
        "self-test",
    )
