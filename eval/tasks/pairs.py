"""A claim against evidence: the judge's own accuracy, on which every rate of supported sentences rests.

floor    share of the claim's terms in the evidence, from a threshold chosen on the other half of the items
encoder  the small judge, which needs no reader
reader   the reader's Yes or No
loop     the judge the loop is wired with
"""

from collections.abc import Sequence

from eval.items import Pair
from eval.lab import Lab
from eval.metrics import calibration
from eval.metrics.stats import balanced_accuracy, macro_f1, share
from eval.outcomes import Outcome, Output, Scored, Task
from eval.store import key
from rag.answering.verification import verify_prompt
from rag.checking.verify import ReaderJudge
from rag.errors import ConfigFault
from rag.history.statistics import Figure
from rag.protocols import Judge
from rag.text.sentences import sentences
from rag.text.terms import terms
from rag.types import Quote

SHOWN = 900  # characters of evidence a pair is judged by


def run(item: Pair, variant: str, lab: Lab) -> Output:
    if variant == "floor":
        began = lab.start()
        wanted = set(terms(item.claim))
        held = set(terms(" ".join(item.evidence)))
        share = len(wanted & held) / len(wanted) if wanted else 0.0
        return Output(item.id, lab.since(began)[0], "", True, share, {"floor": True})
    judge = _judge(variant, lab)
    kept = evidence(item, SHOWN)
    began = lab.start()
    verdict = judge.judge(kept, item.claim, item.language)
    seconds, _ = lab.since(began)
    return Output(item.id, seconds, verdict.label, verdict.label != "unjudged", verdict.probability)


def _judge(variant: str, lab: Lab) -> Judge:
    """Raises ConfigFault where the configuration names no auditor."""
    match variant:
        case "reader":
            return ReaderJudge(lab.reader, verify_prompt, lab.config.checking.supported)
        case "encoder":
            if lab.auditor is None:
                raise ConfigFault('checking.auditor is "", so there is no small judge to measure: name one.')
            return lab.auditor
        case _:
            return lab.judge


def evidence(item: Pair, characters: int) -> tuple[Quote, ...]:
    """The evidence as the loop would hold it: at most so many characters, the sentences that share most with the claim,
    in their order, with the title of their page where the set names it."""
    wanted = set(terms(item.claim))
    spans = [(number, start, end) for number, text in enumerate(item.evidence) for start, end in sentences(text)]
    ranked = sorted(spans, key=lambda span: -len(wanted & set(terms(item.evidence[span[0]][span[1] : span[2]]))))
    kept: list[tuple[int, int, int]] = []
    room = characters
    for span in ranked:
        if span[2] - span[1] <= room or not kept:
            kept.append(span)
            room -= span[2] - span[1]
    texts = ["" for _ in item.evidence]
    for number, start, end in sorted(kept):
        texts[number] = f"{texts[number]} {item.evidence[number][start : min(end, start + characters)]}".strip()
    held, title = [text for text in texts if text], str(item.traits.get("page", ""))
    return tuple(Quote(at, text, f"memory:{at}", title, "", 0, len(text)) for at, text in enumerate(held, 1))


def score(items: Sequence[Pair], outputs: Sequence[Output]) -> Scored:
    gold = [item.label == "supported" for item in items]
    said = _said(items, outputs, gold)
    judged = [(g, o.probability) for g, o in zip(gold, outputs, strict=True) if o.probability is not None]
    figures: dict[str, Figure] = {
        "balanced accuracy": balanced_accuracy(gold, said),
        "macro F1": macro_f1(gold, said),
        "judged": share(output.answered for output in outputs),
    }
    if len({g for g, _ in judged}) == 2:
        figures["AUROC"] = calibration.auroc([p for _, p in judged], [g for g, _ in judged])
        if not any(output.more.get("floor") for output in outputs):
            figures["ECE"] = calibration.ece([p for _, p in judged], [g for g, _ in judged])
    refuted = [o.text == "contradicted" for i, o in zip(items, outputs, strict=True) if i.label == "contradicted"]
    if refuted and any(output.text == "contradicted" for output in outputs):
        figures["contradictions named"] = share(refuted)
    outcomes = [
        Outcome(i.id, i.language, s == g, o.answered, s and not g, o.probability)
        for i, o, g, s in zip(items, outputs, gold, said, strict=True)
    ]
    return Scored(figures, outcomes)


def _said(items: Sequence[Pair], outputs: Sequence[Output], gold: Sequence[bool]) -> list[bool]:
    """Whether each claim was called supported; for the floor by the threshold that is best on the other half."""
    if not any(output.more.get("floor") for output in outputs):
        return [output.text == "supported" for output in outputs]
    half = [int(key(item.id)[0], 16) % 2 for item in items]
    shares = [output.probability or 0.0 for output in outputs]
    best = [_threshold([(s, g) for s, g, h in zip(shares, gold, half, strict=True) if h != mine]) for mine in (0, 1)]
    return [share >= best[mine] for share, mine in zip(shares, half, strict=True)]


def _threshold(rows: Sequence[tuple[float, bool]]) -> float:
    """The share from which calling it supported is right most often, each label weighing the same."""
    positive = sum(label for _, label in rows) or 1
    negative = len(rows) - positive or 1

    def rightly(threshold: float) -> float:
        hits = sum(share >= threshold for share, label in rows if label)
        return hits / positive + sum(share < threshold for share, label in rows if not label) / negative

    return max(sorted({share for share, _ in rows} | {0.5}), key=rightly)


TASK = Task(("floor", "encoder", "reader", "loop"), run, score)
