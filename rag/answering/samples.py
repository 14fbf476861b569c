"""Samples: a reader that draws what it writes, and self-consistency (Wang et al. 2023), several drafts at a temperature
and the one that most of them agree with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answering import drafting
from rag.checking.consistency import clusters, entropy, says_the_same
from rag.protocols import Judge, Prompt, Reader
from rag.types import Kind, Quote, Rate

TEMPERATURE = 0.7  # of Wang et al.'s 0.5 to 0.7


@dataclass(frozen=True, slots=True)
class DrawnReader:
    """`reader`, drawing all that it writes as `seed` has it; its probabilities (`choose`) are what they are. Its name
    says so, for an answer that was drawn is not the likeliest."""

    reader: Reader
    seed: int
    temperature: float = TEMPERATURE

    @property
    def name(self) -> str:
        return f"{self.reader.name}, drawn at {self.temperature:g}"

    def write(self, prompt: Prompt) -> Iterator[str]:
        chance = prompt if prompt.temperature else replace(prompt, temperature=self.temperature, seed=self.seed)
        return self.reader.write(chance)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        return self.reader.choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        return self.reader.tokens()


def voted(
    draft: str,
    question: str,
    kind: Kind,
    language: str,
    evidence: Sequence[Quote],
    reader: Reader,
    judge: Judge,
    samples: int,
) -> tuple[str, Mapping[str, Rate | float]]:
    """(the draft to go on with, how far `samples` others agreed): the share that the largest cluster has of them and
    their semantic entropy in nats.

    `draft` itself, written without chance, stays where it says what the largest cluster says; else the first of that
    cluster takes its place. Nothing is sampled for fewer than two or where nothing was drafted. Raises ReaderFault.
    """
    if samples < 2 or not draft.strip():
        return draft, {}
    drawn = [
        "".join(drafting.compose(question, kind, language, evidence, reader, TEMPERATURE, seed)).strip()
        for seed in range(1, samples + 1)
    ]
    same = says_the_same(question, language, judge)
    found = clusters(drawn, same)
    sizes = [len(cluster) for cluster in found]
    agreed: Mapping[str, Rate | float] = {"agreement": Rate(sizes[0], samples), "semantic_entropy": entropy(sizes)}
    if len(found) > 1 and sizes[0] == sizes[1]:
        return draft, agreed  # no majority
    first = drawn[found[0][0]]
    return (draft if same(first, draft.strip()) else first), agreed
