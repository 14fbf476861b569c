"""Whether the right page or span was found, and how high.

The rank figures come from ir-measures over pytrec_eval (trec_eval's own code). It needs scipy, 145 MB, so it is in
requirements-dev.txt and not among what `make app` installs; a missing install is a UsageFault.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag.errors import UsageFault

Place = tuple[str, int, int]  # page, start, end: half open; characters or tokens, the same on both sides
Gold = Collection[str] | Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares of one question's gold text and retrieved text."""

    recall: float
    precision: float
    iou: float


def hit(golds: Sequence[Gold], found: Sequence[Sequence[str]], k: int) -> list[float]:
    """Hit@k a question: 1.0 if a gold name is among the first `k` found (trec_eval's success).

    `golds[i]` holds question i's right names (or name -> grade), `found[i]` what was found for it, best first; a name
    found again (a second chunk of one page) takes no rank. A question for which nothing was found scores 0 and stays.
    UsageFault: a question without a gold name, or ir-measures missing.
    """
    return _scores(golds, found, "Success", k)


def mrr(golds: Sequence[Gold], found: Sequence[Sequence[str]], k: int) -> list[float]:
    """Reciprocal rank a question, 0.0 past rank `k`: 1 / the first gold name's rank. Arguments as for `hit`."""
    return _scores(golds, found, "RR", k)


def ndcg(golds: Sequence[Gold], found: Sequence[Sequence[str]], k: int) -> list[float]:
    """nDCG@k a question, gain = grade (1 where `golds` gives none), discount log2(rank + 1) (Järvelin and Kekäläinen
    2002, as trec_eval computes it). Arguments as for `hit`."""
    return _scores(golds, found, "nDCG", k)


def overlap(golds: Iterable[Place], found: Iterable[Place]) -> Overlap:
    """Recall, precision and IoU of retrieved chunks against gold spans (chunking_evaluation, Smith and Troynikov 2024).

    With G the gold and C the retrieved positions, and |c| a chunk's length: recall |G∩C|/|G|, precision |G∩C|/Σ|c|,
    IoU |G∩C|/(Σ|c| + |G−C|). Chunks that repeat each other pay for it in Σ|c|. UsageFault: no gold position.
    """
    wanted = {(page, at) for page, start, end in golds for at in range(start, end)}
    if not wanted:
        raise UsageFault("A question without a gold span cannot be scored; leave it out of the set.")
    chunks = list(found)
    got = {(page, at) for page, start, end in chunks for at in range(start, end)}
    both, length = len(wanted & got), sum(end - start for _, start, end in chunks)
    return Overlap(both / len(wanted), both / length if length else 0.0, both / (length + len(wanted - got)))


def touches(chunk: Place, golds: Iterable[Place]) -> bool:
    """Whether the chunk shares at least one position with a gold span."""
    page, start, end = chunk
    return any(page == other and start < high and low < end for other, low, high in golds)


def _scores(golds: Sequence[Gold], found: Sequence[Sequence[str]], measure: str, k: int) -> list[float]:
    try:
        import ir_measures
    except ModuleNotFoundError as missing:
        raise UsageFault("Rank figures need ir-measures: pip install -r requirements-dev.txt") from missing
    if len(golds) != len(found):
        raise UsageFault(f"The same questions are wanted on both sides; there are {len(golds)} and {len(found)}.")
    if not all(golds):
        raise UsageFault("A question without a gold name cannot be scored; leave it out of the set.")
    judged = {
        str(at): dict(gold) if isinstance(gold, Mapping) else dict.fromkeys(gold, 1) for at, gold in enumerate(golds)
    }
    # trec_eval sorts by score and breaks ties by name: scores fall by one a rank, so the order is the one given.
    ranked = {
        str(at): {name: -float(rank) for rank, name in enumerate(dict.fromkeys(names))}
        for at, names in enumerate(found)
    }
    wanted = getattr(ir_measures, measure) @ k
    scores = {one.query_id: float(one.value) for one in ir_measures.iter_calc([wanted], judged, ranked)}
    return [scores.get(str(at), 0.0) for at in range(len(golds))]
