"""All judges side by side on the same claims: floor, small encoder, local reader, a cascade of the two, a named model.

    python -m benchmarks.judges ask --data DATA --most 60     # 1 to 5 s a claim, resumable; --model NAME for one more
    python -m benchmarks.judges tell                          # the table, from what was kept

Items are the first of the fixed lists (eval/lists) that the encoder was not trained on: of FEVER-Symmetric and Fool Me
Twice their half B, of UHGEval the concise set, all of the others; our own minimal pairs in turns of language and kind.
Thresholds (of the cascade too) are chosen on one half of the items and used on the other, and the other way round.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, get_args

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import minimal_pairs
from eval import data, lists
from eval.items import Label, Pair
from eval.lab import Lab
from eval.metrics.calibration import auroc, ece, reliability
from eval.metrics.stats import balanced_accuracy, macro_f1
from eval.sets import SETS
from eval.store import Store, default_file
from eval.tasks.pairs import evidence
from rag import wiring
from rag.answering.verification import verify_prompt
from rag.checking.encoder import FIGURE_MISSING
from rag.config import REPOSITORY, load
from rag.history.statistics import Figure
from rag.text.figures import missing_values
from rag.text.terms import terms
from training import material, pair

SETS_OF = ("fever-symmetric", "fm2", "attributionbench", "uhgeval", "ocnli", "pairs-en", "pairs-zh")
ROWS = REPOSITORY / "build" / "judges.jsonl"
SHOWN = 600  # characters of evidence that every judge is given, the sentences closest to the claim
LIMIT = 300.0  # ms a pair that a default may take, in the mean
Column = NDArray[np.float64]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def items(name: str, folder: Path) -> list[Pair]:
    """The claims of a set in the order in which they are asked."""
    if name.startswith("pairs-"):
        return lists.order(_minimal(name.removeprefix("pairs-")))
    found: Sequence[Pair] = SETS[name].load(folder)
    chosen = lists.select(name, found, full=True)
    if name == "fever-symmetric":
        unread = {str(item["id"]) for item, group in material.fever_groups(folder) if pair.share(group) >= 0.5}
        chosen = [item for item in chosen if item.id in unread]
    if name == "fm2":
        chosen = [item for item in chosen if pair.share(str(item.traits["page"])) >= 0.5]
    return chosen


def _minimal(language: str) -> list[Pair]:
    labels: dict[str, Label] = {name: name for name in get_args(Label)}
    return [
        Pair(
            f"{language}-{at}", language, row["claim"], (row["quote"],), labels[row["label"]], {"stratum": row["kind"]}
        )
        for at, row in enumerate(minimal_pairs.pairs())
        if row["language"] == language
    ]


@app.command()
def ask(
    folder: Annotated[Path | None, typer.Option("--data", help="Folder of the sets; else VOUCH_DATA.")] = None,
    most: Annotated[int, typer.Option(help="Claims a set.")] = 60,
    only: Annotated[list[str] | None, typer.Option(help="Which of: " + ", ".join(SETS_OF))] = None,
    model: Annotated[str, typer.Option(help="Another inference model, by hub name or folder.")] = "",
    reader: Annotated[bool, typer.Option(help="Whether the local reader is asked, the dearest.")] = True,
    rows: Annotated[Path, typer.Option(help="Where the verdicts are kept.")] = ROWS,
) -> None:
    """Ask the judges; sets take turns, so that a run that is stopped has some of each."""
    place = folder or data.folder()
    assert place is not None, "--data or VOUCH_DATA names the folder of the sets"
    rows.parent.mkdir(parents=True, exist_ok=True)
    done = {(row["set"], row["id"], row["judge"]) for row in pair.lines(rows)} if rows.exists() else set()
    turns = [
        (at, name, item) for name in only or SETS_OF for at, item in enumerate(items(name, place)[:most])
    ]  # a set's own order within its turns
    with rows.open("a", encoding="utf-8") as lines:
        for judge, say in _judges(model, reader):
            for at, name, item in sorted(turns, key=lambda turn: turn[0]):
                if (name, item.id, judge) in done:
                    continue
                row = {"set": name, "id": item.id, "language": item.language, "label": item.label, "judge": judge}
                lines.write(json.dumps(row | say(item)) + "\n")
                lines.flush()
                print(judge, at, name, flush=True)


def _judges(model: str, reader: bool) -> Iterator[tuple[str, Callable[[Pair], dict[str, Any]]]]:
    encoder = wiring.verifier()

    def floor(item: Pair) -> dict[str, Any]:
        wanted, held = set(terms(item.claim)), set(terms(" ".join(item.evidence)))
        return {"said": [len(wanted & held) / max(1, len(wanted))], "ms": 0.0}

    def small(item: Pair) -> dict[str, Any]:
        kept = evidence(item, SHOWN)
        began = perf_counter()
        found = encoder.entails([quote.text for quote in kept], item.claim)
        return {
            "said": [found.supported, found.contradicted, found.not_enough],
            "ms": _since(began),
        }

    yield "floor", floor
    yield "encoder", small
    if model:
        named = wiring.judge(replace(load(), checking=replace(load().checking, judge="model", model=model)), None)  # type: ignore[arg-type]

        def other(item: Pair) -> dict[str, Any]:
            began = perf_counter()
            verdict = named.judge(evidence(item, SHOWN), item.claim, item.language)
            return {"said": [verdict.probability], "ms": _since(began)}

        yield model, other
    if reader:
        lab = Lab(load(), Store(default_file()))

        def large(item: Pair) -> dict[str, Any]:
            kept = evidence(item, SHOWN)
            began = lab.start()
            found = lab.reader.choose(verify_prompt(kept, item.claim, item.language), ("Yes", "No"))
            seconds, _ = lab.since(began)
            return {
                "said": [found["Yes"] if found else None],
                "ms": round(1000 * seconds, 1),
                "load": os.getloadavg()[0],
            }

        yield "reader", large


def _since(began: float) -> float:
    return round(1000 * (perf_counter() - began), 1)


# --- the table ------------------------------------------------------------------------------


@app.command()
def tell(
    folder: Annotated[Path | None, typer.Option("--data", help="Folder of the sets; else VOUCH_DATA.")] = None,
    rows: Annotated[Path, typer.Option(help="What `ask` kept.")] = ROWS,
) -> None:
    """Print, for each set and judge: the figure with its interval, AUROC, ECE before and after Platt's scaling on the
    other half, ms a pair; then the cascade, and the reliability over all sets. The discount for figures and names is
    that of the rules as they are now, whenever the judges were asked."""
    place = folder or data.folder()
    assert place is not None, "--data or VOUCH_DATA names the folder of the sets"
    kept: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for row in pair.lines(rows):
        kept[row["set"]][row["id"]][row["judge"]] = row
    everything: dict[str, tuple[list[float], list[bool]]] = defaultdict(lambda: ([], []))
    for name, by_id in kept.items():
        judges = list(dict.fromkeys(judge for row in by_id.values() for judge in row))
        both = [row for row in by_id.values() if all(judge in row for judge in judges)]
        if not both:
            continue
        truth = np.array([next(iter(row.values()))["label"] == "supported" for row in both])
        print(f"\n{name} n {len(both)}, supported {int(truth.sum())}")
        known = {item.id: item for item in items(name, place)}
        asked = [known[next(iter(row.values()))["id"]] for row in both]
        left = np.array([_left(item) for item in asked])
        scores = {judge: score(judge, [row[judge] for row in both], left) for judge in judges}
        cost = {judge: float(np.mean([row[judge]["ms"] for row in both])) for judge in judges}
        for judge in judges:
            said = scores[judge]
            line = f"  {judge:28} {_figure(name, truth, crossed(truth, said))} AUROC {_auroc(truth, said)}"
            if judge != "floor":
                scaled = platt(truth, said)
                line += f" ECE {_ece(truth, said)} scaled {_ece(truth, scaled)}"
                everything[judge][0].extend(scaled.tolist())
                everything[judge][1].extend(truth.tolist())
            print(f"{line} {cost[judge]:.0f} ms")
        if "reader" in judges and "encoder" in judges:
            for share in (max(0.0, LIMIT - cost["encoder"]) / cost["reader"], 0.25, 0.5, 0.75):
                said, to_reader = cascade(truth, scores["encoder"], scores["reader"], share)
                spent = cost["encoder"] + to_reader * cost["reader"]
                print(
                    f"  {f'cascade, reader {to_reader:.0%}':28} {_figure(name, truth, crossed(truth, said))}"
                    f" AUROC {_auroc(truth, said)} {spent:.0f} ms"
                )
    for judge, (said, gold) in everything.items():
        print(f"\n{judge}, all sets, scaled: ECE {ece(said, gold)}")
        for one in reliability(said, gold):
            print(f"  said {one.probability:.2f} was {one.right:.2f} n {one.n}")


def _left(item: Pair) -> float:
    """What is left of P(supported) where a figure of the claim stands nowhere in its evidence."""
    held = " ".join(quote.text for quote in evidence(item, SHOWN))
    return FIGURE_MISSING if missing_values(item.claim, held) else 1.0


def score(judge: str, rows: Sequence[dict[str, Any]], left: Column) -> Column:
    """P(supported) as a verdict has it; .5 where there is none. `left` is what the words leave of a model's."""
    said = np.array([0.5 if row["said"][0] is None else row["said"][0] for row in rows], float)
    return said if judge == "floor" else said * left


def halves(n: int) -> Iterator[tuple[Column, Column]]:
    """(items to measure on, items to choose on), twice."""
    at = np.arange(n)
    for mine in (0, 1):
        yield at[at % 4 // 2 == mine], at[at % 4 // 2 != mine]


def crossed(truth: Column, said: Column) -> list[bool]:
    """Called supported from the threshold with the best balanced accuracy on the other half."""
    called = np.zeros(len(truth), bool)
    for mine, other in halves(len(truth)):
        cuts = np.unique(said[other])
        hits = [(said[other][truth[other]] >= cut).mean() + (said[other][~truth[other]] < cut).mean() for cut in cuts]
        called[mine] = said[mine] >= cuts[int(np.argmax(hits))]
    return [bool(one) for one in called]


def platt(truth: Column, said: Column) -> Column:
    """Said as it should have been, by a logistic regression on the log odds of the other half (Platt 1999)."""
    from training.abstention import regression

    odds = np.log(np.clip(said, 1e-3, 1 - 1e-3) / (1 - np.clip(said, 1e-3, 1 - 1e-3)))
    made = np.zeros(len(said))
    for mine, other in halves(len(truth)):
        weights, bias = regression(odds[other][:, None], truth[other].astype(float), np.ones(len(other)), ridge=0.1)
        made[mine] = 1 / (1 + np.exp(-(odds[mine] * weights[0] + bias)))
    return made


def cascade(truth: Column, small: Column, large: Column, share: float) -> tuple[Column, float]:
    """(P(supported), share asked of the reader): the encoder where it is surest, as the other half tells how sure that
    must be for `share` of the claims to go on to the reader; both scaled on the other half, so that they compare."""
    one, two = platt(truth, small), platt(truth, large)
    sure = np.abs(one - 0.5)
    asked = np.zeros(len(truth), bool)
    for mine, other in halves(len(truth)):
        asked[mine] = sure[mine] <= np.quantile(sure[other], share)
    return np.where(asked, two, one), float(asked.mean())


def _figure(name: str, truth: Column, called: Sequence[bool]) -> str:
    gold = [bool(one) for one in truth]
    figure = macro_f1(gold, called) if name == "attributionbench" else balanced_accuracy(gold, called)
    return f"{'macro F1' if name == 'attributionbench' else 'balanced'} {figure}"


def _auroc(truth: Column, said: Column) -> Figure:
    return auroc(np.clip(said, 0, 1).tolist(), [bool(one) for one in truth])


def _ece(truth: Column, said: Column) -> Figure:
    return ece(np.clip(said, 0, 1).tolist(), [bool(one) for one in truth])


if __name__ == "__main__":
    app()
