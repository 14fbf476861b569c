"""Word problems that end in one number, without pages: what the reader says at once, thinks out, or has computed.

plain    the reader writes the number
steps    the reader reasons in words and ends with the number (chain of thought)
program  the reader writes a small program, and the sandbox runs it
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from eval.items import Question
from eval.lab import Lab
from eval.metrics.stats import share
from eval.outcomes import Outcome, Output, Scored, Task
from eval.tasks.questions import PROMPTS
from rag.errors import Stopped
from rag.generation import programs, prompts, sandbox

MAX_TOKENS = {"plain": 16, "steps": 320, "program": 240}
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")


def run(item: Question, variant: str, lab: Lab) -> Output:
    """`text` is the number, "" where none came out; `more` holds what was written, and why a program was stopped."""
    began = lab.start()
    grammar = programs.grammar() if variant == "program" else ""
    asked = prompts.prompt(
        f"sum-{variant}", "answer", item.language, MAX_TOKENS[variant], grammar, PROMPTS, question=item.question
    )
    said = "".join(lab.reader.write(asked))
    number, why = "", ""
    if variant == "program":
        try:
            number = str(sandbox.run(programs.source(programs.read(said))))
        except Stopped as stopped:
            why = str(stopped)
    elif found := _NUMBER.findall(said):
        number = found[-1].replace(",", "")  # the last number said is the answer
    return Output(item.id, lab.since(began)[0], number, bool(number), None, {"said": said, "stopped": why})


def score(items: Sequence[Question], outputs: Sequence[Output]) -> Scored:
    """A number is right where it is the gold one, to a hundredth."""
    outcomes = []
    for item, output in zip(items, outputs, strict=True):
        ok = output.answered and abs(Fraction(output.text) - Fraction(item.golds[0])) < Fraction(1, 100)
        outcomes.append(Outcome(item.id, item.language, ok, output.answered, output.answered and not ok))
    figures = {"right": share(one.right for one in outcomes), "a number came out": share(o.answered for o in outcomes)}
    return Scored(figures, outcomes)


VARIANTS = ("plain", "steps", "program")
TASK = Task(VARIANTS, run, score, alone=VARIANTS)
