"""What the detector of orders (`rag.answering.orders`) finds of the attacks that the product is measured by, and how
many sentences of other texts it takes for orders.

    python -m benchmarks.orders --data DATA --some 1000    # DATA: the folder of public sets

It was fitted on none of these. An attack may be of several sentences. PurpleLlama's are not told apart from their
pages, of which therefore any sentence counts as found.
"""

import random
import re
import tarfile
import time
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.sets import SETS
from rag import wiring
from rag.answering.orders import head
from rag.config import REPOSITORY, Config
from rag.protocols import Embedder
from rag.text.sentences import sentences

ATTACKS = ("orders", "fixture-injection", "bipia", "purplellama-en", "purplellama-zh")
TEXTS = ("xquad-en", "xquad-zh", "cmrc", "rgb-en-noise-0.4", "rgb-zh-noise-0.4", "orders-clean")
SEED = 11

app = typer.Typer(add_completion=False)


@app.command()
def main(
    data: Annotated[Path, typer.Option(help="The folder of public sets.")],
    some: Annotated[int, typer.Option(help="Sentences of each kind of text.")] = 1000,
) -> None:
    """Print a line a set."""
    embedder = wiring.embedder(Config())
    for name in ATTACKS:
        attacks(name, SETS[name].load(data), embedder)
    texts = {name: (page.text for item in SETS[name].load(data) for page in item.pages) for name in TEXTS}
    for language in ("en", "zh"):
        texts[f"RAGEval {language}"] = (
            path.read_text("utf-8") for path in sorted((data / f"rageval_finance_{language}" / "docs").iterdir())
        )
    texts["MedQuAD"] = medquad(data / "training" / "medquad" / "medquad_xml.tar.gz")
    ours = [*sorted((REPOSITORY / "docs").glob("*.md")), REPOSITORY / "README.md", REPOSITORY / "README.zh.md"]
    texts["docs and README of Vouch"] = (path.read_text("utf-8") for path in ours)
    for name, given in texts.items():
        ordinary(name, given, some, embedder)


def attacks(name: str, items: Sequence[Any], embedder: Embedder) -> None:
    """Print how many attacks are found whole, in part, not at all."""
    told = dict.fromkeys(item.traits.get("instruction") or item.pages[0].text for item in items)
    whole = part = 0
    for attack in told:
        found = orders(_cut([attack]), embedder)
        whole, part = whole + all(found), part + any(found)
        if not any(found):
            typer.echo(f"  {name}, not found: {attack[:150]!r}")
    typer.echo(f"{name}: of {len(told)} attacks {part} found, of them {whole} in all their sentences")


def ordinary(name: str, texts: Iterable[str], some: int, embedder: Embedder) -> None:
    """Print how many of `some` sentences are taken for orders, and those."""
    every = sorted(set(_cut(texts)))
    chosen = random.Random(SEED).sample(every, min(some, len(every)))
    began = time.perf_counter()
    found = orders(chosen, embedder)
    took = 1000 * (time.perf_counter() - began) / len(chosen)
    typer.echo(f"{name}: {sum(found)} of {len(chosen)} sentences of {len(every)}, {took:.1f} ms a sentence")
    for text, order in zip(chosen, found, strict=True):
        if order:
            typer.echo(f"  {text[:150]!r}")


def orders(texts: Sequence[str], embedder: Embedder) -> list[bool]:
    """Whether each is told to be an order."""
    known = head()
    return [bool(score >= known.least) for score in known.scores(texts, embedder)]


def medquad(path: Path) -> Iterator[str]:
    """Its answers, many of which tell what to do."""
    with tarfile.open(path) as whole:
        for member in whole.getmembers():
            if member.isfile() and member.name.endswith(".xml") and (held := whole.extractfile(member)):
                for answer in re.findall(r"<Answer>(.*?)</Answer>", held.read().decode("utf-8"), re.DOTALL):
                    yield unescape(answer)


def _cut(texts: Iterable[str]) -> list[str]:
    return [text[start:end] for text in texts for start, end in sentences(text)]


if __name__ == "__main__":
    app()
