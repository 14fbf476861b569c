"""Fit the heads that tell what kind of question one is, and towards what a comparison asks (more, less, neither):
linear layers on the embedder's vector of the question and on the terms it has.

    python -m training.kind fit --data FOLDER     # the folder `training` of the public data; see docs/models.md
    python -m training.kind told                  # how many of 200 questions of other people get their kind

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
from rag.text.terms import terms
from rag.types import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
SEED = 7
OF_SET = 450  # questions taken of one set for one kind
FACTS = 1500  # facts taken of one set: most questions are, and a fact that is taken apart costs ten seconds
OF_TEMPLATE = 25  # questions made of one template
LEAST = 12  # weight of the questions a term must stand in to count
WRITTEN = 8
SCALE = 8.0  # e5's vectors lie close together; without it descent takes for ever
STEPS, RATE, DECAY = 1500, 0.5, 3e-5  # gradient descent on the whole, L2 by DECAY
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
    """Write the heads to the package and tell their accuracy on a tenth that was held out."""
    embedder = wiring.embedder(Config())
    table = tomllib.loads(TEMPLATES.read_text("utf-8"))
    written = {row for head in ("kind", "direction") for row in _written(head)}
    asked: dict[str, list[tuple[str, str]]] = {
        "kind": [*_public(data), *_made(table, "templates"), *_written("kind")],
        "direction": [*_made(table, "directions"), *_written("direction")],
    }
    counted = Counter[str]()
    for row in {row for rows in asked.values() for row in rows}:
        counted.update(dict.fromkeys(terms(row[1]), WRITTEN if row in written else 1))
    known = sorted(term for term, count in counted.items() if count >= LEAST)
    kept: dict[str, NDArray[Any]] = {"terms": np.array(known)}
    for head, rows in asked.items():
        rows = sorted(set(rows))
        random.Random(SEED).shuffle(rows)
        inputs = np.concatenate(
            [features([text for _, text in rows[at : at + 256]], embedder, known) for at in range(0, len(rows), 256)]
        )
        names = sorted({label for label, _ in rows})
        labels = np.array([names.index(label) for label, _ in rows])
        each = np.array([WRITTEN if row in written else 1.0 for row in rows])
        held = len(rows) // 10
        weight, bias = fit(inputs[held:], labels[held:], each[held:], len(names), embedder.dimension)
        said = (inputs[:held] @ weight.T + bias).argmax(1)
        typer.echo(f"{head}: {len(rows)} questions; held out {held}: {float((said == labels[:held]).mean()):.3f} right")
        for at, name in enumerate(names):
            chosen = labels[:held] == at
            right = float((said[chosen] == at).mean())
            typer.echo(f"  {name}: {int((labels == at).sum())}, held out right {right:.3f}")
        kept |= {f"{head}.weight": weight.astype(np.float16), f"{head}.bias": bias.astype(np.float32)}
        kept[f"{head}.labels"] = np.array(names)
    np.savez_compressed(HEADS, **kept)


@app.command()
def told(asked: Annotated[Path, typer.Argument(help="JSON lines of question, kind and language.")] = ASKED) -> None:
    """How many questions get the kind that whoever wrote them meant, by the head alone and with the reader's word."""
    config = Config()
    embedder, reader = wiring.embedder(config), wiring.reader(config)
    with_reader = KindOf(embedder, reader)
    right: Counter[tuple[str, str]] = Counter()
    rows = [json.loads(line) for line in asked.read_text("utf-8").splitlines()]
    for row in rows:
        shares = heads().shares("kind", row["question"], embedder)
        by_head, said = max(shares, key=lambda kind: shares[kind]), with_reader(row["question"])
        right["head", row["language"]] += by_head == row["kind"]
        right["reader", row["language"]] += said == row["kind"]
        if said != row["kind"]:
            typer.echo(f"{row['kind']} > {said}: {row['question']}")
    for (by, spoken), hits in sorted(right.items()):
        of = sum(row["language"] == spoken for row in rows)
        typer.echo(f"{by}, {spoken}: {hits} of {of} right ({hits / of:.2f})")


def fit(
    vectors: NDArray[np.float32], labels: NDArray[np.int64], each: NDArray[np.float64], kinds: int, dimension: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(weight (kinds, features), bias (kinds,)) of a softmax regression in which a question weighs `each` over the root
    of its kind's. The first `dimension` of the features are the embedder's."""
    mean = vectors.mean(0)
    scale = np.where(np.arange(vectors.shape[1]) < dimension, SCALE, 1.0)
    inputs = (vectors - mean) * scale
    wanted = np.eye(kinds)[labels]
    masses = np.maximum(np.bincount(labels, each, kinds), 1)
    shares = each / np.sqrt(masses[labels])
    shares = (shares / shares.sum())[:, None]
    weight, bias = np.zeros((kinds, vectors.shape[1])), np.zeros(kinds)
    speed_w, speed_b = np.zeros_like(weight), np.zeros_like(bias)
    for _ in range(STEPS):
        scores = inputs @ weight.T + bias
        powers = np.exp(scores - scores.max(1, keepdims=True))
        error = (powers / powers.sum(1, keepdims=True) - wanted) * shares
        speed_w = 0.9 * speed_w - RATE * (error.T @ inputs + DECAY * weight)
        speed_b = 0.9 * speed_b - RATE * error.sum(0)
        weight, bias = weight + speed_w, bias + speed_b
    return weight * scale, bias - (weight * scale) @ mean


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
