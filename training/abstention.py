"""Fits P(the answer is right) and the risk it buys: rag/checking/answerable.json.

    python -m training.abstention collect --data DATA      # signals, a second a question, resumable; --asked: 6 to 12
    python -m training.abstention fit                      # seconds; writes the JSON
    python -m training.abstention measure                  # balanced accuracy where nothing was fitted

The labelled questions are NoMIRACL's, English and Chinese, ten passages of one topic each (Apache-2.0), which say only
whether the passages answer; XQuAD's (CC BY-SA 4.0), English and Chinese over pages in either language, half of them
without the page that answers, whose drafts are held against the gold; and our own `seeds`, on which the loop was
developed. The fixed split: a question of NoMIRACL is for fitting where SHA-256 of "SET:ID" begins with 0 to 7 *and* the
evaluation lists (eval/lists), which every published figure is measured on, do not name it, one of XQuAD where none of
its lists does; all others are only measured on, and so is `fixture`. Needs the indexes "seeds" and "demo".
"""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from eval import data, lists
from eval.grade import right
from eval.items import Question
from eval.lab import Lab
from eval.metrics.calibration import auroc, ece, ece_by_chance, reliability
from eval.metrics.stats import Figure, balanced_accuracy
from eval.sets import SETS, own, squad
from eval.store import Store, default_file
from rag import wiring
from rag.checking.answerable import FITTED, Fit, Kind, signals
from rag.checking.claims import unmarked
from rag.config import REPOSITORY, load
from rag.reading import compose, prompts
from rag.reading.browser import Browser
from rag.reading.passages import choose
from rag.research import carry_out
from rag.types import Keep, Open, Search, sha256
from training.pair import lines

SETS_OF = {  # and their built index
    "nomiracl-en": "",
    "nomiracl-zh": "",
    "xquad-en": "",
    "xquad-zh": "",
    "xquad-zh-en": "",
    "xquad-en-zh": "",
    "seeds": "seeds",
    "fixture": "demo",
}
LISTED = ("xquad-en", "xquad-zh", "xquad-zh-en")  # the same questions lie in all of them
MOST = {"nomiracl-en": 110, "nomiracl-zh": 110, "xquad-en": 50, "xquad-zh": 50, "xquad-zh-en": 16, "xquad-en-zh": 16}
ROWS = REPOSITORY / "build" / "abstention.jsonl"
NAMES: dict[Kind, tuple[str, ...]] = {
    "whole": ("stated", "cosine", "ahead", "asked", "zh"),
    "judge": ("stated", "asked", "zh"),
}
WORDS = ("sufficient", "fits")  # of the reader
FOLDS, RIDGE = 10, 0.5
ASKED = 40  # questions the reader must have been asked about for its word to be weighed
Column = NDArray[np.float64]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def fits(name: str, id_: str) -> bool:
    """Whether the question `id_` of the set `name` is for fitting."""
    if name.startswith("xquad"):
        return not any(id_ in lists.read(one)[0] for one in LISTED)
    if not name.startswith("nomiracl"):
        return name == "seeds"
    return id_ not in lists.read(name)[0] and sha256(f"{name}:{id_}")[0] in "01234567"


@app.command()
def collect(
    folder: Annotated[Path | None, typer.Option("--data", help="Folder of the sets; else VOUCH_DATA.")] = None,
    asked: Annotated[int, typer.Option(help="Of the first of either, about how many the reader is asked.")] = 0,
    held: Annotated[int, typer.Option(help="Questions a set for measuring: the first of its list.")] = 80,
    rows: Annotated[Path, typer.Option(help="Where the signals are kept, a line each.")] = ROWS,
) -> None:
    """Search, keep quotes, write a draft and weigh it as the loop does at its first search."""
    place = folder or data.folder()
    rows.parent.mkdir(parents=True, exist_ok=True)
    done = {(row["set"], row["id"]) for row in lines(rows)} if rows.exists() else set()
    lab = Lab(load(), Store(default_file()))
    turns: list[tuple[int, str, Question]] = []
    for name in SETS_OF:
        items = loaded(name, place)
        mine = [item for item in lists.order(items) if fits(name, item.id)][: MOST.get(name)]
        if name.startswith("xquad"):
            mine = [without_its_page(item) if at % 2 else item for at, item in enumerate(mine)]
        theirs = [] if name.startswith("xquad") or not held else lists.select(name, items, held)
        for part in (mine, theirs):
            turns += [(at, name, item) for at, item in enumerate(part)]
    with rows.open("a", encoding="utf-8") as kept:
        for number, (at, name, item) in enumerate(sorted(turns, key=lambda turn: turn[0]), start=1):
            if (name, item.id) in done:
                continue
            began = perf_counter()
            kept.write(json.dumps(_weighed(name, item, lab, at < asked), ensure_ascii=False) + "\n")
            kept.flush()
            typer.echo(f"{number}/{len(turns)} {name} {item.id} {perf_counter() - began:.1f} s")
    lab.close()


def loaded(name: str, place: Path | None) -> Sequence[Question]:
    if name == "xquad-en-zh":
        return squad.xquad_across(place, "en", "zh")
    return SETS[name].load(place if SETS[name].data else None)


def without_its_page(item: Question) -> Question:
    """The question over pages of its article that do not answer it."""
    pages = tuple(page for page in item.pages if page.uri not in item.traits["gold"])
    return replace(item, pages=pages, answerable=False, answers=(), golds=())


def _weighed(name: str, item: Question, lab: Lab, ask: bool) -> dict[str, Any]:
    lab.index = SETS_OF[name]
    with lab.over(item.pages) as parts:
        browser = Browser(item.question)
        carry_out(Search(item.question), browser, parts)
        for passage in choose(
            item.question, browser.hits, lab.embedder, parts.limits.quotes, parts.limits.quote_characters
        ):
            carry_out(Open(passage.rank), browser, parts)
            browser.position = passage.start
            carry_out(Keep(passage.text), browser, parts)
        quotes, spoken = tuple(browser.quotes), item.language
        ask = ask and bool(quotes)
        said = "".join(compose.write(item.question, spoken, quotes, lab.reader)) if ask else ""
        return {
            "set": name,
            "id": item.id,
            "for": "fit" if fits(name, item.id) else "measure",
            "question": item.question,
            "answerable": item.answerable,
            "right": right(said, item.answers) if ask and item.answers else None,
            "said": said,
            "quotes": [quote.text for quote in quotes],
            "cosines": [hit.cosine for hit in browser.hits],
            "stated": wiring.encoder().answers([quote.text for quote in quotes], item.question),
            "sufficient": compose.sufficient(item.question, spoken, quotes, lab.reader) if ask else None,
            "fits": compose.fits(item.question, spoken, quotes, unmarked(said), lab.reader) if ask else None,
        }


@app.command()
def fit(
    folder: Annotated[Path | None, typer.Option("--data", help="Folder of the sets; else VOUCH_DATA.")] = None,
    rows: Annotated[Path, typer.Option(help="What `collect` kept.")] = ROWS,
    out: Annotated[Path, typer.Option(help="The JSON.")] = FITTED,
) -> None:
    """Fit each regression, judge each question by a fit without it, and keep coefficients, curve and data.

    In two steps, since the reader's words are dear and fewer questions have them: the other signals are weighed against
    one another on all questions, then their sum and the language against the reader's words on those it was asked
    about. Where it was asked about fewer than ASKED, they are left out: `[checking] sufficient` still heeds it.
    """
    known = [row for row in lines(rows) if row["for"] == "fit"]
    told = [row for row in known if _asked(row)]
    made: dict[str, Any] = {
        "fitted": datetime.now(UTC).date().isoformat(),
        "n": {name: sum(row["set"] == name for row in known) for name in SETS_OF},
        "n_asked": {name: sum(row["set"] == name for row in told) for name in SETS_OF},
        "reader": load().reader.model,
        "prompts_sha256": prompts.fingerprint(),
        "data": _files(folder or data.folder()),
        "split": 'for fitting: eval/lists does not name it, and of NoMIRACL SHA-256 of "SET:ID" begins with 0 to 7',
    }
    for kind, names in NAMES.items():
        made[kind] = both_steps(known, names) if len(told) >= ASKED else one_step(known, names)
        typer.echo(f"{kind} {made[kind]['weights']} {made[kind]['auroc']}")
    # a row of numbers is a line
    text = re.sub(r"\[\s+([-\d.,\s]+?)\s+\]", lambda row: f"[{', '.join(row[1].split())}]", json.dumps(made, indent=1))
    out.write_text(text.replace(",,", ",") + "\n", "utf-8")


def one_step(known: Sequence[dict[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """A fit over the signals `names`."""
    truth, counted = _truth(known)
    columns = np.array([[_signals(row)[name] for name in names] for row in known])
    means, deviations = columns.mean(0), _spread(columns)
    scaled = (columns - means) / deviations
    weights, bias = regression(scaled, truth, counted)
    return _sheet(names, means, deviations, weights, bias, crossed(scaled, truth, counted), truth, counted)


def both_steps(known: Sequence[dict[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """A fit over the signals `names` and the reader's words."""
    truth, counted = _truth(known)
    columns = np.array([[_signals(row)[name] for name in names] for row in known])
    asked = np.array([_asked(row) for row in known])
    told = [row for row in known if _asked(row)]
    said = np.array([[_signals(row)[name] for name in WORDS] for row in told])
    zh = names.index("zh")  # the reader is surer of its words in one language than in the other
    means, deviations = np.append(columns.mean(0), said.mean(0)), np.append(_spread(columns), _spread(said))
    scaled = (columns - means[: len(names)]) / deviations[: len(names)]
    others, slant = regression(scaled, truth, counted)
    apart = crossed(scaled, truth, counted)[asked]
    words = (said - means[len(names) :]) / deviations[len(names) :]
    both = np.column_stack([np.log(apart / (1 - apart)), words, scaled[asked, zh]])
    truth, counted = _truth(told)
    shares, bias = regression(both, truth, counted)
    weights = np.append(others * shares[0], shares[1:-1])
    weights[zh] += shares[-1]
    return _sheet(
        [*names, *WORDS],
        means,
        deviations,
        weights,
        bias + slant * float(shares[0]),
        crossed(both, truth, counted),
        truth,
        counted,
    )


def _truth(rows: Sequence[dict[str, Any]]) -> tuple[Column, Column]:
    """(1 where right, how much each row counts): within a set both labels weigh alike, so that P is at even odds and no
    signal gains by telling the sets apart."""
    truth = np.array([_right(row) for row in rows], float)
    cells = [(row["set"], _right(row)) for row in rows]
    sizes, sets = Counter(cells), Counter(name for name, _ in cells)
    return truth, np.array([sets[name] / 2 / sizes[name, label] for name, label in cells])


def _right(row: dict[str, Any]) -> bool:
    """Whether the draft is right; where there is no gold answer or no draft, whether the pages answer the question."""
    return bool(row["answerable"] if row["right"] is None else row["right"])


def _asked(row: dict[str, Any]) -> bool:
    return all(row[name] is not None for name in WORDS)


def _spread(columns: Column) -> Column:
    found = columns.std(0)
    return np.where(found > 0, found, 1.0)


def _sheet(
    names: Sequence[str],
    means: Column,
    deviations: Column,
    weights: Column,
    bias: float,
    said: Column,
    truth: Column,
    counted: Column,
) -> dict[str, Any]:
    """What is kept of a fit; `said` is P of each question by a fit without it."""
    return {
        "means": _named(names, means),
        "deviations": _named(names, deviations),
        "weights": _named(names, weights),
        "bias": round(float(bias), 5),
        "auroc": _plain(auroc(said.tolist(), [bool(one) for one in truth])),
        "curve": curve(said, truth, counted),
    }


@app.command()
def measure(rows: Annotated[Path, typer.Option(help="What `collect` kept.")] = ROWS) -> None:
    """Each language apart, on the questions that were not for fitting: AUROC, ECE, and every risk's own outcome; first
    on those the reader was asked about, as a run asks it, then on all."""
    from rag.checking.answerable import RISKS, fitted

    for kind in NAMES:
        read: Fit = fitted(kind)
        held = [row for row in lines(rows) if row["for"] == "measure" and _asked(row)]
        _measured(f"{kind}, every set, asked", read, held, RISKS)
        for name in SETS_OF:
            mine = [row for row in lines(rows) if row["set"] == name and row["for"] == "measure"]
            for who, told in (("asked", [row for row in mine if _asked(row)]), ("all", mine)):
                if told:
                    _measured(f"{kind} {name} {who}", read, told, RISKS)


def _measured(title: str, read: Fit, rows: Sequence[dict[str, Any]], risks: Sequence[float]) -> None:
    gold = [_right(row) for row in rows]
    said = [read.probability(_signals(row)) for row in rows]
    typer.echo(f"{title}: AUROC {auroc(said, gold)} ECE {ece(said, gold)}, {ece_by_chance(said):.3f} if P were right")
    for one in reliability(said, gold, 5):
        typer.echo(f"  said {one.probability:.2f}, were right {one.right:.2f} (n={one.n})")
    for risk in risks:
        level = read.level(risk)
        taken = [one >= level.threshold for one in said]
        wrong = sum(t and not g for t, g in zip(taken, gold, strict=True))
        typer.echo(
            f"  risk {risk:.2f} threshold {level.threshold:.3f} coverage {level.coverage:.2f}; here answered"
            f" {sum(taken)}, wrongly {wrong}; balanced accuracy {balanced_accuracy(gold, taken)}"
        )


def regression(columns: Column, truth: Column, counted: Column, ridge: float = RIDGE) -> tuple[Column, float]:
    """(weights, bias) of a logistic regression by Newton's steps; `ridge` pulls the weights, not the bias, to 0."""
    rows = np.hstack([columns, np.ones((len(columns), 1))])
    pull = np.diag([ridge] * columns.shape[1] + [0.0])
    found = np.zeros(rows.shape[1])
    for _ in range(50):
        said = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (counted * (truth - said)) - pull @ found
        bend = (rows * (counted * said * (1 - said))[:, None]).T @ rows + pull + 1e-9 * np.eye(len(found))
        step = np.linalg.solve(bend, slope)
        found = found + step
        if np.abs(step).max() < 1e-8:
            break
    return found[:-1], float(found[-1])


def crossed(columns: Column, truth: Column, counted: Column) -> Column:
    """P of each question by a fit on the other folds."""
    fold = np.arange(len(truth)) % FOLDS
    said = np.zeros(len(truth))
    for mine in range(FOLDS):
        weights, bias = regression(columns[fold != mine], truth[fold != mine], counted[fold != mine])
        said[fold == mine] = 1 / (1 + np.exp(-(columns[fold == mine] @ weights + bias)))
    return said


def curve(said: Column, truth: Column, counted: Column) -> list[tuple[float, float, float, float]]:
    """(threshold, coverage, risk, share wrong of what is answered) from the surest down; risk is of all questions. Of
    points of equal risk, to a hundredth begun, the one that answers most."""
    order = np.argsort(-said, kind="stable")
    wrong, answered = np.cumsum((counted * (1 - truth))[order]), np.cumsum(counted[order])
    last: dict[int, tuple[float, float, float, float]] = {}
    for at in range(len(order)):
        threshold = float(said[order[at]]) if at + 1 < len(order) else 0.0
        risk, coverage = float(wrong[at]) / len(order), float(answered[at]) / len(order)
        last[math.ceil(100 * risk - 1e-9)] = (
            round(threshold, 4),
            round(coverage, 4),
            round(risk, 4),
            round(risk / coverage, 4),
        )
    return list(last.values())


def _signals(row: dict[str, Any]) -> dict[str, float]:
    return signals(row["question"], [row["cosines"]], row["stated"], row["sufficient"], row["fits"])


def _files(folder: Path | None) -> list[dict[str, str]]:
    assert folder is not None, "--data or VOUCH_DATA names the folder of the sets"
    found = [
        (f"nomiracl/{path.name}", path, "Apache-2.0, text CC BY-SA 3.0")
        for path in sorted((folder / "nomiracl").glob("[ez][nh].*relevant.jsonl"))
    ]
    found += [
        (f"xquad/{path.name}", path, "CC BY-SA 4.0")
        for path in (folder / "xquad" / f"xquad.{spoken}.json" for spoken in ("en", "zh"))
    ]
    found.append(("eval/questions/seeds.jsonl", own.SEEDS, "Apache-2.0 (ours)"))
    return [
        {"file": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "licence": licence}
        for name, path, licence in found
    ]


def _named(names: Sequence[str], values: Column) -> dict[str, float]:
    return {name: round(float(value), 5) for name, value in zip(names, values, strict=True)}


def _plain(figure: Figure) -> dict[str, float | int | None]:
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}


if __name__ == "__main__":
    app()
