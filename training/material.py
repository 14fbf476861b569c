"""What the small judge is trained on: pairs made from sets whose licence lets a model made from them ship.

`pairs(folder)` gives them all; the same folder gives the same pairs. Test sets are never read here; of the two sets
that are also measured on (Fool Me Twice dev, FEVER-Symmetric dev) only half A is, chosen by a hash of the group.
"""

import csv
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from rag.text.terms import terms
from training import claims, edits, questions
from training.pages import about, article, chinese, english, minimal, news
from training.pair import (
    CONTRADICTED,
    LONGEST_EN,
    LONGEST_ZH,
    NOT_ENOUGH,
    SUPPORTED,
    Pair,
    lines,
    plain_fever,
    share,
    split,
)

SOURCES = {
    "factcheck_gpt/subtask3_claim_evidence_stance.jsonl": "Apache-2.0",
    "fool_me_twice/dev.jsonl": "Apache-2.0 (half A)",
    "fever_symmetric/fever_symmetric_dev.jsonl": "CC BY-SA 3.0 (half A)",
    "halueval/dataset_halueval_qa.jsonl": "MIT",
    "uhgeval/dataset_uhgeval_full.jsonl.gz": "Apache-2.0 (without the 1,000 of the concise set)",
    "uhgeval/dataset_uhgeval_concise.jsonl": "read only to leave its items out",
    "cmrc2018/cmrc2018_trial.json": "CC BY-SA 4.0",
    "wiki2_corpus/2wikimultihopqa_corpus.json.gz": "MIT, text CC BY-SA",
    "chunking_eval/questions_df.csv": "MIT",
    **claims.SOURCES,
    **questions.SOURCES,
}


def pairs(folder: Path) -> list[Pair]:
    """All pairs, shuffled. Raises OSError where a set is not in `folder`."""
    made: list[Pair] = []
    for part in (
        fever,
        fool_me_twice,
        factcheck,
        halueval,
        english,
        cmrc,
        chinese,
        keywords,
        chunking,
        claims.pairs,
        questions.pairs,
    ):
        made += part(folder, Random(7))
    Random(11).shuffle(made)
    return made


# Sets with people's labels.


def fever_groups(folder: Path) -> list[tuple[dict[str, Any], str]]:
    """(item, group): items that share a claim or an evidence are one group."""
    items = lines(folder / "fever_symmetric/fever_symmetric_dev.jsonl")
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for item in items:
        parent[root("c" + item["claim"])] = root("e" + item["evidence"])
    return [(item, root("e" + item["evidence"])) for item in items]


def fever(folder: Path, random: Random) -> Iterator[Pair]:
    for item, group in fever_groups(folder):
        if share(group) < 0.5:
            label = SUPPORTED if item["label"] == "SUPPORTS" else CONTRADICTED
            yield Pair("entails", plain_fever(item["claim"]), plain_fever(item["evidence"]), label, "fever", group)


def fool_me_twice(folder: Path, random: Random) -> Iterator[Pair]:
    for item in lines(folder / "fool_me_twice/dev.jsonl"):
        page = item["wikipedia_page"]
        if share(page) >= 0.5:
            continue
        gold = [one["text"] for one in item["gold_evidence"]]
        label = SUPPORTED if item["label"] == "SUPPORTS" else CONTRADICTED
        evidence = " ".join(gold)
        if random.random() < 0.5:
            evidence = f"{page}: {evidence}"
        yield Pair("entails", item["text"], evidence[:900], label, "fm2", page)
        rest = [one["text"] for one in item["retrieved_evidence"] if one["text"] not in gold]
        if len(rest) > 4 and random.random() < 0.6:
            yield Pair("entails", item["text"], " ".join(random.sample(rest[:-2], 2))[:900], NOT_ENOUGH, "fm2", page)


def factcheck(folder: Path, random: Random) -> Iterator[Pair]:
    stances = {"completely-support": SUPPORTED, "refute": CONTRADICTED, "irrelevant": NOT_ENOUGH}
    for item in lines(folder / "factcheck_gpt/subtask3_claim_evidence_stance.jsonl"):
        label = stances.get(item["stance"])
        if label is None or len(item["evidence"]) < 30 or (label == NOT_ENOUGH and random.random() > 0.5):
            continue
        yield Pair("entails", item["claim"], item["evidence"][:900], label, "factcheck", item["claim"])


def halueval(folder: Path, random: Random) -> Iterator[Pair]:
    """Question and answer as a claim against the knowledge; and whether the knowledge answers the question."""
    items = lines(folder / "halueval/dataset_halueval_qa.jsonl")
    parts = [
        [
            one.strip()
            for one in re.split(r"(?<=[.!?)])(?=[A-Z])|(?<=[.!?]) (?=[A-Z])", item["knowledge"])
            if one.strip()
        ]
        for item in items
    ]
    kinds = defaultdict(list)
    for item in items:
        kinds[edits.kind_of(item["right_answer"])].append(item["right_answer"])
    by_word = defaultdict(list)
    for at, item in enumerate(items):
        for word in set(edits.names(item["knowledge"])):
            by_word[word].append(at)
    for at, item in enumerate(items):
        question, right, wrong = item["question"].strip(), item["right_answer"].strip(), item["hallucinated_answer"]
        group = "h" + question
        whole = " ".join(parts[at])[:LONGEST_EN]
        names = [word for word in set(edits.names(item["knowledge"])) if 1 < len(by_word[word]) < 50]
        near = [
            one for word in sorted(names) for one in by_word[word] if one != at and right not in items[one]["knowledge"]
        ]
        other = " ".join(parts[random.choice(near)]) if near else ""
        kept = [one for one in parts[at] if right.lower() not in one.lower()]
        stands = right.lower() in whole.lower() and len(right) > 3
        if right.lower() in ("yes", "no"):
            yield from _yes_or_no(question, right, parts[at], random)
            continue
        draw = random.random()
        if draw < 0.30:
            yield Pair("entails", f"{question} {right}", whole, SUPPORTED, "halueval", group)
        elif draw < 0.52:
            swap = random.choice(kinds[edits.kind_of(right)])
            if swap.lower() not in whole.lower():
                yield Pair("entails", f"{question} {swap}", whole, CONTRADICTED, "halueval", group)
        elif draw < 0.62:
            inside = [
                one for one in edits.names(whole) if one not in right and right not in one and one not in question
            ]
            if inside:
                yield Pair("entails", f"{question} {random.choice(inside)}", whole, CONTRADICTED, "halueval", group)
        elif draw < 0.78 and len(wrong.split()) > 4:
            yield Pair("entails", wrong, whole, CONTRADICTED, "halueval", group)
        elif kept and stands:
            rest = " ".join(kept) + (" " + other if other and random.random() < 0.5 else "")
            said = right if random.random() < 0.5 else random.choice(kinds[edits.kind_of(right)])
            yield Pair("entails", f"{question} {said}", rest[:LONGEST_EN], NOT_ENOUGH, "halueval", group)
        # Does it answer? Lengths are kept alike on both sides by padding with a near passage.
        padded = random.random() < 0.35
        if stands and random.random() < 0.55:
            pieces = [whole, other] if padded and other else [whole]
            random.shuffle(pieces)
            yield Pair("answers", question, " ".join(pieces)[: LONGEST_EN + 300], 1, "halueval", group)
        elif stands and kept:
            pieces = [" ".join(kept), other] if other and random.random() < 0.8 else kept
            random.shuffle(pieces)
            yield Pair("answers", question, " ".join(pieces)[: LONGEST_EN + 300], 0, "halueval", group)
        if other and random.random() < 0.12:
            yield Pair("answers", question, other[:LONGEST_EN], 0, "halueval", group)
        if stands and random.random() < 0.2:  # the same passage, asked about something else
            asked = random.choice([edits.number, edits.date])(question, random) or edits.opposite(question, random)
            asked = asked or edits.name(
                question, random, [n for one in near[:5] for n in edits.names(items[one]["knowledge"])]
            )
            if asked:
                yield Pair("answers", asked, whole, 0, "halueval", group)


def _yes_or_no(question: str, right: str, parts: list[str], random: Random) -> Iterator[Pair]:
    group, whole = "h" + question, " ".join(parts)[:LONGEST_EN]
    flip = "no" if right.lower() == "yes" else "yes"
    yield Pair("entails", f"{question} {right}", whole, SUPPORTED, "halueval", group)
    yield Pair("entails", f"{question} {flip}", whole, CONTRADICTED, "halueval", group)
    yield Pair("answers", question, whole, 1, "halueval", group)
    if len(parts) > 1:
        yield Pair("answers", question, random.choice(parts), 0, "halueval", group)


# Chinese.

_WH = re.compile(
    r"多少(?:个|名|位|人|年|天|分钟|公里|平方公里|元|座|层|次|部|岁)?|哪[一]?[个年位座种部国家届天些所省市]+|什么时候|什么地方|什么时间|哪里|哪儿|何时|何地|何人|何处"
    r"|什么(?:名字|人|称号|职位|职务|节目|奖项?|学校|专业|组织)?|谁|几[个名位次年月部层岁]"
)


def _told(question: str, answer: str) -> str | None:
    """A Chinese question as a statement: the answer in the place of the question word."""
    found = _WH.findall(question)
    if len(found) != 1 or len(answer) > 40 or re.search("为什么|为何|怎么|如何|吗|哪些", question):
        return None
    return _WH.sub(lambda _: answer, question, count=1).rstrip("？? ") + "。"


def cmrc(folder: Path, random: Random) -> Iterator[Pair]:
    """CMRC 2018 trial: answers known to the letter."""
    data = json.loads((folder / "cmrc2018/cmrc2018_trial.json").read_text("utf-8"))["data"]
    paragraphs = [one for item in data for one in item["paragraphs"]]
    answers = [qa["answers"][0]["text"] for one in paragraphs for qa in one["qas"]]
    contexts = [one["context"] for one in paragraphs]
    words = [set(terms(context)) for context in contexts]
    for number, one in enumerate(paragraphs):
        page = split(one["context"])
        group = one["id"]
        for pair in minimal(page, "", random, [], "cmrc", LONGEST_ZH, 5):
            yield Pair(pair.task, pair.left, pair.right, pair.label, "cmrc", group)
        for qa in one["qas"]:
            answer, question = qa["answers"][0]["text"], qa["question"]
            where = [at for at, text in enumerate(page) if answer in text]
            if not where:
                continue
            close = qa["answers"][0]["answer_start"]
            at = min(where, key=lambda n: abs(one["context"].find(page[n]) - close))
            for _ in range(2):
                yield Pair("answers", question, about(page, at, random, LONGEST_ZH + 60), 1, "cmrc", group)
            if len(where) == 1 and len(page) > 1:
                for _ in range(2):
                    yield Pair("answers", question, about(page, at, random, LONGEST_ZH + 60, True), 0, "cmrc", group)
                far = [n for n in range(len(page)) if abs(n - at) > 1]
                if far:
                    yield Pair("answers", question, page[random.choice(far)], 0, "cmrc", group)
            asked = set(terms(question))
            rivals = sorted(range(len(contexts)), key=lambda n: -len(words[n] & asked) if n != number else 1)[:3]
            rival = split(contexts[random.choice(rivals)])
            best = max(range(len(rival)), key=lambda n: len(set(terms(rival[n])) & asked))
            yield Pair("answers", question, about(rival, best, random, LONGEST_ZH), 0, "cmrc", group)
            same_kind = [
                a
                for a in answers
                if a != answer and abs(len(a) - len(answer)) < 3 and edits.kind_of(a) == edits.kind_of(answer)
            ]
            right = about(page, at, random, LONGEST_ZH + 60)
            if told := _told(question, answer):
                yield Pair("entails", told, right, SUPPORTED, "cmrc", group)
                if same_kind:
                    false = _told(question, random.choice(same_kind)) or ""
                    yield Pair("entails", false, right, CONTRADICTED, "cmrc", group)
                    away = about(page, at, random, LONGEST_ZH, True)
                    if len(where) == 1 and len(page) > 1:
                        yield Pair("entails", random.choice([told, false]), away, NOT_ENOUGH, "cmrc", group)
            else:
                yield Pair("entails", f"{question}{answer}", right, SUPPORTED, "cmrc", group)
                if same_kind:
                    yield Pair("entails", f"{question}{random.choice(same_kind)}", right, CONTRADICTED, "cmrc", group)


_SHOULD = re.compile(r"(?:应为|应该是|应是|实际(?:上)?(?:为|是))[“\"「]?([^，。；,、”\"」（(]{2,20})")


def clauses(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[，；。！？\n]", text) if one.strip()]


def window(article: str, claim: str, longest: int) -> str:
    """The sentences of `article` that share most with `claim`, in order, up to `longest` characters."""
    page = split(article)
    wanted = set(terms(claim))
    ranked = sorted(range(len(page)), key=lambda at: -len(wanted & set(terms(page[at]))) / (1 + len(page[at]) ** 0.5))
    kept: list[int] = []
    for at in ranked:
        if sum(len(page[n]) for n in kept) + len(page[at]) <= longest or not kept:
            kept.append(at)
    return "".join(page[at] for at in sorted(kept))[: longest * 2]


def keywords(folder: Path, random: Random) -> Iterator[Pair]:
    """UHGEval's marked keywords: the clause that holds a wrong one, and the clause put right."""
    for item in news(folder):
        text = article(item)
        group = "u" + text[:40]
        for mark in item["annotations"]:
            word, verdict = mark.split("<sep>")[0], mark.split("<sep>")[-1]
            holds = [one for one in clauses(item["hallucinatedContinuation"]) if word in one and len(one) > 7]
            if not holds:
                continue
            right = window(text, holds[0], LONGEST_ZH)
            if verdict.startswith("不合理") and (found := _SHOULD.search(verdict)):
                yield Pair("entails", holds[0] + "。", right, CONTRADICTED, "keywords", group)
                if found.group(1) in text:
                    yield Pair(
                        "entails", holds[0].replace(word, found.group(1)) + "。", right, SUPPORTED, "keywords", group
                    )
            elif verdict.startswith("不合理") and re.search("没有|未提|并未|无法", verdict):
                if random.random() < 0.6:
                    yield Pair("entails", holds[0] + "。", right, NOT_ENOUGH, "keywords", group)
            elif verdict.startswith("合理") and random.random() < 0.25:
                bad = [one.split("<sep>")[0] for one in item["annotations"] if "<sep>不合理" in one]
                wanted = set(terms(holds[0]))
                if not any(one in holds[0] for one in bad) and len(wanted & set(terms(right))) > 0.7 * len(wanted):
                    yield Pair("entails", holds[0] + "。", right, SUPPORTED, "keywords", group)


def chunking(folder: Path, random: Random) -> Iterator[Pair]:
    """Questions over five corpora with the passages that answer them."""
    with (folder / "chunking_eval/questions_df.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = [
        (row["question"], [one["content"] for one in json.loads(row["references"])], row["corpus_id"]) for row in rows
    ]
    for question, references, corpus in said:
        joined = " ".join(references)[: LONGEST_EN + 200]
        yield Pair("answers", question, joined, 1, "chunking", question)
        asked = set(terms(question))
        others = [
            " ".join(r)[: LONGEST_EN + 200]
            for q, r, c in said
            if c == corpus and q != question and not set(r) & set(references)
        ]
        others.sort(key=lambda text: -len(asked & set(terms(text))))
        for text in others[:2]:
            yield Pair("answers", question, text, 0, "chunking", question)


def listed(folder: Path) -> Iterable[tuple[str, str, str]]:
    """(file, sha256, licence) of everything that is read."""
    for name, licence in SOURCES.items():
        yield name, hashlib.sha256((folder / name).read_bytes()).hexdigest(), licence
