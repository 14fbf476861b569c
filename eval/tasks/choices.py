"""Multiple choice by the reader's first letter. The probability of a choice is that of its letter, so MC1 and MC2 here
are "by letter": not the summed log probabilities of whole answers that the TruthfulQA paper uses.

floor    the choice that shares fewest words with the question
closed   the reader alone
"""

from collections.abc import Sequence
from string import ascii_uppercase

from eval.items import Choice
from eval.lab import Lab
from eval.metrics import calibration
from eval.metrics.stats import mean, share
from eval.outcomes import Outcome, Output, Scored, Task
from eval.tasks.questions import PROMPTS
from rag.generation import prompts
from rag.history.statistics import Figure
from rag.text.terms import terms


def run(item: Choice, variant: str, lab: Lab) -> Output:
    began = lab.start()
    if variant == "floor":
        asked = set(terms(item.question))
        shared = [len(asked & set(terms(choice))) / max(1, len(set(terms(choice)))) for choice in item.choices]
        at = shared.index(min(shared))
        shares = [float(number == at) for number in range(len(item.choices))]
        return Output(item.id, lab.since(began)[0], item.choices[at], True, None, {"shares": shares})
    letters = ascii_uppercase[: len(item.choices)]
    listed = "\n".join(
        f"{letter}. {prompts.tidy(choice)}" for letter, choice in zip(letters, item.choices, strict=True)
    )
    filled = prompts.prompt(
        "choice", "letter", item.language, 1, package=PROMPTS, question=item.question, choices=listed
    )
    found = lab.reader.choose(filled, tuple(letters))
    seconds, _ = lab.since(began)
    if found is None:
        return Output(item.id, seconds, answered=False)
    shares = [found[letter] for letter in letters]
    best = max(shares)
    return Output(item.id, seconds, item.choices[shares.index(best)], True, best, {"shares": shares})


def score(items: Sequence[Choice], outputs: Sequence[Output]) -> Scored:
    outcomes = []
    mass = []
    for item, output in zip(items, outputs, strict=True):
        shares = output.more.get("shares", [])
        ok = bool(shares) and shares.index(max(shares)) in item.right
        mass.append(sum(shares[at] for at in item.right) if shares else 0.0)
        outcomes.append(
            Outcome(item.id, item.language, ok, output.answered, output.answered and not ok, output.probability)
        )
    figures: dict[str, Figure] = {"right choice": share(o.right for o in outcomes)}
    known = [(o.probability, bool(o.right)) for o in outcomes if o.probability is not None]
    if known:
        figures["mass on the right choices"] = mean(mass)
        figures["ECE"] = calibration.ece([p for p, _ in known], [ok for _, ok in known])
    return Scored(figures, outcomes)


TASK = Task(("floor", "closed"), run, score)
