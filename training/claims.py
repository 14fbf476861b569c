"""Pairs of sets in which people said whether evidence supports a claim."""

import csv
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from training.pair import CONTRADICTED, LONGEST_EN, NOT_ENOUGH, SUPPORTED, Pair, lines, plain_fever

SOURCES = {
    "training/fever_pairs/fever_pairs_nosym.jsonl.gz": "CC BY-SA 3.0",
    "training/sufficient_facts/fever.jsonl.gz": "MIT",
    "training/sufficient_facts/hover.jsonl.gz": "MIT",
    "training/sufficient_facts/vitaminc.jsonl.gz": "MIT",
    "training/mnli_olora/mnli_train.json.gz": "OANC, CC BY 3.0",
    "training/mnli_olora/mnli_dev.json.gz": "OANC, CC BY 3.0",
    "training/cad_nli/all_combined_train.tsv.gz": "Apache-2.0, CC BY-SA 4.0",
    "training/med_monotonicity/MED.tsv.gz": "CC BY-SA 4.0",
    "training/boolq/boolq_train.json.gz": "CC BY-SA 3.0",
    "training/boolq/boolq_dev.json.gz": "CC BY-SA 3.0",
}
FEVER, *SUFFICIENT = (name for name in SOURCES if "fever" in name or "sufficient" in name)
LABELS = {
    **dict.fromkeys(("SUPPORTS", "SUPPORTED", "entailment"), SUPPORTED),
    **dict.fromkeys(("REFUTES", "contradiction", "not_entailment"), CONTRADICTED),
    **dict.fromkeys(("NOT ENOUGH", "neutral"), NOT_ENOUGH),
}


def pairs(folder: Path, random: Random) -> Iterator[Pair]:
    """All pairs of all sets. Raises OSError where one is not in `folder`."""
    for item in lines(folder / FEVER):
        claim, evidence = plain_fever(item["claim"]), plain_fever(item["evidence"])
        yield Pair("entails", claim, evidence[:900], LABELS[item["label"]], "feverpairs", claim)
    for name in SUFFICIENT:
        for item in lines(folder / name):
            claim = plain_fever(item["claim"])
            evidence = " ".join(f"{title}: {plain_fever(text)}" for title, text in item["evidence"])
            enough = item["agreement"].endswith("_ei")
            label = LABELS[item["label_before"] if enough else "NOT ENOUGH"]
            yield Pair("entails", claim, evidence[:900], label, "sufficient", claim)
    for name in (name for name in SOURCES if "mnli" in name):
        for item in json.loads(gzip.decompress((folder / name).read_bytes())):
            found = re.fullmatch(r"sentence 1: (.*)\nsentence 2: (.*)", item["sentence"], re.S)
            if found and item["label"] in LABELS:
                yield Pair("entails", found[2], found[1][:900], LABELS[item["label"]], "mnli", found[1])
    for name in (name for name in SOURCES if "cad" in name):
        with gzip.open(folder / name, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                said = LABELS[row["gold_label"]]
                yield Pair("entails", row["sentence2"], row["sentence1"], said, "revised", row["sentence1"])
    for name in (name for name in SOURCES if "MED" in name):
        with gzip.open(folder / name, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                said = LABELS[row["gold_label"]]
                yield Pair("entails", row["sentence2"], row["sentence1"], said, "monotonicity", row["sentence1"])
    for name in (name for name in SOURCES if "boolq" in name):
        for item in json.loads(gzip.decompress((folder / name).read_bytes())):
            found = re.fullmatch(r"question: (.*)\npassage: (.*)", item["sentence"], re.S)
            if not found:
                continue
            yes = item["label"] == "True"
            question, passage = found[1], found[2].replace(" -- ", ": ", 1)[:LONGEST_EN]
            told = random.random() < 0.5
            label = SUPPORTED if told == yes else CONTRADICTED
            yield Pair("entails", f"{question}? {'yes' if told else 'no'}", passage, label, "boolq", passage)
