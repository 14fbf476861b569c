"""Samples: a reader that draws what it writes; self-consistency (Wang et al. 2023), several drafts at a temperature and
the one that most of them agree with; and, where a reward was learned, the best of them (Nakano et al. 2021)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answering import drafting
from rag.answering.certainty import certainty
from rag.checking.consistency import clusters, entropy, says_the_same
from rag.learning.demonstrations import Demonstration
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


@dataclass(frozen=True, slots=True)
class Worth:
    """Of one draft among several: its reward, and P(supported) of its weakest sentence by the small judge, None where
    nobody could say."""

    reward: float
    supported: float | None


@dataclass(frozen=True, slots=True)
class Best:
    """A learned reward that chooses among drafts. `weigh`: (question, quotes, drafts) -> the worth of each, which can
    be held against one another only."""

    weigh: Callable[[str, Sequence[Quote], Sequence[str]], Sequence[Worth]]
    version: int

    def of(
        self, drafts: Sequence[str], question: str, quotes: Sequence[Quote], supported: float
    ) -> tuple[str, Mapping[str, Rate | float | int]]:
        """(the draft of the highest reward among those whose every sentence the evidence supports, among all where that
        is said of none; its reward, and that of the first draft). The first of equals."""
        different = list(dict.fromkeys(text for draft in drafts if (text := draft.strip())))
        worths = self.weigh(question, quotes, different)
        ranked = [(worth.supported is None or worth.supported >= supported, worth.reward) for worth in worths]
        at = max(range(len(different)), key=lambda one: ranked[one])
        told = {"candidates": len(different), "reward": worths[at].reward, "reward_of_first": worths[0].reward}
        return different[at], {**told, "reward_version": self.version}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draft that was drawn, and how sure the reader was of it."""

    text: str
    certain: float | None


def drawn(
    question: str,
    kind: Kind,
    language: str,
    evidence: Sequence[Quote],
    reader: Reader,
    samples: int,
    examples: Sequence[Demonstration] = (),
) -> list[Drawn]:
    """So many drafts beside the likeliest one; none for fewer than two. Raises ReaderFault."""
    found = []
    for seed in range(1, samples + 1 if samples > 1 else 1):
        pieces = list(drafting.compose(question, kind, language, evidence, reader, TEMPERATURE, seed, examples))
        found.append(Drawn("".join(pieces).strip(), certainty(pieces, question)))
    return found


def voted(
    draft: str, drafts: Sequence[str], question: str, language: str, judge: Judge
) -> tuple[str, Mapping[str, Rate | float | int]]:
    """(the draft to go on with, how far the others agreed): the share that the largest cluster has of them and their
    semantic entropy in nats.

    `draft` itself, written without chance, stays where it says what the largest cluster says; else the first of that
    cluster takes its place.
    """
    same = says_the_same(question, language, judge)
    found = clusters(drafts, same)
    sizes = [len(cluster) for cluster in found]
    agreed: Mapping[str, Rate | float | int] = {
        "agreement": Rate(sizes[0], len(drafts)), "semantic_entropy": entropy(sizes)
    }  # fmt: skip
    if len(found) > 1 and sizes[0] == sizes[1]:
        return draft, agreed  # no majority
    first = drafts[found[0][0]]
    return (draft if same(first, draft.strip()) else first), agreed
