"""How well the small judge tells support and answers, beside a lexical floor on the same items.

    python -m benchmarks.verifier --data ../shared/data                 # the sets that are there; minutes
    python -m benchmarks.verifier --data ../shared/data --only fever --only pairs

Printed as JSON: every figure with its n and a 95% interval (bootstrap over items, 1,000 draws). Fool Me Twice and
FEVER-Symmetric are measured on half B of dev, which training never saw; their test files too where they are there.
AttributionBench, OCNLI, UHGEval's concise set, NoMIRACL and CMRC dev are only measured on, never trained on. The floor
is the share of the claim's terms that stand in the evidence; where it needs a threshold, that is chosen on half A.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import typer
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from benchmarks import minimal_pairs
from rag import models
from rag.checking.encoder import Encoder, Entailment
from rag.text.sentences import sentences
from rag.text.terms import terms
from training import material, pages, pair

Figure = dict[str, Any]
Measure = Callable[[Encoder, Path, int], Any]


def interval(score: Callable[[np.ndarray, np.ndarray], float], truth: Sequence[Any], said: Sequence[Any]) -> Figure:
    """{value, low, high, n}: the score, and the 2.5 and 97.5 percentiles of 1,000 draws of the items."""
    one, two = np.array(truth), np.array(said)
    generator = np.random.default_rng(3)
    draws = []
    for _ in range(1000):
        at = generator.integers(0, len(one), len(one))
        if len(set(one[at])) > 1:
            draws.append(score(one[at], two[at]))
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"value": round(float(score(one, two)), 3), "low": round(low, 3), "high": round(high, 3), "n": len(one)}


def recall(evidence: str, claim: str) -> float:
    """The floor: the share of the claim's terms that stand in the evidence."""
    wanted = set(terms(claim))
    return len(wanted & set(terms(evidence))) / max(1, len(wanted))


def threshold(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """The cut with the best balanced accuracy."""
    return max(sorted(set(scores)), key=lambda cut: balanced_accuracy_score(truth, [one >= cut for one in scores]))


def calibration(truth: Sequence[bool], said: Sequence[float], bins: int = 10) -> float:
    """Expected calibration error over equal-mass bins."""
    order = np.argsort(said)
    one, two = np.array(truth, float)[order], np.array(said)[order]
    parts = zip(np.array_split(one, bins), np.array_split(two, bins), strict=True)
    return round(float(sum(len(a) * abs(a.mean() - b.mean()) for a, b in parts) / len(one)), 3)


def _balanced(truth: np.ndarray, said: np.ndarray) -> float:
    return float(balanced_accuracy_score(truth, said))


def _macro(truth: np.ndarray, said: np.ndarray) -> float:
    return float(f1_score(truth, said, average="macro"))


def _auroc(truth: np.ndarray, said: np.ndarray) -> float:
    return float(roc_auc_score(truth, said))


def _of_two(found: Iterable[Entailment]) -> list[float]:
    """P(supported), where it is known that it is that or contradicted."""
    return [one.supported / (one.supported + one.contradicted) for one in found]


def _two_way(
    encoder: Encoder, items: Sequence[tuple[str, str, bool]], chosen_on: Sequence[tuple[str, str, bool]]
) -> Figure:
    truth = [label for _, _, label in items]
    said = _of_two(encoder.entails_all([(evidence, claim) for evidence, claim, _ in items]))
    cut = threshold([label for *_, label in chosen_on], [recall(e, c) for e, c, _ in chosen_on])
    floor = [recall(evidence, claim) >= cut for evidence, claim, _ in items]
    return {
        "balanced accuracy": interval(_balanced, truth, [one > 0.5 for one in said]),
        "auroc": interval(_auroc, truth, said),
        "ece": calibration(truth, said),
        "floor": interval(_balanced, truth, floor),
    }


def fever(encoder: Encoder, data: Path, most: int) -> Figure:
    grouped = material.fever_groups(data)
    halves: list[list[tuple[str, str, bool]]] = [[], []]
    for item, group in grouped:
        halves[pair.share(group) >= 0.5].append(_fever(item))
    made = {"dev half B": _two_way(encoder, halves[1][:most], halves[0])}
    test = data / "fever_symmetric/fever_symmetric_test.jsonl"
    if test.exists():
        items = [json.loads(line) for line in test.read_text("utf-8").splitlines()]
        made["test"] = _two_way(encoder, [_fever(item) for item in items][:most], halves[0])
    return made


def _fever(item: dict[str, Any]) -> tuple[str, str, bool]:
    return material.plain_fever(item["evidence"]), material.plain_fever(item["claim"]), item["label"] == "SUPPORTS"


def fm2(encoder: Encoder, data: Path, most: int) -> Figure:
    halves: list[list[tuple[str, str, bool]]] = [[], []]
    for item in _lines(data / "fool_me_twice/dev.jsonl"):
        halves[pair.share(item["wikipedia_page"]) >= 0.5].append(_fm2(item))
    made = {"dev half B": _two_way(encoder, halves[1][:most], halves[0])}
    if (data / "fool_me_twice/test.jsonl").exists():
        made["test"] = _two_way(encoder, [_fm2(i) for i in _lines(data / "fool_me_twice/test.jsonl")][:most], halves[0])
    return made


def _fm2(item: dict[str, Any]) -> tuple[str, str, bool]:
    evidence = " ".join(one["text"] for one in item["gold_evidence"])
    return f"{item['wikipedia_page']}: {evidence}", item["text"], item["label"] == "SUPPORTS"


def attributionbench(encoder: Encoder, data: Path, most: int) -> Figure:
    """Cut at the median of half A of the sample, applied to half B and the other way round; floor alike."""
    items = Random(5).sample(_lines(data / "attributionbench/dev_all_subset_balanced.jsonl"), most)
    pairs = [("\n".join(item["references"]), item["claim"]) for item in items]
    truth = [item["attribution_label"] == "attributable" for item in items]
    said = [one.supported for one in encoder.entails_all(pairs)]
    floor = [recall(*pair) for pair in pairs]
    return {
        "macro F1 at .5": interval(_macro, truth, [one >= 0.5 for one in said]),
        "macro F1, cut from the other half": interval(_macro, truth, _crossed(truth, said)),
        "auroc": interval(_auroc, truth, said),
        "floor": interval(_macro, truth, _crossed(truth, floor)),
        "ece": calibration(truth, said),
    }


def _crossed(truth: Sequence[bool], scores: Sequence[float]) -> list[bool]:
    middle = len(truth) // 2
    first, second = threshold(truth[:middle], scores[:middle]), threshold(truth[middle:], scores[middle:])
    return [one >= (second if at < middle else first) for at, one in enumerate(scores)]


def uhgeval(encoder: Encoder, data: Path, most: int) -> Figure:
    """Keywords of the concise 1,000, each judged by the clause that holds it, against the article.

    Articles that stand in the full set under another headline are left out: training may have read them.
    """
    concise = _lines(data / "uhgeval/dataset_uhgeval_concise.jsonl")
    ids, heads = {item["id"] for item in concise}, {item["headLine"] for item in concise}
    full = pair.lines(data / "uhgeval/dataset_uhgeval_full.jsonl.gz")
    read = {pages.opening(item) for item in full if item["id"] not in ids and item["headLine"] not in heads}
    items = Random(5).sample([item for item in concise if pages.opening(item) not in read], most)
    pairs, truth, floor = [], [], []
    for item in items:
        text = pages.article(item)
        for mark in item["annotations"]:
            word, verdict = mark.split("<sep>")[0], mark.split("<sep>")[-1]
            holds = [one for one in material.clauses(item["hallucinatedContinuation"]) if word in one]
            if holds:
                pairs.append((material.window(text, holds[0], pair.LONGEST_ZH), holds[0] + "。"))
                truth.append(verdict.startswith("合理"))
                floor.append(float(word in text))
    unique = sorted(set(pairs))
    found = dict(zip(unique, encoder.entails_all(unique), strict=True))
    return {
        "auroc of P(supported)": interval(_auroc, truth, [found[pair].supported for pair in pairs]),
        "auroc of 1 - P(contradicted)": interval(_auroc, truth, [-found[pair].contradicted for pair in pairs]),
        "floor, keyword in article": interval(_auroc, truth, floor),
    }


def ocnli(encoder: Encoder, data: Path, most: int) -> Figure:
    labels = ["entailment", "contradiction", "neutral"]
    items = [item for item in _lines(data / "ocnli/dev.json") if item["label"] in labels]
    items = Random(5).sample(items, most)
    found = encoder.entails_all([(item["sentence1"], item["sentence2"]) for item in items])
    truth = [labels.index(item["label"]) for item in items]
    said = [int(np.argmax([one.supported, one.contradicted, one.not_enough])) for one in found]
    overlap = [recall(item["sentence1"], item["sentence2"]) for item in items]
    return {
        "macro F1": interval(_macro, truth, said),
        "auroc, entailed or not": interval(_auroc, [t == 0 for t in truth], [one.supported for one in found]),
        "floor auroc": interval(_auroc, [t == 0 for t in truth], overlap),
    }


def pairs(encoder: Encoder, data: Path, most: int) -> Figure:
    made: Figure = {}
    items = list(minimal_pairs.pairs())
    found = encoder.entails_all([(item["quote"], item["claim"]) for item in items])
    names = ["supported", "contradicted", "not enough"]
    for language in ("en", "zh"):
        mine = [(item, one) for item, one in zip(items, found, strict=True) if item["language"] == language]
        likeliest = [names[int(np.argmax([one.supported, one.contradicted, one.not_enough]))] for _, one in mine]
        closed = [(item["label"] == "supported", one) for item, one in mine if item["kind"] != "unsaid"]
        cut = 0.99  # a claim all of whose terms stand in the quote
        floor = [recall(item["quote"], item["claim"]) >= cut for item, _ in mine if item["kind"] != "unsaid"]
        truth = [label for label, _ in closed]
        made[language] = {
            "accuracy of three": interval(
                lambda a, b: float((a == b).mean()), [item["label"] for item, _ in mine], likeliest
            ),
            "balanced accuracy, supported or contradicted": interval(
                _balanced, truth, [one > 0.5 for one in _of_two(one for _, one in closed)]
            ),
            "floor": interval(_balanced, truth, floor),
            "ece": calibration(truth, _of_two(one for _, one in closed)),
        } | {
            kind: round(
                float(
                    np.mean([s == i["label"] for (i, _), s in zip(mine, likeliest, strict=True) if i["kind"] == kind])
                ),
                3,
            )
            for kind in (*minimal_pairs.KINDS, "unsaid")
        }
    return made


def nomiracl(encoder: Encoder, data: Path, most: int) -> Figure:
    """Whether any of ten passages answers: the best P(answers) of the ten, against the relevant flag."""
    made: Figure = {}
    for language in ("en", "zh"):
        items = []
        for kind in ("relevant", "non_relevant"):
            items += Random(5).sample(_lines(data / f"nomiracl/{language}.{kind}.jsonl"), most)
        flat = [(passage["text"], item["query"]) for item in items for passage in item["passages"]]
        said, best, floor, at = [one.probability for one in encoder.states_all(flat)], [], [], 0
        for item in items:
            part = flat[at : at + len(item["passages"])]
            best.append(max(said[at : at + len(part)]))
            floor.append(max(recall(*one) for one in part))
            at += len(part)
        truth = [bool(item["relevant"]) for item in items]
        made[language] = {"auroc": interval(_auroc, truth, best), "floor": interval(_auroc, truth, floor)}
    return made


def cmrc(encoder: Encoder, data: Path, most: int) -> Figure:
    """CMRC 2018 dev: the paragraph, and the paragraph without the sentences that hold an answer."""
    items = json.loads((data / "cmrc2018/cmrc2018_dev.json").read_text("utf-8"))["data"]
    asked = [(one["context"], qa) for item in items for one in item["paragraphs"] for qa in one["qas"]]
    whole, cut, floors = [], [], []
    for context, qa in Random(5).sample(asked, min(3 * most, len(asked))):
        golds = [answer["text"] for answer in qa["answers"]]
        page = [context[start:end] for start, end in sentences(context)]
        rest = [one for one in page if not any(gold in one for gold in golds)]
        if len(rest) < len(page) and rest and len(whole) < most:
            whole.append((context, qa["question"]))
            cut.append(("".join(rest), qa["question"]))
            floors += [recall(*whole[-1]), recall(*cut[-1])]
    both = [pair for each in zip(whole, cut, strict=True) for pair in each]
    said = [one.probability for one in encoder.states_all(both)]
    truth = [True, False] * len(whole)
    return {
        "auroc": interval(_auroc, truth, said),
        "with above without": round(float(np.mean([a > b for a, b in zip(said[::2], said[1::2], strict=True)])), 3),
        "floor": interval(_auroc, truth, floors),
        "ece": calibration(truth, said),
    }


def speed(encoder: Encoder, data: Path, most: int) -> Figure:
    """Milliseconds a pair of about 160 tokens, one after the other."""
    quote = " ".join(str(one["quote"]) for one in list(minimal_pairs.pairs())[::14][:20:2])[:560]
    times = []
    for turn in range(20):
        start = time.perf_counter()
        encoder.entails([quote], f"The storm struck in {1900 + turn}.")
        times.append(1000 * (time.perf_counter() - start))
    return {"best": round(min(times), 1), "mean": round(float(np.mean(times)), 1), "load": os.getloadavg()[0]}


MEASURES: dict[str, tuple[Measure, int]] = {
    "pairs": (pairs, 0), "fever": (fever, 800), "fm2": (fm2, 1500), "cmrc": (cmrc, 300), "ocnli": (ocnli, 600),
    "nomiracl": (nomiracl, 100), "uhgeval": (uhgeval, 200), "attributionbench": (attributionbench, 600),
    "speed": (speed, 0),
}  # fmt: skip


def main(
    data: Annotated[Path, typer.Option(help="Folder of the sets.")],
    only: Annotated[list[str] | None, typer.Option(help="Which of: " + ", ".join(MEASURES))] = None,
    share: Annotated[float, typer.Option(help="Of the items of the sampled sets.")] = 1.0,
    folder: Annotated[Path | None, typer.Option(help="Another judge's folder.")] = None,
) -> None:
    encoder = Encoder(folder or models.judge_folder(models.VERIFIER))
    made: Figure = {"judge": encoder.name}
    for name in only or MEASURES:
        measure, most = MEASURES[name]
        start = time.monotonic()
        made[name] = measure(encoder, data, int(most * share))
        print(f"{name}: {time.monotonic() - start:.0f} s {json.dumps(made[name])}", file=sys.stderr, flush=True)
    print(json.dumps(made, indent=1, ensure_ascii=False))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    typer.run(main)
