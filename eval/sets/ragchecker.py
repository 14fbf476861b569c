"""RAGChecker's human preferences: which of two answers people found better. A metric is good where it agrees."""

from dataclasses import dataclass
from pathlib import Path

from eval.data import tree


@dataclass(frozen=True, slots=True)
class Preference:
    """Labels run from -2 (`first` is much better) over 0 to 2 (`second` is much better), by one of two annotators.

    The sign was read off the data: answers of the weaker models lose by it.
    """

    id: str
    language: str
    question: str
    gold: str
    first: str
    second: str
    models: tuple[str, str]
    correctness: int
    completeness: int
    overall: int
    stratum: str


def load(folder: Path | None) -> list[Preference]:
    """560 judgements: 280 pairs, each by two people; the id ends in the number of the judgement."""
    seen: dict[int, int] = {}
    found = []
    for row in tree("ragchecker_meta", "human_labeled_data.json", folder):
        seen[row["instance_id"]] = seen.get(row["instance_id"], 0) + 1
        found.append(
            Preference(
                id=f"{row['instance_id']}-{seen[row['instance_id']]}",
                language="en",
                question=row["query"],
                gold=row["gt_answer"],
                first=row["model1"]["response"],
                second=row["model2"]["response"],
                models=(row["model1"]["model_name"], row["model2"]["model_name"]),
                correctness=row["correctness_label"],
                completeness=row["completeness_label"],
                overall=row["overall_label"],
                stratum=row["dataset"],
            )
        )
    return found
