"""Best of n with the configured reader: what a learned reward chooses, beside the first draft and the best of all.

    python -m benchmarks.best_of_n draw fixture --samples 4 --out drafts.jsonl     # the reader writes; goes on
    python -m benchmarks.best_of_n choose drafts.jsonl                             # the small models choose

The votes are those of a user who compares the drafts of a question and prefers a right one to a wrong one. Each choice
is by a reward learned on nine tenths of the questions that the question is not in. Development sets only. With
demonstrations: the same `draw` with a configuration that has [learning] demonstrations = 1, into another file.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from eval.chosen import choose as chosen_of
from eval.chosen import expand
from eval.lab import Lab
from eval.metrics.stats import difference, mean, share
from eval.outcomes import Output
from eval.store import Store, default_file
from eval.tasks.questions import outcome
from rag import wiring
from rag.answering.drafting import told
from rag.answering.engine import answer
from rag.answering.samples import Best, Worth
from rag.config import Config, load
from rag.history.statistics import Figure
from rag.learning.features import Candidate, Features, normalised, probability, unmarked
from rag.learning.learn import learn
from rag.learning.votes import Vote
from rag.types import Quote

FOLDS = 10
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def draw(
    name: Annotated[str, typer.Argument(metavar="SET")],
    samples: Annotated[int, typer.Option(min=2, max=20)] = 4,
    limit: Annotated[int, typer.Option(help="Only so many questions; 0 for all.")] = 0,
    out: Annotated[Path, typer.Option()] = Path("drafts.jsonl"),
) -> None:
    """Write the drafts of each question that has an answer, the likeliest first, and which of them are right."""
    [asked] = expand(name, (), limit)
    chosen, lab = chosen_of(asked, None), Lab(load(), Store(default_file()))
    lab.index = chosen.index
    if chosen.pages:
        lab.shared[chosen.index] = chosen.pages
    lab.asked = frozenset(normalised(item.question) for item in chosen.items)
    done = {row["id"] for row in _rows(out)} if out.exists() else set()
    for item in chosen.items:
        if item.id in done or not item.answerable:
            continue
        drafts, began = dict[str, Any](), perf_counter()

        def note(
            question: str, quotes: Sequence[Quote], texts: Sequence[str], into: dict[str, Any] = drafts
        ) -> list[Worth]:
            into |= {"evidence": list(map(told, quotes)), "drafts": list(texts)}
            return [Worth(0.0, None)] * len(texts)

        with lab.over(item.pages) as parts:
            for _ in answer(
                item.question,
                replace(parts, limits=replace(parts.limits, samples=samples), best=Best(note, 1), gate=None),
            ):
                pass
        if drafts:
            right = [bool(outcome(item, Output(item.id, text=text)).right) for text in drafts["drafts"]]
            row = {"set": name, "id": item.id, "question": item.question, **drafts, "right": right}
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({**row, "seconds": perf_counter() - began}, ensure_ascii=False) + "\n")
    lab.close()


@app.command()
def choose(file: Path) -> None:
    """Tell how often the draft is right that each way of choosing takes."""
    rows, config = _rows(file), Config()
    reckon = Features(wiring.embedder(config), wiring.verifier())
    candidates = [
        [Candidate(row["question"], unmarked(text), tuple(row["evidence"])) for text in row["drafts"]] for row in rows
    ]
    known = [reckon(each) for each in candidates]
    votes = [_votes(row, each) for row, each in zip(rows, candidates, strict=True)]
    first, supported, rewarded, both, best = (list[bool]() for _ in range(5))
    for at, (row, found) in enumerate(zip(rows, known, strict=True)):
        seen = [vote for other, of in enumerate(votes) if other % FOLDS != at % FOLDS for vote in of]
        rewards = _learned(seen, reckon, at % FOLDS).rewards(found)
        sure = [probability(one.get("weakest", 0.0)) for one in found]
        right = row["right"]
        first.append(right[0])
        supported.append(right[_largest(sure)])
        rewarded.append(right[_largest(rewards)])
        both.append(right[_largest([(p >= 0.5, reward) for p, reward in zip(sure, rewards, strict=True)])])
        best.append(any(right))
    print(f"{len(rows)} questions, {sum(map(len, votes))} votes; {shown(mean(row['seconds'] for row in rows))} s each")
    ways = {"the first draft": first, "the best supported": supported, "the best by reward": rewarded}
    for way, taken in {**ways, "by reward and verifier": both, "any": best}.items():
        print(f"{way}: right {shown(share(taken))}; over the first {shown(difference(taken, first))}")


_KNOWN: dict[int, Any] = {}


def _learned(votes: Sequence[Vote], reckon: Features, fold: int) -> Any:
    """Of a fold, once."""
    if fold not in _KNOWN:
        _KNOWN[fold] = learn(votes, reckon).reward
    return _KNOWN[fold]


def _votes(row: dict[str, Any], candidates: Sequence[Candidate]) -> list[Vote]:
    sides = list(zip(candidates, row["right"], range(len(candidates)), strict=True))
    pairs = product([one for one in sides if one[1]], [one for one in sides if not one[1]])
    return [Vote(f"{row['id']}:{good[2]}>{bad[2]}", good[0], bad[0], 1.0, "comparison") for good, bad in pairs]


def _largest(values: Sequence[Any]) -> int:
    return max(range(len(values)), key=lambda at: values[at])


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def shown(figure: Figure) -> str:
    return "–" if figure.value is None else f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


if __name__ == "__main__":
    app()
