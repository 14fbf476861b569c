"""Does a search find the one paragraph that answers, among the paragraphs of the whole set and others? No reader.

floor    words alone (BM25)
dense    vectors alone
loop     both, fused, as the loop searches

A paragraph is a page, cut into chunks as `vouch add` cuts it; a rank counts distinct paragraphs. The pooled index
stays in VOUCH_HOME/eval, so a second run embeds the questions only. `benchmarks/retrieval.py` asks larger pools.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.items import Question
from eval.lab import Lab
from eval.metrics import ranking
from eval.metrics.stats import mean, share
from eval.outcomes import Outcome, Output, Scored, Task
from rag.index.index import Index
from rag.types import Hit, Page

DEPTH = 50


@dataclass(frozen=True, slots=True)
class Pool:
    """The paragraphs a set's questions are asked over."""

    name: str
    pages: Sequence[Page]

    def task(self) -> Task:
        return Task(("floor", "dense", "loop"), self._run, score)

    def _run(self, item: Question, variant: str, lab: Lab) -> Output:
        index = lab.corpus(self.name, self.pages)
        began = lab.start()
        found = [hit.chunk.uri for hit in leg(index, item.question, variant, DEPTH)]
        seconds, _ = lab.since(began)
        return Output(item.id, seconds, more={"found": list(dict.fromkeys(found))})


def leg(index: Index, question: str, variant: str, depth: int) -> Sequence[Hit]:
    """What the variant's part of the index finds."""
    if variant == "loop":
        return index.search(question, depth)
    dense, text = index.legs(question, depth)
    return dense if variant == "dense" else text


def score(items: Sequence[Question], outputs: Sequence[Output]) -> Scored:
    golds = [item.traits["gold"] for item in items]
    found = [output.more["found"] for output in outputs]
    first = ranking.hit(golds, found, 1)
    figures = {
        "R@5": share(ranking.hit(golds, found, 5)),
        "R@1": share(first),
        "MRR@10": mean(ranking.mrr(golds, found, 10)),
        "nDCG@10": mean(ranking.ndcg(golds, found, 10)),
    }
    outcomes = [Outcome(item.id, item.language, bool(hit)) for item, hit in zip(items, first, strict=True)]
    return Scored(figures, outcomes)
