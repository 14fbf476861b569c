"""Fit the heads that tell what kind of question one is, and towards what a comparison asks (more, less, neither):
linear layers on what the small judge's layers make of the question, the second on its terms too. Needs scikit-learn.

    python -m training.kind fit --data FOLDER     # the folder `training` of the public data; see docs/models.md
    python -m training.kind told                  # how many of 200 questions of other people get their kind

They are fitted on the judge that ships: fit them again whenever it was trained again.
Questions of SQuAD 1.1 and CMRC 2018 (train) are facts, those that ask why or how explanations; HotpotQA's and MuSiQue's
(train) are chains and comparisons; QMSum's that ask for a summary, summaries. The other kinds, and all of them in
Chinese, are written from the templates of `kinds.toml` with names that exist nowhere. `kinds_written.toml` has
questions as people ask them, each of which weighs as much as WRITTEN others. Deterministic.
"""

import gzip
import io
import json
import random
import re
import tarfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
import typer
from numpy.typing import NDArray

from rag import wiring
from rag.answering.kind import HEADS, KindOf, features, heads
from rag.config import REPOSITORY, Config
from rag.models import judge_folder
from rag.text.terms import terms
from rag.types import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
SEED = 7
OF_SET = 150  # questions taken of one set for one kind
FACTS = 1500  # facts taken of one set: most questions are, and a fact that is taken apart costs ten seconds
OF_TEMPLATE = 8  # questions made of one template
WRITTEN = 8
LEAST = 12  # weight of the questions a term must stand in to count
STRENGTH = {"kind": 0.01, "direction": 3.0}  # of the data against the L2 penalty
SPREAD = {"kind": 1.0, "direction": 0.05}  # beside the terms, which are 0 or 1: a direction is a word
STEPS = 200  # of L-BFGS
FOLDS = 3
TEMPLATES = Path(__file__).with_name("kinds.toml")
QUESTIONS = Path(__file__).with_name("kinds_written.toml")
ASKED = REPOSITORY / "eval" / "questions" / "kinds.jsonl"  # by somebody who had seen none of these files
_WHY = re.compile(
    r"\b(?:why|how (?!many|much|long|old|far|often|large|big|tall|high|deep|fast|wide|soon|late|early))", re.I
)
_WHY_ZH = re.compile("为什么|为何|怎么|怎样|如何|原因")

app = typer.Typer(add_completion=False)


@app.command("fit")
def main(data: Annotated[Path, typer.Option(help="The folder of the training sets.")]) -> None:
    """Write the heads to the package and tell how many of the questions written as people ask get their label from a
    fit that has not seen them."""
    table = tomllib.loads(TEMPLATES.read_text("utf-8"))
    written = {row for head in ("kind", "direction") for row in _written(head)}
    asked: dict[str, list[tuple[str, str]]] = {
        "kind": [*_public(data), *_made(table, "templates"), *_written("kind")],
        "direction": [*_made(table, "directions"), *_written("direction")],
    }
    counted = Counter[str]()
    for row in set(asked["direction"]):
        counted.update(dict.fromkeys(terms(row[1]), WRITTEN if row in written else 1))
    known = sorted(term for term, count in counted.items() if count >= LEAST)
    judge = json.loads((judge_folder() / "judge.json").read_text("utf-8"))
    kept: dict[str, NDArray[Any]] = {"terms": np.array(known), "lora_sha256": np.array(judge["lora_sha256"])}
    for head, rows in asked.items():
        rows = sorted(set(rows))
        random.Random(SEED).shuffle(rows)
        inputs = features([text for _, text in rows], wiring.encoder().questions, known)
        inputs[:, inputs.shape[1] - len(known) :] *= head == "direction"
        labels = np.array([label for label, _ in rows])
        each = np.array([WRITTEN if row in written else 1.0 for row in rows])
        told_of = [at for at, row in enumerate(rows) if row in written]
        said = labels.copy()
        for fold in range(FOLDS):
            held = told_of[fold::FOLDS]
            kept_in = np.setdiff1d(np.arange(len(rows)), held)
            weight, bias, names = fit(inputs[kept_in], labels[kept_in], each[kept_in], head)
            said[held] = names[(inputs[held] @ weight.T + bias).argmax(1)]
        right = said == labels
        typer.echo(
            f"{head}: {len(rows)} questions; of {len(told_of)} written, unseen: {right[told_of].mean():.3f} right"
        )
        for name in names:
            chosen = [at for at in told_of if labels[at] == name]
            typer.echo(f"  {name}: {int((labels == name).sum())}, of {len(chosen)} right {right[chosen].mean():.3f}")
        weight, bias, names = fit(inputs, labels, each, head)
        kept |= {f"{head}.weight": weight.astype(np.float16), f"{head}.bias": bias.astype(np.float32)}
        kept[f"{head}.labels"] = names
    np.savez_compressed(HEADS, **kept)


@app.command()
def told(asked: Annotated[Path, typer.Argument(help="JSON lines of question, kind and language.")] = ASKED) -> None:
    """How many questions get the kind that whoever wrote them meant, by the head alone and with the reader's word."""
    encoded = wiring.encoder().questions
    with_reader = KindOf(encoded, wiring.reader(Config()))
    right: Counter[tuple[str, str]] = Counter()
    rows = [json.loads(line) for line in asked.read_text("utf-8").splitlines()]
    for row in rows:
        shares = heads().shares("kind", row["question"], encoded)
        by_head, said = max(shares, key=lambda kind: shares[kind]), with_reader(row["question"])
        right["head", row["language"]] += by_head == row["kind"]
        right["reader", row["language"]] += said == row["kind"]
        if said != row["kind"]:
            typer.echo(f"{row['kind']} > {said}: {row['question']}")
    for (by, spoken), hits in sorted(right.items()):
        of = sum(row["language"] == spoken for row in rows)
        typer.echo(f"{by}, {spoken}: {hits} of {of} right ({hits / of:.2f})")


def fit(
    inputs: NDArray[np.float32], labels: NDArray[Any], each: NDArray[np.float64], head: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[Any]]:
    """(weight (labels, size + terms), bias (labels,), the labels) of a logistic regression in which a question weighs
    `each` over the fourth root of its label's weight. What the judge makes of it is brought to the head's SPREAD."""
    from sklearn.linear_model import LogisticRegression

    size = inputs.shape[1] if head == "kind" else wiring.encoder().questions(["?"]).shape[1]
    mean, scale = inputs.mean(0), np.ones(inputs.shape[1], np.float32)
    scale[:size] = (inputs[:, :size].std(0) + 1e-6) / SPREAD[head]
    masses = {name: each[labels == name].sum() for name in set(labels.tolist())}
    shares = each / np.array([masses[name] for name in labels]) ** 0.25
    made = LogisticRegression(C=STRENGTH[head], max_iter=STEPS)
    made.fit((inputs - mean) / scale, labels, sample_weight=shares / shares.mean())
    weight = made.coef_ / scale
    return weight, made.intercept_ - weight @ mean, made.classes_


def _written(head: str) -> Iterator[tuple[str, str]]:
    """(label, question) of those that were written as people ask."""
    for by_label in tomllib.loads(QUESTIONS.read_text("utf-8"))[head].values():
        for label, questions in by_label.items():
            yield from ((label, text) for text in questions)


def _made(table: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """(label, question) from the templates called `name`, every slot filled from the lists of its language."""
    chance = random.Random(SEED)
    for language in ("en", "zh"):
        for label, templates in table[f"{name}_{language}"].items():
            for template in templates:
                for _ in range(OF_TEMPLATE):
                    yield label, _filled(template, table[f"fillers_{language}"], chance)


def _filled(template: str, fillers: dict[str, list[str]], chance: random.Random) -> str:
    return re.sub(r"\{(\w+?)\d?\}", lambda slot: chance.choice(fillers[slot.group(1)]), template)


def _public(data: Path) -> Iterator[tuple[str, str]]:
    chance = random.Random(SEED)

    def some(rows: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for kind in KINDS:
            chosen = [row for row in rows if row[0] == kind]
            yield from chance.sample(chosen, min(FACTS if kind == "fact" else OF_SET, len(chosen)))

    with gzip.open(data / "squad1_train44" / "squad1_train44.json.gz") as file:
        yield from some([("explain" if _WHY.search(text) else "fact", text) for text in _squad(json.load(file))])
    with zipfile.ZipFile(data / "cmrc2018_train" / "train-pseudo-cmrc2018.zip") as whole:
        read = json.loads(whole.read(next(name for name in whole.namelist() if name.endswith(".json"))))
        yield from some([("explain" if _WHY_ZH.search(text) else "fact", text) for text in _squad(read)])
    folder = data / "multihop_small"
    with gzip.open(folder / "hotpotqa_500_grpo_val.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    yield from some([("compare" if row["type"] == "comparison" else "chain", row["question"]) for row in rows])
    with gzip.open(folder / "musique_train_100.json.gz", "rt", encoding="utf-8") as file:
        musique = json.load(file)
    yield from (("chain", row["question"]) for row in musique)
    with tarfile.open(data / "qmsum" / "qmsum_all.tar.gz") as whole_tar:
        found = set[str]()
        for member in whole_tar.getmembers():
            if member.isfile() and member.name.endswith(".json") and "/train/" in member.name:
                held = whole_tar.extractfile(member)
                assert held is not None
                meeting = json.load(io.TextIOWrapper(held, "utf-8"))
                found |= {
                    row["query"] for row in meeting["specific_query_list"] if row["query"].startswith("Summarize")
                }
        yield from some([("summary", text) for text in sorted(found)])


def _squad(read: dict[str, object]) -> list[str]:
    articles: list[dict[str, list[dict[str, list[dict[str, str]]]]]] = read["data"]  # type: ignore[assignment]
    return [qa["question"].strip() for one in articles for part in one["paragraphs"] for qa in part["qas"]]


if __name__ == "__main__":
    app()
