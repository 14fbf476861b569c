"""Do the first five chunks found hold the text that answers, and how much else (chunking_evaluation)? Characters are
counted, not tokens, so that the figures do not depend on a tokenizer. Variants as for retrieval."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.lab import Lab
from eval.metrics import ranking
from eval.metrics.stats import mean
from eval.outcomes import Outcome, Output, Scored, Task
from eval.sets.chunking import SpanQuestion
from eval.tasks.retrieval import leg
from rag.types import Page

CHUNKS = 5


@dataclass(frozen=True, slots=True)
class Corpora:
    pages: Sequence[Page]

    def task(self) -> Task:
        return Task(("floor", "dense", "loop"), self._run, score)

    def _run(self, item: SpanQuestion, variant: str, lab: Lab) -> Output:
        index = lab.corpus("chunking", self.pages)
        began = lab.start()
        hits = leg(index, item.question, variant, CHUNKS)
        seconds, _ = lab.since(began)
        return Output(item.id, seconds, more={"found": [[h.chunk.uri, h.chunk.start, h.chunk.end] for h in hits]})


def score(items: Sequence[SpanQuestion], outputs: Sequence[Output]) -> Scored:
    overlaps = [
        ranking.overlap(
            [(item.page.uri, start, end) for start, end in item.spans],
            [(uri, start, end) for uri, start, end in output.more.get("found", ())],
        )
        for item, output in zip(items, outputs, strict=True)
    ]
    figures = {
        "recall of 5 chunks": mean(one.recall for one in overlaps),
        "precision of 5 chunks": mean(one.precision for one in overlaps),
        "IoU of 5 chunks": mean(one.iou for one in overlaps),
    }
    outcomes = [
        Outcome(item.id, item.language, None, score=round(one.recall, 4))
        for item, one in zip(items, overlaps, strict=True)
    ]
    return Scored(figures, outcomes)
