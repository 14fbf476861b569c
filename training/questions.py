"""Pairs made from questions whose answers people marked: SQuAD, its new Wikipedia test set, QED, CMRC 2018.

Of each question: a passage that states the answer, and passages that look like it and do not: its neighbours without
the sentence, another passage of the same page, the same passage about another name or another year.
"""

import gzip
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from rag.text.sentences import sentences
from rag.text.terms import terms
from training import edits
from training.pair import CONTRADICTED, LONGEST_EN, LONGEST_ZH, NOT_ENOUGH, SUPPORTED, Pair, lines, plain_fever

SOURCES = {
    "training/squad1_train44/squad1_train44.json.gz": "CC BY-SA 4.0",
    "training/squad2_dev_half/dev-v2.0.half.noxquad.json.gz": "CC BY-SA 4.0 (XQuAD's articles, none of its passages)",
    "training/squadshifts/new_wiki_v1.0.json.gz": "CC BY 4.0",
    "training/cmrc2018_train/train-pseudo-cmrc2018.zip": "CC BY-SA 4.0",
    **{f"training/qed/nq-train-{n:02}-qed.jsonl.gz": "CC BY-SA 3.0" for n in range(6)},
}
SQUAD, SQUAD2, WIKI, CMRC, *QED = SOURCES
RIVALS = 60  # passages among which the likest to a question is looked for


@dataclass(frozen=True, slots=True)
class Asked:
    """A question over `context`; the answer begins at `start`. Without an answer `answer` is what looks like one."""

    title: str
    context: str
    question: str
    answer: str
    start: int
    answered: bool
    source: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Some sentences of a context, in order; `start` and `end` say where the answer stands in `text`."""

    text: str
    start: int
    end: int


def pairs(folder: Path, random: Random) -> Iterator[Pair]:
    """All pairs of all sets. Raises OSError where one is not in `folder`."""
    for source, name in (("squad", SQUAD), ("squad2", SQUAD2), ("newwiki", WIKI)):
        yield from _pairs(list(_asked(json.loads(gzip.decompress((folder / name).read_bytes())), source)), random)
    yield from _pairs([one for name in QED for one in _searched(folder / name)], random)
    with zipfile.ZipFile(folder / CMRC) as held:
        read = json.loads(held.read(held.namelist()[0]))
    yield from _pairs(list(_asked(read, "cmrc2018")), random)


def _asked(read: dict[str, Any], source: str) -> Iterator[Asked]:
    for page in read["data"]:
        title = (page.get("title") or "").replace("_", " ")
        for one in page["paragraphs"]:
            for qa in one["qas"]:
                answers = qa["answers"] or qa.get("plausible_answers", [])
                if answers and one["context"].find(answers[0]["text"]) >= 0:
                    said, at = answers[0]["text"], answers[0]["answer_start"]
                    at = at if one["context"].startswith(said, at) else one["context"].find(said)
                    yield Asked(title, one["context"], qa["question"].strip(), said, at, bool(qa["answers"]), source)


def _searched(path: Path) -> Iterator[Asked]:
    """Questions that people typed into a search engine, over one paragraph each (QED of Natural Questions)."""
    for item in lines(path):
        context, answer = plain_fever(item["paragraph_text"]), plain_fever((item.get("answer_text") or [""])[0])
        if answer and context.count(answer) == 1 and not re.match(r"[\d\W]", context):
            yield Asked(
                item["title_text"], context, item["question_text"], answer, context.find(answer), True, "searched"
            )


def _pairs(asked: list[Asked], random: Random) -> Iterator[Pair]:
    chinese = asked[0].source == "cmrc2018"
    by_page: dict[str, list[Asked]] = defaultdict(list)
    by_context: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_page[one.title].append(one)
        by_context[one.context].append(one)
    contexts = list(by_context)
    words = {context: set(terms(context)) for context in contexts}
    names = [name for one in asked if (name := _name(one, one.context, chinese, random))]
    for one in asked:
        state = _around(one, random, chinese)
        if one.answered:
            yield _states(one.question, _titled(one, state, random), one)
        else:
            yield Pair("answers", one.question, _titled(one, state, random).text, 0, one.source, one.title)
            if random.random() < 0.5:
                claim = f"{one.question} {one.answer}"
                yield Pair("entails", claim, _titled(one, state, random).text, NOT_ENOUGH, one.source, one.title)
            continue
        without = _without(one, random, chinese)
        if without and random.random() < 0.45:
            yield Pair("answers", one.question, without, 0, one.source, one.title)
        if random.random() < 0.35:
            near = [each.context for each in by_page[one.title] if each.context != one.context]
            near = [each for each in near or random.sample(contexts, RIVALS) if one.answer not in each]
            if near:
                chosen = random.sample(near, min(len(near), RIVALS))
                asks = set(terms(one.question))
                rival = by_context[max(chosen, key=lambda each: len(words[each] & asks))]
                other = random.choice(rival)
                text = _titled(other, _around(other, random, chinese), random).text
                yield Pair("answers", one.question, text, 0, one.source, one.title)
        yield from _renamed(one, state, names, chinese, random)
        yield from _claims(one, state, without, by_context[one.context], chinese, random)


def _states(question: str, passage: Passage, one: Asked) -> Pair:
    return Pair("answers", question, passage.text, 1, one.source, one.title, (passage.start, passage.end))


def _around(one: Asked, random: Random, chinese: bool) -> Passage:
    """The sentences that hold the answer, with up to three neighbours on each side as far as there is room."""
    spans = sentences(one.context)
    close = one.start + len(one.answer)
    held = [at for at, (start, end) in enumerate(spans) if start < close and end > one.start]
    first, last = held[0], held[-1]
    longest = LONGEST_ZH - 40 if chinese else LONGEST_EN - 150
    for _ in range(random.randint(0, 6)):
        after = random.random() < 0.5
        left, right = (first, min(last + 1, len(spans) - 1)) if after else (max(first - 1, 0), last)
        if spans[right][1] - spans[left][0] <= longest:
            first, last = left, right
    begin = spans[first][0]
    return Passage(one.context[begin : spans[last][1]], one.start - begin, close - begin)


def _titled(one: Asked, passage: Passage, random: Random) -> Passage:
    """With the page's title before it, as evidence is read, in two of three."""
    if not one.title or random.random() < 0.35:
        return passage
    head = f"{one.title}: "
    return Passage(head + passage.text, passage.start + len(head), passage.end + len(head))


def _without(one: Asked, random: Random, chinese: bool) -> str:
    """The neighbours of the sentence that answers, "" where the answer stands in them too."""
    spans = sentences(one.context)
    held = [at for at, (start, end) in enumerate(spans) if start < one.start + len(one.answer) and end > one.start]
    before, after = random.randint(1, 3), random.randint(1, 3)
    kept = [*spans[max(0, held[0] - before) : held[0]], *spans[held[-1] + 1 : held[-1] + 1 + after]]
    longest = LONGEST_ZH - 40 if chinese else LONGEST_EN - 150
    while kept and sum(end - start for start, end in kept) > longest:
        kept.pop(random.choice((0, -1)))
    text = ("" if chinese else " ").join(one.context[start:end] for start, end in kept)
    if not text or one.answer.lower() in text.lower():
        return ""
    return _titled(one, Passage(text, 0, 0), random).text


def _name(one: Asked, text: str, chinese: bool, random: Random) -> str:
    """What a question names that `text` names too: a name, or in Chinese the longest run of letters they share."""
    if chinese:
        name = _shared(one.question, text)
        return name if len(name) >= 3 and name not in one.answer and one.answer not in name else ""
    found = [each for each in edits.names(one.question) if each in text and each not in one.answer]
    return random.choice(found) if found else ""


def _shared(one: str, other: str) -> str:
    for size in range(min(len(one), 12), 2, -1):
        for start in range(len(one) - size + 1):
            if (run := one[start : start + size]) in other and re.fullmatch(r"[\w·]+", run):
                return run
    return ""


def _renamed(one: Asked, state: Passage, names: list[str], chinese: bool, random: Random) -> Iterator[Pair]:
    """The passage about another name or year states no answer; with the question changed alike it does."""
    titled = _titled(one, state, random)
    year = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", one.question)
    if year and year.group() in titled.text and year.group() not in one.answer and random.random() < 0.8:
        name, other = year.group(), edits.other_number(year.group(), random)
    elif random.random() < 0.45 and (name := _name(one, titled.text, chinese, random)):
        alike = [each for each in random.sample(names, 30) if each not in one.context and each not in one.question]
        if not alike:
            return
        other = min(alike, key=lambda each: abs(len(each) - len(name)))
    else:
        return
    changed = titled.text.replace(name, other)
    if one.answer not in changed:
        return
    if random.random() < 0.75:
        yield Pair("answers", one.question, changed, 0, one.source, one.title)
        if random.random() < 0.3:
            yield Pair("entails", f"{one.question} {one.answer}", changed, NOT_ENOUGH, one.source, one.title)
    if random.random() < 0.5:
        start = changed.find(one.answer)
        passage = Passage(changed, start, start + len(one.answer))
        yield _states(one.question.replace(name, other), passage, one)


def _claims(
    one: Asked, state: Passage, without: str, beside: list[Asked], chinese: bool, random: Random
) -> Iterator[Pair]:
    """Question and answer as a claim; another answer of the same kind from the same passage makes it false."""
    text, draw = _titled(one, state, random).text, random.random()
    if draw < 0.3:
        yield Pair("entails", f"{one.question} {one.answer}", text, SUPPORTED, one.source, one.title)
    if 0.15 < draw < 0.5:
        kind = edits.kind_of(one.answer)
        others = [
            each.answer
            for each in beside
            if each.answer not in one.answer and one.answer not in each.answer and edits.kind_of(each.answer) == kind
        ]
        wrong = random.choice(others) if others and random.random() < 0.7 else edits.number(one.answer, random)
        if wrong and wrong not in one.question:
            yield Pair("entails", f"{one.question} {wrong}", text, CONTRADICTED, one.source, one.title)
    if draw > 0.8 and without:
        yield Pair("entails", f"{one.question} {one.answer}", without, NOT_ENOUGH, one.source, one.title)
