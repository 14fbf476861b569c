"""How much of a page's true text was extracted (scrapinghub/article-extraction-benchmark, evaluate.py)."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics.stats import bootstrap, mean
from rag.history.statistics import Figure

# The benchmark takes a run of word characters for a token; a run of Chinese would be one, so there it is a character.
_TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Match:
    """One page: share of the found shingles that are true, and of the true ones that were found.

    Precision is None where nothing was found, recall where there was nothing to find.
    """

    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Extraction:
    precision: Figure
    recall: Figure
    f1: Figure


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Every run of `size` tokens, counted; one shorter run where the text has fewer."""
    tokens = _TOKEN.findall(text)
    runs = (tuple(tokens[at : at + size]) for at in range(max(1, len(tokens) - size + 1)))
    return Counter(run for run in runs if run)


def match(truth: str, found: str, size: int = 4) -> Match:
    """Precision and recall of a page's shingles (of its tokens with `size` 1), repeats counted."""
    true, got = shingles(truth, size), shingles(found, size)
    both = (true & got).total()
    return Match(both / got.total() if got else None, both / true.total() if true else None)


def extraction(pages: Sequence[Match]) -> Extraction:
    """Mean precision over pages with text found, mean recall over pages with text to find, and the F1 of the two means.

    As the benchmark has it, a page where nothing was found costs recall only. n of the F1 is the number of pages.
    """
    return Extraction(
        precision=mean(page.precision for page in pages),
        recall=mean(page.recall for page in pages),
        f1=bootstrap(lambda rows: _f1([pages[at] for at in rows]), len(pages)),
    )


def _f1(pages: Sequence[Match]) -> float | None:
    precisions = [page.precision for page in pages if page.precision is not None]
    recalls = [page.recall for page in pages if page.recall is not None]
    if not precisions or not recalls:
        return None
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
