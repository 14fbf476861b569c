"""Prompts that ask the local reader whether quotes state a claim, side by side, mostly on claims of no table of ours.

    python -m benchmarks.judge_prompts --data DATA --most 30      # 0.5 to 3 s a claim and prompt

Of FEVER-Symmetric and Fool Me Twice the half that the small judge was trained on, of the other sets what comes after
the first 200 that `benchmarks.judges` may ask, of our minimal pairs what comes after 60; `cross-` sets put any claim
of these pairs beside the same quote in the other language.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Annotated, cast

import typer

from benchmarks import judges, minimal_pairs
from eval import data
from eval.items import Label, Pair
from eval.lab import Lab
from eval.metrics.calibration import auroc
from eval.sets import SETS
from eval.store import Store, default_file
from eval.tasks.pairs import evidence
from rag.answering.verification import verify_prompt
from rag.config import load
from rag.protocols import Prompt
from training import material, pair

SETS_OF = ("fever-symmetric", "fm2", "attributionbench", "ocnli", "pairs-en", "pairs-zh", "cross-en", "cross-zh")
INSTRUCTED = (
    "You are a careful fact checker. Answer Yes if the evidence supports the claim. Answer No if the evidence"
    " contradicts the claim or does not say."
)
HALE = "Karen Hale wrote three novels before she was thirty, and none after."
MILL = "The mill burnt down in 1902. It was rebuilt two years later as a school."
LAKE = "阿林湖面积 312 平方公里，是全省第二大湖。"
EXAMPLES = (
    (HALE, "Karen Hale wrote her last novel at forty.", "No"),
    (HALE, "Karen Hale published novels in her twenties.", "Yes"),
    (MILL, "The mill was rebuilt in 1904.", "Yes"),
    (MILL, "The school was the largest in the county.", "No"),
    (LAKE, "阿林湖是全省最大的湖。", "No"),
    (LAKE, "阿林湖的面积超过 300 平方公里。", "Yes"),
)


def shipped(item: Pair, quoted: str) -> Prompt:
    return verify_prompt(evidence(item, judges.SHOWN), item.claim, item.language)


def plain(item: Pair, quoted: str) -> Prompt:
    if item.language == "zh":
        return _asked(f"证据：\n{quoted}\n\n论断：{item.claim}\n\n根据证据，这个论断正确吗？只回答 Yes 或 No。")
    asks = "According to the evidence, is the claim true? Answer Yes or No."
    return _asked(f"Evidence:\n{quoted}\n\nClaim: {item.claim}\n\n{asks}")


def instructed(item: Pair, quoted: str) -> Prompt:
    asks = f"Evidence: {quoted}\n\nClaim: {item.claim}\n\nDoes the evidence support the claim?"
    return Prompt(INSTRUCTED, asks, max_tokens=1)


def question(item: Pair, quoted: str) -> Prompt:
    return _asked(f"{quoted}\n\nQuestion: Is it true that {item.claim.rstrip('.')}?\nAnswer Yes or No.")


def six(item: Pair, quoted: str) -> Prompt:
    shape = "Evidence: {}\n\nClaim: {}\n\nIs the claim true according to the evidence? Yes or No?"
    turns = tuple((shape.format(shown, claim), said) for shown, claim, said in EXAMPLES)
    return Prompt("You judge claims by the evidence alone.", shape.format(quoted, item.claim), turns, max_tokens=1)


def _asked(user: str) -> Prompt:
    return Prompt("", user, max_tokens=1)


PROMPTS: dict[str, Callable[[Pair, str], Prompt]] = {
    "shipped": shipped, "plain": plain, "instructed": instructed, "question": question, "six": six
}  # fmt: skip


def items(name: str, folder: Path, most: int) -> list[Pair]:
    if name.startswith("cross-"):
        return Random(5).sample(_crossed(name.removeprefix("cross-")), most)
    if name.startswith("pairs-"):
        return judges.items(name, folder)[60 : 60 + most]
    found = list(SETS[name].load(folder))
    if name == "fever-symmetric":
        trained = {str(item["id"]) for item, group in material.fever_groups(folder) if pair.share(group) < 0.5}
        left = [item for item in found if item.id in trained]
    elif name == "fm2":
        left = [item for item in found if pair.share(str(item.traits["page"])) < 0.5]
    else:
        used = {item.id for item in judges.items(name, folder)[:200]}
        left = [item for item in found if item.id not in used]
    return Random(3).sample(left, min(most, len(left)))


def _crossed(spoken: str) -> list[Pair]:
    rows = list(minimal_pairs.pairs())
    mine, others = ([row for row in rows if (row["language"] == spoken) is same] for same in (True, False))
    return [
        Pair(f"cross-{spoken}-{at}", spoken, row["claim"], (other["quote"],), cast(Label, row["label"]), {})
        for at, (row, other) in enumerate(zip(mine, others, strict=True))
    ]


def main(
    folder: Annotated[Path | None, typer.Option("--data", help="Folder of the sets; else VOUCH_DATA.")] = None,
    most: Annotated[int, typer.Option(help="Claims a set.")] = 30,
    only: Annotated[list[str] | None, typer.Option(help="Which of: " + ", ".join(SETS_OF))] = None,
) -> None:
    place = folder or data.folder()
    assert place is not None, "--data or VOUCH_DATA names the folder of the sets"
    lab = Lab(load(), Store(default_file()))
    for name in only or SETS_OF:
        chosen = items(name, place, most)
        truth = [item.label == "supported" for item in chosen]
        print(f"{name}: n {len(chosen)}, supported {sum(truth)}", flush=True)
        for called, make in PROMPTS.items():
            said = []
            for item in chosen:
                quoted = "\n".join(quote.text for quote in evidence(item, judges.SHOWN))
                found = lab.reader.choose(make(item, quoted), ("Yes", "No"))
                said.append(found["Yes"] if found else 0.5)
            print(f"  {called:11} AUROC {auroc(said, truth)}", flush=True)


if __name__ == "__main__":
    typer.run(main)
