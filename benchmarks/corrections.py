"""A simulated user corrects wrong answers over the demo: are other questions then answered better, or worse?

    python -m benchmarks.corrections choose     # a few minutes of the small models; no language model
    python -m benchmarks.corrections find       # a minute

Answers are extractive: the sentence that the small judge finds likeliest. Of each of the forty questions of the
fixture that have an answer, the six likeliest sentences are its candidates. The user corrects wrong ones, at most 200,
with the sentence that the fixture names as evidence. In five folds by question a reward is learned from the corrections
of four, and chooses among the candidates of the fifth (`choose`). And with the corrections of all other questions in
the index as sources, as `correct` puts them there, the evidence of each is looked for again (`find`).
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import typer

from eval.grade import right
from eval.metrics.stats import difference, share
from eval.sets.own import CORPUS, FIXTURE
from rag import wiring
from rag.answering.adding import add
from rag.answering.corrections import correct
from rag.answering.ranking import about_first, rank
from rag.config import Config
from rag.errors import ModelFault
from rag.history.statistics import Figure
from rag.index.index import Index
from rag.learning.features import Candidate, Features
from rag.learning.learn import learn
from rag.learning.votes import Vote
from rag.text.sentences import sentences

FOLDS, CANDIDATES, PASSAGES, CORRECTIONS = 5, 6, 1, 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its answers (groups of alternatives), what the user says is right, and the candidates, likeliest
    first."""

    id: str
    question: str
    answers: Sequence[Sequence[str]]
    correction: str
    evidence: tuple[str, ...]
    candidates: tuple[str, ...]

    def right(self, text: str) -> bool:
        return right(text, self.answers)


@dataclass
class Remembered:
    """Features, each candidate's reckoned once."""

    features: Features
    known: dict[Candidate, dict[str, float]]

    @property
    def made_by(self) -> tuple[str, str]:
        return self.features.made_by

    def __call__(self, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
        new = [one for one in dict.fromkeys(candidates) if one not in self.known]
        self.known |= zip(new, self.features(new), strict=True) if new else ()
        return [self.known[one] for one in candidates]


app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def choose() -> None:
    """Learn from corrections, and choose among the sentences that could answer other questions."""
    with demo() as (index, _):
        asked = [ask(row, index) for row in rows()]
        told(asked, Remembered(Features(index.embedder, wiring.verifier()), {}))


@app.command()
def find() -> None:
    """Whether a passage of the first three holds the answer, without corrections of other questions and with them."""
    with demo() as (index, config):

        def finds(row: dict[str, Any]) -> bool:
            others = [hit for hit in index.search(row["question"], 4) if not hit.chunk.uri.endswith(f"-{row['id']}.md")]
            return any(right(hit.chunk.text, row["answers"]) for hit in others[:3])

        before = [finds(row) for row in rows()]
        for row in rows():
            said = " ".join(row["evidence"])
            list(correct(row["id"], row["question"], said, config.built / "uploads", index, config))
        index.flush()
        now = [finds(row) for row in rows()]
    print(f"answer among the first three passages: {shown(share(before))}; with corrections: {shown(share(now))}")


@contextmanager
def demo() -> Iterator[tuple[Index, Config]]:
    """The demo's pages in an index of their own. Raises ModelFault where one of them cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        config = replace(Config(), indexes=folder)
        with wiring.index(config, "demo", wiring.embedder(config), create=True) as index:
            for outcome in add([str(CORPUS)], index, config):
                if outcome.error:
                    raise ModelFault(outcome.error)
            yield index, config


def rows() -> list[dict[str, Any]]:
    """The questions of the fixture that have an answer."""
    found = [json.loads(line) for line in FIXTURE.read_text("utf-8").splitlines()]
    return [row for row in found if row["answerable"]]


def ask(row: dict[str, Any], index: Index) -> Asked:
    question = row["question"]
    encoder = wiring.finder()
    best = rank(question, index.search(question, 5), encoder.states)[:PASSAGES]
    passages = [about_first(one.hit.about, one.hit.chunk.text) for one in best]
    said = [one.hit.chunk.text[start:end] for one in best for start, end in sentences(one.hit.chunk.text)]
    stated = encoder.states_all([(text, question) for text in said])
    order = sorted(range(len(said)), key=lambda at: -stated[at].probability)
    likeliest = dict.fromkeys(said[at] for at in order)
    evidence = " ".join(row["evidence"])
    return Asked(
        row["id"], question, row["answers"], evidence, tuple(passages), tuple(likeliest)[:CANDIDATES]
    )  # fmt: skip


def votes(one: Asked) -> list[Vote]:
    """The user's corrections of its wrong candidates, as `rag.learning.votes` makes them."""
    good = Candidate(one.question, one.correction, one.evidence)
    wrong = [text for text in one.candidates if not one.right(text)]
    made = [Candidate(one.question, text, one.evidence) for text in wrong]
    return [Vote(f"{one.id}-{at}!", good, each, 1.0, "correction") for at, each in enumerate(made)]


def told(asked: Sequence[Asked], reckon: Remembered) -> None:
    given = 0
    before, after, could = list[bool](), list[bool](), list[bool]()
    for fold in range(FOLDS):
        seen = [one for at, one in enumerate(asked) if at % FOLDS != fold]
        learned = learn([vote for one in seen for vote in votes(one)][:CORRECTIONS], reckon)  # type: ignore[arg-type]
        given = max(given, learned.card.votes)
        for one in asked[fold::FOLDS]:
            found = reckon([Candidate(one.question, text, one.evidence) for text in one.candidates])
            rewards = learned.reward.rewards(found)
            chosen = one.candidates[max(range(len(rewards)), key=lambda at: rewards[at])]
            before.append(one.right(one.candidates[0]))
            after.append(one.right(chosen))
            could.append(any(map(one.right, one.candidates)))
    print(f"{len(before)} questions, at most {given} corrections of others to learn from")
    print(dict(zip(learned.reward.names, (round(weight, 2) for weight in learned.reward.weights), strict=True)))
    print(f"right, the likeliest sentence: {shown(share(before))}; chosen by the reward: {shown(share(after))}")
    print(f"any of the candidates: {shown(share(could))}; gain: {shown(difference(after, before))}", flush=True)


def shown(figure: Figure) -> str:
    return f"{figure.value:.0%} [{figure.low:.0%}, {figure.high:.0%}] (n = {figure.n})"


if __name__ == "__main__":
    app()
