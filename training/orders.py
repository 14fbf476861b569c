"""Fit the head that tells which sentences of a page give orders to whoever answers: a linear layer on the embedder's
vector of the sentence and on the terms it has.

    python -m training.orders fit --data FOLDER    # the folder `training` of the public data; see docs/models.md
    python -m training.orders kinds --data FOLDER  # how many orders of each kind it finds that it was not fitted on

Orders, and sentences that look like them, are written (`orders.toml`); ordinary sentences are those of SQuAD 1.1 and
CMRC 2018 (train), of web pages (DuReader 2.0), of meetings (QMSum) and of stories (SQuALITY), of which two in three set
the threshold and are not fitted on. Deterministic.
"""

import gzip
import io
import json
import random
import tarfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from rag import wiring
from rag.answering.kind import features
from rag.answering.orders import HEAD
from rag.config import Config
from rag.protocols import Embedder
from rag.text.sentences import sentences
from rag.text.terms import terms
from training import kind

SEED = 7
WRITTEN = 8  # a written sentence weighs as much as so many of the others
OFTEN = 3  # written sentences that a term must stand in to count
SHARE = 1 / 2000  # of ordinary sentences that may be taken for orders
LETTERS = range(8, 401)  # of a sentence
STEPS, DECAY = 7, 3e-3  # Newton's; L2; a tenth of it finds fewer orders of kinds that it was not fitted on
FITTED = 1 / 3  # of the ordinary sentences; the others set the threshold
SENTENCES = Path(__file__).with_name("orders.toml")

app = typer.Typer(add_completion=False)
Data = Annotated[Path, typer.Option(help="The folder of the training sets.")]


@dataclass(frozen=True)
class Material:
    """`kinds`: of each written sentence; `order`, `inputs`: of those and after them the ordinary ones that are fitted
    on; `held`: inputs of the others."""

    terms: list[str]
    kinds: list[str]
    order: NDArray[np.int64]
    inputs: NDArray[np.float32]
    held: NDArray[np.float32]
    dimension: int


@app.command("fit")
def main(data: Data) -> None:
    """Write the head to the package."""
    made = material(data)
    weight, least = fitted(made, np.ones(len(made.order), bool))
    np.savez_compressed(HEAD, terms=np.array(made.terms), weight=weight.astype(np.float16), least=least)
    found = made.inputs @ weight >= least
    orders = made.order == 1
    typer.echo(f"{int(orders.sum())} orders, {int((~orders).sum())} others; of them found {found[orders].sum()}, ")
    typer.echo(
        f"taken for orders {found[~orders].sum()}; of {len(made.held)} held out {(made.held @ weight >= least).sum()}"
    )


@app.command()
def kinds(data: Data) -> None:
    """Of each kind of written sentence, how many are told to be orders by a head that was fitted without that kind."""
    made = material(data)
    written = np.array(made.kinds + [""] * (len(made.order) - len(made.kinds)))
    total = Counter[int]()
    for one in sorted(set(made.kinds)):
        apart = written == one
        weight, least = fitted(made, ~apart)
        told = int((made.inputs[apart] @ weight >= least).sum())
        order = int(made.order[apart][0])
        total.update({order: told, order + 2: int(apart.sum())})
        typer.echo(f"{'order' if order else 'ordinary'} {one}: {told} of {int(apart.sum())}")
    typer.echo(f"orders found {total[1]} of {total[3]}; others taken for orders {total[0]} of {total[2]}")


def fitted(made: Material, used: NDArray[np.bool_]) -> tuple[NDArray[np.float32], float]:
    """(weight of each feature, score that at most SHARE of the held-out sentences reach), fitted on `used`."""
    each = np.where(used.nonzero()[0] < len(made.kinds), WRITTEN, 1.0)
    weight = regression(made.inputs[used], made.order[used], each, made.dimension).astype(np.float16).astype(np.float32)
    scores = np.sort(made.held @ weight)[::-1]
    return weight, float(np.nextafter(scores[int(SHARE * len(scores))], np.float32(np.inf)))


def regression(
    inputs: NDArray[np.float32], order: NDArray[np.int64], each: NDArray[np.float64], dimension: int
) -> NDArray[np.float64]:
    """(features,) of a logistic regression by Newton's steps, in which a sentence weighs `each`. The first `dimension`
    of the features are the embedder's."""
    scale = np.where(np.arange(inputs.shape[1]) < dimension, kind.SCALE, 1.0)
    known = np.hstack([(inputs - inputs.mean(0)) * scale, np.ones((len(inputs), 1))])
    weight = np.zeros(known.shape[1])
    decay = np.append(np.full(inputs.shape[1], DECAY), 1e-6) * each.sum()  # of the constant hardly any
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-np.clip(known @ weight, -30, 30)))
        slope = known.T @ (each * (said - order)) + decay * weight
        curve = (known * (each * np.maximum(said * (1 - said), 1e-4))[:, None]).T @ known + np.diag(decay)
        weight = weight - np.linalg.solve(curve, slope)
    told: NDArray[np.float64] = weight[:-1] * scale
    return told


def material(data: Path) -> Material:
    """Raises OSError where a set is not in `data`."""
    embedder = wiring.embedder(Config())
    table = tomllib.loads(SENTENCES.read_text("utf-8"))
    rows = [
        (one, int(label == "orders"), text)
        for label, by_language in table.items()
        for by_kind in by_language.values()
        for one, texts in by_kind.items()
        for text in texts
    ]
    counted = Counter(term for _, _, text in rows for term in dict.fromkeys(terms(text)))
    known = sorted(term for term, count in counted.items() if count >= OFTEN)
    plain = list(ordinary(data))
    at = int(FITTED * len(plain))
    inputs = of([text for *_, text in rows] + plain[:at], embedder, known)
    order = np.array([label for _, label, _ in rows] + [0] * at)
    held = of(plain[at:], embedder, known)
    return Material(known, [one for one, *_ in rows], order, inputs, held, embedder.dimension)


def of(texts: list[str], embedder: Embedder, known: list[str]) -> NDArray[np.float32]:
    """(texts, dimension + terms)"""
    return np.concatenate([features(texts[at : at + 256], embedder, known) for at in range(0, len(texts), 256)])


def ordinary(data: Path) -> Iterator[str]:
    """Ordinary sentences of all kinds, shuffled."""
    chance = random.Random(SEED)
    some = list[str]()
    for texts, most in (
        (_squad(data), 5000),
        (_cmrc(data), 5000),
        (_pages(data), 6000),
        (_meetings(data), 2000),
        (_stories(data), 4000),
    ):
        cut = sorted({text[start:end] for text in texts for start, end in sentences(text) if end - start in LETTERS})
        some += chance.sample(cut, min(most, len(cut)))
    chance.shuffle(some)
    yield from some


def _squad(data: Path) -> list[str]:
    with gzip.open(data / "squad1_train44" / "squad1_train44.json.gz") as file:
        return _contexts(json.load(file))


def _cmrc(data: Path) -> list[str]:
    with zipfile.ZipFile(data / "cmrc2018_train" / "train-pseudo-cmrc2018.zip") as whole:
        return _contexts(json.loads(whole.read(next(name for name in whole.namelist() if name.endswith(".json")))))


def _contexts(read: dict[str, Any]) -> list[str]:
    return [part["context"] for one in read["data"] for part in one["paragraphs"]]


def _pages(data: Path) -> Iterator[str]:
    for name in ("search.train.jsonl.gz", "search.dev.jsonl.gz"):
        for row in _rows(data / "dureader2_demo" / name):
            yield from ("\n".join(page["paragraphs"]) for page in row["documents"])


def _meetings(data: Path) -> Iterator[str]:
    with tarfile.open(data / "qmsum" / "qmsum_all.tar.gz") as whole:
        for member in whole.getmembers():
            if member.isfile() and member.name.endswith(".json") and "/train/" in member.name:
                held = whole.extractfile(member)
                assert held is not None
                yield from (
                    turn["content"] for turn in json.load(io.TextIOWrapper(held, "utf-8"))["meeting_transcripts"]
                )


def _stories(data: Path) -> Iterable[str]:
    return (row["document"] for row in _rows(data / "squality" / "squality_v1-3_train.jsonl.gz"))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


if __name__ == "__main__":
    app()
