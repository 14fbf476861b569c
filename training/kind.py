"""Fit the head that tells what kind of question one is: a linear layer on the embedder's vector of the question.

    python -m training.kind --data FOLDER     # the folder `training` of the public data; see docs/models.md

Questions of SQuAD 1.1 and CMRC 2018 (train) are facts, those that ask why or how explanations; HotpotQA's and MuSiQue's
(train) are chains and comparisons; QMSum's that ask for a summary, summaries. The other kinds, and all of them in
Chinese, are written from the templates of `kinds.toml` with names that exist nowhere. Deterministic.
"""

import gzip
import io
import json
import random
import re
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, get_args

import numpy as np
import typer
from numpy.typing import NDArray

from rag import wiring
from rag.answering.kind import HEAD
from rag.config import Config
from rag.types import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
SEED = 7
OF_SET = 450  # questions taken of one set for one kind
OF_TEMPLATE = 40  # questions made of one template
STEPS, RATE, DECAY = 1500, 0.5, 3e-5  # gradient descent on the whole, L2 by DECAY
TEMPLATES = Path(__file__).with_name("kinds.toml")
_WHY = re.compile(
    r"\b(?:why|how (?!many|much|long|old|far|often|large|big|tall|high|deep|fast|wide|soon|late|early))", re.I
)
_WHY_ZH = re.compile("为什么|为何|怎么|怎样|如何|原因")

app = typer.Typer(add_completion=False)


@app.command()
def main(data: Annotated[Path, typer.Option(help="The folder of the training sets.")]) -> None:
    """Write the head to the package and tell its accuracy on a tenth that was held out."""
    rows = sorted(set([*_public(data), *_made()]))
    random.Random(SEED).shuffle(rows)
    embedder = wiring.embedder(Config())
    vectors = np.concatenate(
        [embedder.queries([text for _, text in rows[at : at + 256]]) for at in range(0, len(rows), 256)]
    )
    labels = np.array([KINDS.index(kind) for kind, _ in rows])
    held = len(rows) // 10
    weight, bias = fit(vectors[held:], labels[held:])
    said = (vectors[:held] @ weight.T + bias).argmax(1)
    typer.echo(f"{len(rows)} questions; held out {held}: {float((said == labels[:held]).mean()):.3f} right")
    for at, kind in enumerate(KINDS):
        chosen = labels[:held] == at
        typer.echo(f"  {kind}: {int((labels == at).sum())}, held out right {float((said[chosen] == at).mean()):.3f}")
    np.savez_compressed(HEAD, weight=weight.astype(np.float32), bias=bias.astype(np.float32), kinds=np.array(KINDS))


def fit(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(weight (kinds, dimension), bias (kinds,)) of a softmax regression in which every kind weighs the same."""
    mean = vectors.mean(0)
    inputs = (vectors - mean) * 8.0  # e5's vectors lie close together; without the scale descent takes for ever
    wanted = np.eye(len(KINDS))[labels]
    counts = np.maximum(np.bincount(labels, minlength=len(KINDS)), 1)
    each = (1 / np.sqrt(counts))[labels]
    each = (each / each.sum())[:, None]
    weight, bias = np.zeros((len(KINDS), vectors.shape[1])), np.zeros(len(KINDS))
    speed_w, speed_b = np.zeros_like(weight), np.zeros_like(bias)
    for _ in range(STEPS):
        scores = inputs @ weight.T + bias
        powers = np.exp(scores - scores.max(1, keepdims=True))
        error = (powers / powers.sum(1, keepdims=True) - wanted) * each
        speed_w = 0.9 * speed_w - RATE * (error.T @ inputs + DECAY * weight)
        speed_b = 0.9 * speed_b - RATE * error.sum(0)
        weight, bias = weight + speed_w, bias + speed_b
    return weight * 8.0, bias - 8.0 * (weight @ mean)


def _made() -> Iterator[tuple[Kind, str]]:
    """Questions from the templates, every slot filled from the lists of its language."""
    table = tomllib.loads(TEMPLATES.read_text("utf-8"))
    chance = random.Random(SEED)
    for language in ("en", "zh"):
        fillers, templates = table[f"fillers_{language}"], table[f"templates_{language}"]
        for kind in KINDS:
            for template in templates[kind]:
                for _ in range(OF_TEMPLATE):
                    yield kind, _filled(template, fillers, chance)


def _filled(template: str, fillers: dict[str, list[str]], chance: random.Random) -> str:
    return re.sub(r"\{(\w+?)\d?\}", lambda slot: chance.choice(fillers[slot.group(1)]), template)


def _public(data: Path) -> Iterator[tuple[Kind, str]]:
    chance = random.Random(SEED)

    def some(rows: list[tuple[Kind, str]]) -> Iterator[tuple[Kind, str]]:
        for kind in KINDS:
            yield from (
                chance.sample(chosen, min(OF_SET, len(chosen))) if (chosen := [r for r in rows if r[0] == kind]) else ()
            )

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
