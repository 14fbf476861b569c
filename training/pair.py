"""A pair to train on, and how the files of the sets are read."""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.text.sentences import sentences

SUPPORTED, CONTRADICTED, NOT_ENOUGH = 0, 1, 2
LONGEST_EN, LONGEST_ZH = 700, 260  # characters of evidence


@dataclass(frozen=True, slots=True)
class Pair:
    """`left` is a claim (task entails) or a question (task answers), `right` the evidence or passage.

    Labels: 0 supported, 1 contradicted, 2 not enough; of answers: 1 the passage states the answer, 0 it does not.
    `group` is what must not lie on both sides of a split. `span` is where in `right` the answer stands, in characters.
    """

    task: str
    left: str
    right: str
    label: int
    source: str
    group: str
    span: tuple[int, int] | None = None


def share(text: str) -> float:
    """A number in [0, 1) by hash, the same on every machine."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 16**8


def lines(path: Path) -> list[dict[str, Any]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in raw.decode().splitlines() if line.strip()]


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def plain_fever(text: str) -> str:
    """FEVER's tokens as people write them."""
    for token, sign in (
        ("-LRB-", "("),
        ("-RRB-", ")"),
        ("-LSB-", "["),
        ("-RSB-", "]"),
        ("``", '"'),
        ("''", '"'),
        ("--", "–"),
    ):
        text = text.replace(token, sign)
    text = re.sub(r" ([.,;:!?%)\]]|'s\b|n't\b)", r"\1", text)
    return re.sub(r"([(\[]) ", r"\1", text).strip()
