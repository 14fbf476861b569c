"""From votes to a reward with its card, held against the one in use before it takes its place."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from rag.errors import UsageFault
from rag.history.statistics import NONE, Figure, clustered
from rag.learning.features import LENGTH, NAMES, Features
from rag.learning.reward import Column, differences, doubtful, fit, out_of_fold
from rag.learning.versions import Card, Learned
from rag.learning.votes import Vote

VOTES, QUESTIONS = 20, 10  # the fewest that are learned from, ties not counted


def learn(votes: Sequence[Vote], features: Features, present: Learned | None = None, seed: int = 0) -> Learned:
    """Raises UsageFault where there are too few votes, ModelFault."""
    decided = sum(vote.preferred != 0.5 for vote in votes)
    asked = len({vote.group for vote in votes if vote.preferred != 0.5})
    if decided < VOTES or asked < QUESTIONS:
        raise UsageFault("learn.too_few", votes=decided, questions=asked, least=VOTES, least_questions=QUESTIONS)
    sides = features([one for vote in votes for one in (vote.left, vote.right)])
    found = differences(list(zip(sides[::2], sides[1::2], strict=True)))
    preferred, groups = np.array([vote.preferred for vote in votes]), [vote.group for vote in votes]
    margins = out_of_fold(found, preferred, groups, seed)
    whole = out_of_fold(found, preferred, groups, seed, (*NAMES, LENGTH), debias=False)
    embedder, judge = features.made_by
    supported = np.nan_to_num(found["supported"])
    known = present if present and present.made_by == features.made_by else None
    seen = set(known.learned_from) if known else set()
    fresh = np.array([vote.id not in seen for vote in votes])
    theirs = known.reward.margins(found) if known else None
    card = Card(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        votes=len(votes),
        ties=len(votes) - decided,
        questions=len(set(groups)),
        origins=dict(sorted(Counter(vote.origin for vote in votes).items())),
        accuracy=agreement(margins, preferred, groups),
        by_length=agreement(found[LENGTH], preferred, groups),
        by_support=agreement(supported, preferred, groups) if supported.any() else NONE,
        length_before=_correlation(whole, found[LENGTH]),
        length_after=_correlation(margins, found[LENGTH]),
        fresh=agreement(margins, preferred, groups, fresh),
        present=NONE if theirs is None else agreement(theirs, preferred, groups, fresh),
        gain=NONE if theirs is None else _gain(margins, theirs, preferred, groups, fresh),
        doubtful=tuple(votes[at].id for at in doubtful(margins, preferred)),
        against=present.version if present else None,
    )
    return Learned(fit(found, preferred, groups), card, embedder, judge, tuple(vote.id for vote in votes))


def agreement(margins: Column, preferred: Column, groups: Sequence[str], of: Column | None = None) -> Figure:
    """The share of the votes `of` (of all for None), ties aside, on whose side the margin is; a margin of nought is
    half on it. The interval draws whole questions."""
    return _by_question(_on_side(margins, preferred), preferred, groups, of)


def _gain(ours: Column, theirs: Column, preferred: Column, groups: Sequence[str], of: Column) -> Figure:
    return _by_question(_on_side(ours, preferred) - _on_side(theirs, preferred), preferred, groups, of)


def _on_side(margins: Column, preferred: Column) -> Column:
    side: Column = 0.5 + 0.5 * np.sign(margins) * np.sign(preferred - 0.5)
    return side


def _by_question(values: Column, preferred: Column, groups: Sequence[str], of: Column | None) -> Figure:
    hits, totals = defaultdict[str, float](float), defaultdict[str, int](int)
    for at, group in enumerate(groups):
        if preferred[at] != 0.5 and (of is None or of[at]):
            hits[group] += float(values[at])
            totals[group] += 1
    return clustered([hits[group] for group in totals], list(totals.values()))


def _correlation(one: Column, other: Column) -> float | None:
    return float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) and np.ptp(other) else None
