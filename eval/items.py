"""What an evaluation set is made of: questions, pairs of claim and evidence, multiple choices.

Ids are stable: the data set's own, or the start of a SHA-256 of the text. Languages are ISO 639-1 ("en", "zh").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rag.types import Page

Label = Literal["supported", "contradicted", "not enough"]


@dataclass(frozen=True, slots=True)
class Question:
    """To be answered from `pages`; without pages from what the model knows, or from an index the task names.

    `answers` are groups: an answer is right where it holds one alternative of every group (`eval.grade.right`).
    `golds` are whole gold answers, for EM and F1. Both are empty where the set has no gold.
    """

    id: str
    language: str
    question: str
    answers: tuple[tuple[str, ...], ...] = ()
    golds: tuple[str, ...] = ()
    answerable: bool = True
    pages: tuple[Page, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim against its evidence: does the evidence, taken together, say so?"""

    id: str
    language: str
    claim: str
    evidence: tuple[str, ...]
    label: Label
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """Multiple choice; `right` holds the positions (from 0) of the right choices, one or more."""

    id: str
    language: str
    question: str
    choices: tuple[str, ...]
    right: tuple[int, ...]
    traits: Mapping[str, Any] = field(default_factory=dict)
