"""The evaluation sets by name: what kind of items each has and how they are loaded.

`SETS[name].load(folder)` takes the data folder (`eval.data.folder()`), or None, and raises EvalFault saying what to
do where it lacks the set's files. "own" takes a JSON-lines file instead; our own questions need no folder.
Sets that end in -dev and -test, or -half-a and -half-b, are parts of one file, the first for development, the second
for test; sets.toml says what each set is for. "fever-symmetric-test", "fm2-test", "attributionbench-id" and "-ood" read
files this repository does not pin (see `eval.data`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from eval.sets import (
    choices,
    chunking,
    closed,
    extraction,
    injection,
    nomiracl,
    own,
    pairs,
    ragchecker,
    reports,
    rgb,
    squad,
)
from eval.sets import uhgeval as uhg
from rag.config import REPOSITORY
from rag.errors import UsageFault
from rag.types import Page

Loading = Callable[[Path | None], Sequence[Any]]
Kind = Literal["question", "pair", "choice", "preference", "span", "page"]


@dataclass(frozen=True, slots=True)
class SetEntry:
    """`data` names the set in sets.toml ("" for our own). `kind`: what `load` gives a list of:

    question, pair, choice: of `eval.items`; preference: `ragchecker.Preference`; span: `chunking.SpanQuestion`;
    page: `extraction.SavedPage`.

    `pages` gives those of one index that all questions are asked over and that a run makes itself; the questions bring
    no pages and name it in the trait "index". None where questions bring pages or name a built index.
    """

    name: str
    kind: Kind
    data: str
    load: Loading
    pages: Callable[[Path | None], Sequence[Page]] | None = None


def entry(name: str) -> SetEntry:
    """Raises UsageFault for an unknown name."""
    if name not in SETS:
        raise UsageFault(f"There is no evaluation set called '{name}'. Known: {', '.join(SETS)}.")
    return SETS[name]


def _own(path: Path | None) -> Sequence[Any]:
    if path is None:
        raise UsageFault("The set 'own' is a file of JSON lines: name it.")
    return own.load(path)


def _seeds(_: Path | None) -> Sequence[Any]:
    return own.shipped(own.SEEDS, "seeds")


def _fixture(_: Path | None) -> Sequence[Any]:
    return own.shipped(own.FIXTURE, "demo")


def _two_hop(_: Path | None) -> Sequence[Any]:
    return own.shipped(own.TWO_HOP, "demo")


def _two_hop_held_out(_: Path | None) -> Sequence[Any]:
    return own.shipped(own.TWO_HOP_HELD_OUT, "demo")


def _open(_: Path | None) -> Sequence[Any]:
    return own.opened()


def _fixture_injection(_: Path | None) -> Sequence[Any]:
    return injection.fixture(REPOSITORY / "tests" / "fixtures" / "injections.jsonl")


def _part(whole: Loading, of: Callable[[Sequence[Any]], Sequence[Any]]) -> Loading:
    return lambda folder: of(whole(folder))


_NOISE = (0.0, 0.2, 0.4, 0.6, 0.8)
_ENTRIES = (
    SetEntry("nomiracl-en", "question", "nomiracl", partial(nomiracl.load, language="en")),
    SetEntry("nomiracl-zh", "question", "nomiracl", partial(nomiracl.load, language="zh")),
    *(
        SetEntry(f"rgb-{code}-noise-{share:g}", "question", "rgb", partial(rgb.noise, name=name, share=share))
        for code, name in (("zh", "zh_refine"), ("en", "en_fact"))
        for share in _NOISE
    ),
    *(
        SetEntry(f"rgb-{code}-noise-0.4-{part}", "question", "rgb", _part(partial(rgb.noise, name=name, share=0.4), of))
        for code, name in (("zh", "zh_refine"), ("en", "en_fact"))
        for part, of in (("dev", rgb.even), ("test", rgb.odd))
    ),
    SetEntry("rgb-zh-rejection", "question", "rgb", partial(rgb.noise, name="zh_refine", share=1.0)),
    SetEntry("rgb-en-rejection", "question", "rgb", partial(rgb.noise, name="en_fact", share=1.0)),
    *(
        SetEntry(f"rgb-{code}-none-dev", "question", "rgb", _part(partial(rgb.noise, name=name, share=1.0), rgb.even))
        for code, name in (("zh", "zh_refine"), ("en", "en_fact"))
    ),
    SetEntry("rgb-zh-integration", "question", "rgb", rgb.integration),
    SetEntry("rgb-zh-counterfactual", "question", "rgb", partial(rgb.counterfactual, language="zh")),
    SetEntry("rgb-en-counterfactual", "question", "rgb", partial(rgb.counterfactual, language="en")),
    SetEntry("xquad-en", "question", "xquad", partial(squad.xquad, language="en")),
    SetEntry("xquad-zh", "question", "xquad", partial(squad.xquad, language="zh")),
    SetEntry("xquad-zh-en", "question", "xquad", squad.xquad_across),
    SetEntry("cmrc", "question", "cmrc2018", squad.cmrc),
    *(
        SetEntry(f"{name}-{part}", "question", data, _part(whole, of))
        for name, data, whole in (
            ("xquad-en", "xquad", partial(squad.xquad, language="en")),
            ("xquad-zh", "xquad", partial(squad.xquad, language="zh")),
            ("cmrc", "cmrc2018", squad.cmrc),
        )
        for part, of in (
            ("dev", squad.first),
            ("test", squad.rest),
            ("none-dev", lambda found: squad.unanswered(squad.first(found))),
        )
    ),
    *(
        SetEntry(
            f"rageval-finance-{code}",
            "question",
            f"rageval_finance_{code}",
            partial(reports.rageval, language=code),
            partial(reports.rageval_pages, language=code),
        )
        for code in ("en", "zh")
    ),
    SetEntry("multifieldqa-zh", "question", "multifieldqa_zh", reports.multifieldqa_zh),
    SetEntry("simpleqa-zh", "question", "chinese_simpleqa", closed.simpleqa_zh),
    SetEntry("gsm8k", "question", "gsm8k", closed.gsm8k),
    SetEntry("bipia", "question", "bipia", injection.bipia),
    SetEntry("purplellama-en", "question", "purplellama_injection", injection.purplellama),
    SetEntry("purplellama-zh", "question", "purplellama_injection", partial(injection.purplellama, language="zh")),
    SetEntry("own", "question", "", _own),
    SetEntry("seeds", "question", "", _seeds),
    SetEntry("fixture", "question", "", _fixture),
    SetEntry("two-hop", "question", "", _two_hop),
    SetEntry("two-hop-held-out", "question", "", _two_hop_held_out),
    SetEntry("open", "question", "", _open, own.open_pages),
    SetEntry("fixture-injection", "question", "", _fixture_injection),
    SetEntry("orders", "question", "", injection.orders),
    SetEntry("orders-clean", "question", "", partial(injection.orders, clean=True)),
    SetEntry("truthfulqa-binary", "choice", "truthfulqa", choices.truthfulqa_binary),
    SetEntry("truthfulqa-mc1", "choice", "truthfulqa", partial(choices.truthfulqa_mc, form=1)),
    SetEntry("truthfulqa-mc2", "choice", "truthfulqa", partial(choices.truthfulqa_mc, form=2)),
    SetEntry("halluqa", "choice", "halluqa", choices.halluqa),
    SetEntry("attributionbench", "pair", "attributionbench", pairs.attributionbench),
    *(
        SetEntry(f"attributionbench-{part}", "pair", "attributionbench", partial(pairs.attributionbench, name=name))
        for part, name in (
            ("id", "test_all_subset_balanced_sampled500.jsonl"),
            ("ood", "test_ood_balanced.jsonl"),
        )
    ),
    SetEntry("fever-symmetric", "pair", "fever_symmetric", pairs.fever_symmetric),
    SetEntry("fever-symmetric-test", "pair", "fever_symmetric", partial(pairs.fever_symmetric, part="test")),
    SetEntry("fever-symmetric-half-a", "pair", "fever_symmetric", partial(pairs.fever_half, a=True)),
    SetEntry("fever-symmetric-half-b", "pair", "fever_symmetric", partial(pairs.fever_half, a=False)),
    SetEntry("fm2-half-a", "pair", "fool_me_twice", partial(pairs.fm2_half, a=True)),
    SetEntry("fm2-half-b", "pair", "fool_me_twice", partial(pairs.fm2_half, a=False)),
    SetEntry("fm2", "pair", "fool_me_twice", pairs.fool_me_twice),
    SetEntry("fm2-test", "pair", "fool_me_twice", partial(pairs.fool_me_twice, part="test")),
    SetEntry("uhgeval", "pair", "uhgeval", uhg.keywords),
    SetEntry("uhgeval-clauses", "pair", "uhgeval", uhg.clauses),
    SetEntry("halueval-qa", "pair", "halueval", pairs.halueval_qa),
    SetEntry("halueval-qa-balanced", "pair", "halueval", partial(pairs.halueval_qa, balanced=True)),
    SetEntry("ocnli", "pair", "ocnli", pairs.ocnli),
    SetEntry("ragchecker", "preference", "ragchecker_meta", ragchecker.load),
    SetEntry("chunking", "span", "chunking_eval", chunking.load),
    SetEntry("extraction-en", "page", "html_extraction_en", extraction.english),
    SetEntry("extraction-zh", "page", "html_extraction_zh", extraction.chinese),
)  # fmt: skip

SETS: dict[str, SetEntry] = {entry.name: entry for entry in _ENTRIES}
