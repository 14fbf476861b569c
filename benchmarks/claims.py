"""Our claims beside those that people made of the same answers (Factcheck-GPT, Apache-2.0, English).

    python -m benchmarks.claims --data DATA

94 answers of ChatGPT, cut into claims by hand, pronouns resolved. A claim of one side is found where one of the other
has F1 >= ALIKE with it over their words; the floor takes every sentence as it stands for one claim. Whether a sentence
can be checked is people's "yes" against any claim of ours in it. Chinese splits made by people were not to be had.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.corpora import data_folder
from eval.metrics.stats import balanced_accuracy, mean
from rag.checking.split import claims
from rag.facts import Claim
from rag.history.statistics import clustered
from rag.text.sentences import sentences
from rag.text.terms import terms

ALIKE = 0.7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    lines = (parser.parse_args().data / "factcheck_gpt" / "factcheck-GPT-benchmark.jsonl").read_text("utf-8")
    answers = [json.loads(line) for line in lines.splitlines()]
    theirs = [_by_people(answer) for answer in answers]
    split = [claims(answer["response"], "en") for answer in answers]
    ours = [[claim.text for claim in found if claim.checkable] for found in split]
    whole = [_sentences(answer["response"]) for answer in answers]
    people = sum(map(len, theirs))
    for name, told in (("claims", ours), ("sentences as they stand", whole)):
        best = mean([_best(one, held) for wanted, held in zip(theirs, told, strict=True) for one in wanted])
        print(f"{name}: {sum(map(len, told))}, by people {people}, of {len(answers)} answers")
        print(f"  found of people's          {_found(theirs, told)}")
        print(f"  that people have too       {_found(told, theirs)}")
        print(f"  mean best F1 of people's   {best}")
    wanted, said = _checkable(answers, split)
    right = [mine for person, mine in zip(wanted, said, strict=True) if person]
    wrong = [mine for person, mine in zip(wanted, said, strict=True) if not person]
    print(f"sentences that can be checked: balanced accuracy {balanced_accuracy(wanted, said)}")
    print(f"  we check {sum(right)} of {len(right)} that people check, {sum(wrong)} of {len(wrong)} that they do not")


def f1(one: str, other: str) -> float:
    """Of the words of two claims, each as often as it stands there."""
    mine, yours = Counter(terms(one)), Counter(terms(other))
    shared = sum((mine & yours).values())
    return 2 * shared / (sum(mine.values()) + sum(yours.values())) if shared else 0.0


def _best(claim: str, others: Sequence[str]) -> float:
    return max((f1(claim, other) for other in others), default=0.0)


def _found(wanted: Sequence[Sequence[str]], held: Sequence[Sequence[str]]) -> str:
    hits = [sum(_best(one, h) >= ALIKE for one in w) for w, h in zip(wanted, held, strict=True)]
    return str(clustered(hits, [len(w) for w in wanted]))


def _by_people(answer: dict[str, Any]) -> list[str]:
    return [
        claim
        for sentence in answer["sentences"].values()
        for claim, sort in zip(sentence["claims"], sentence["claim_checkworthiness"], strict=False)
        if sort == "factual"
    ]


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _checkable(answers: Sequence[dict[str, Any]], split: Sequence[Sequence[Claim]]) -> tuple[list[bool], list[bool]]:
    """(whether people check a sentence, whether we do); sentences that do not stand in the answer to the letter are
    left out."""
    wanted, said = [], []
    for answer, found in zip(answers, split, strict=True):
        for sentence in answer["sentences"].values():
            start = answer["response"].find(sentence["text"])
            if start < 0:
                continue
            end = start + len(sentence["text"])
            wanted.append(sentence["sentence_checkworthiness"] == "yes")
            said.append(any(claim.checkable and start <= claim.start < end for claim in found))
    return wanted, said


if __name__ == "__main__":
    main()
