"""Scales what the small judge says of a claim and quotes in two languages, of which it learned nothing.

    python -m training.crossing --data DATA      # a minute; prints the two numbers for rag/checking/encoder.py

Of XQuAD's parallel paragraphs (CC BY-SA 4.0, English and Chinese) a sentence is a claim; the same paragraph in the
other language supports it, the next one of the article does not. Scale and shift of the log odds (Platt 1999) are
fitted on all, and measured on the articles of one half by a fit on those of the other.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import typer

from eval import data
from eval.metrics.calibration import auroc
from eval.metrics.stats import balanced_accuracy
from rag import wiring
from rag.answering.answerability import odds
from rag.text.sentences import sentences
from training.answerability import Column, regression

SHARE = 0.3  # of the paragraphs; the judge takes 40 ms a pair
ROOM = {"en": (40, 240), "zh": (15, 90)}  # characters of a sentence that makes a claim


def main(
    folder: Annotated[Path | None, typer.Option("--data", help="Folder of the sets; else VOUCH_DATA.")] = None,
) -> None:
    place = folder or data.folder()
    assert place is not None, "--data or VOUCH_DATA names the folder of the sets"
    made = list(pairs(place / "xquad"))
    found = wiring.verifier().entails_all([(row["evidence"], row["claim"]) for row in made])
    said = np.array([odds(one.supported) for one in found])[:, None]
    truth = np.array([row["supported"] for row in made], float)
    article = np.array([row["article"] for row in made])
    for half in (0, 1):
        theirs = article % 2 != half
        shown = scaled(said, *fitted(said[~theirs], truth[~theirs]))
        for spoken in ROOM:
            mine = theirs & np.array([row["language"] == spoken for row in made])
            gold, p = [bool(one) for one in truth[mine]], shown[mine].tolist()
            called = [one >= 0.5 for one in p]
            typer.echo(f"half {half}, claims in {spoken}: AUROC {auroc(p, gold)}, {balanced_accuracy(gold, called)}")
    typer.echo("scale {:.2f}, shift {:.2f}".format(*fitted(said, truth)))


def pairs(folder: Path) -> Iterator[dict[str, Any]]:
    """{article, language of the claim, claim, evidence, supported}, as many supported as not."""
    draw = Random(7)
    english, chinese = (_paragraphs(folder / f"xquad.{spoken}.json") for spoken in ("en", "zh"))
    for number, both in enumerate(zip(english, chinese, strict=True)):
        for at in range(len(both[0])):
            if draw.random() > SHARE or len(both[0]) < 2:
                continue
            for (spoken, (least, most)), mine, other in zip(ROOM.items(), both, both[::-1], strict=True):
                told = [mine[at][a:b] for a, b in sentences(mine[at]) if least < b - a < most]
                if told:
                    claim = draw.choice(told)
                    for evidence, supported in ((other[at], True), (other[(at + 1) % len(other)], False)):
                        yield {
                            "article": number,
                            "language": spoken,
                            "claim": claim,
                            "evidence": evidence,
                            "supported": supported,
                        }


def fitted(said: Column, truth: Column) -> tuple[float, float]:
    weights, bias = regression(said, truth)
    return float(weights[0]), bias


def scaled(said: Column, scale: float, shift: float) -> Column:
    made: Column = 1 / (1 + np.exp(-(said[:, 0] * scale + shift)))
    return made


def _paragraphs(file: Path) -> list[list[str]]:
    read = json.loads(file.read_text("utf-8"))["data"]
    return [[paragraph["context"] for paragraph in article["paragraphs"]] for article in read]


if __name__ == "__main__":
    typer.run(main)
