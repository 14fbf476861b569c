"""Questions answered from pages, from a built index or from what the reader knows.

floor    the sentence that shares most words with the question; declines where it shares few
closed   the reader alone
rag      one search, the best quotes, the reader, told that it may decline
loop     the whole loop with checking and abstention
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from eval.grade import found, right
from eval.items import Question
from eval.lab import Lab, quotes
from eval.metrics import calibration
from eval.metrics import text as text_metrics
from eval.metrics.rejection import refused
from eval.metrics.stats import mean
from eval.metrics.stats import share as share_of
from eval.outcomes import Outcome, Output, Scored, Task
from rag.answering import drafting
from rag.answering.recording import answer as research
from rag.export.json import as_json
from rag.generation import prompts
from rag.history.statistics import Figure, clustered
from rag.text.sentences import sentences
from rag.text.terms import terms
from rag.types import Answer, Answered

PROMPTS = "eval.prompts"
MAX_TOKENS = 96
FLOOR = 0.3  # share of the question's terms in the best sentence below which the floor declines; set without looking
KIND = 5  # items
_NAMES = {
    "faithfulness": "sentences supported",
    "citation_recall": "citation recall",
    "citation_precision": "citation precision",
}
_MARK = re.compile(r"\s*\[\d+\]")


def run(item: Question, variant: str, lab: Lab) -> Output:
    """Raises ReaderFault and IndexFault; a question that brings no pages is asked of the lab's named index."""
    match variant:
        case "floor":
            return _floor(item, lab)
        case "closed":
            began = lab.start()
            asked = prompts.prompt(
                "closed", "answer", item.language, MAX_TOKENS, package=PROMPTS, question=item.question
            )
            return _said("".join(lab.reader.write(asked)), item, lab, began, ())
        case "rag":
            return _rag(item, lab)
        case _:
            return _loop(item, lab)


def _floor(item: Question, lab: Lab) -> Output:
    began = lab.start()
    texts = [page.text for page in item.pages]
    if not texts:
        texts = [hit.chunk.text for hit in lab.named()[0].engine.search(item.question, 8)]
    wanted = set(terms(item.question))
    best, share = "", 0.0
    for text in texts:
        for start, end in sentences(text):
            found = len(wanted & set(terms(text[start:end]))) / len(wanted) if wanted else 0.0
            if found > share:
                best, share = text[start:end], found
    answered = share >= FLOOR
    seconds, _ = lab.since(began)
    return Output(item.id, seconds, best if answered else "", answered, share)


def _rag(item: Question, lab: Lab) -> Output:
    with lab.over(item.pages) as parts:
        began = lab.start()
        kept = quotes(item.question, parts)
        if not kept:
            return Output(item.id, lab.since(began)[0], answered=False)
        asked = prompts.prompt(
            "rag",
            "answer",
            item.language,
            MAX_TOKENS,
            package=PROMPTS,
            quotes=drafting.fence(kept),
            question=item.question,
        )
        return _said("".join(lab.reader.write(asked)), item, lab, began, [quote.text for quote in kept])


def _said(text: str, item: Question, lab: Lab, began: float, kept: Sequence[str]) -> Output:
    seconds, replayed = lab.since(began)
    declined = refused(text, item.language)
    more = {"said": text, "quotes": list(kept), "replayed": replayed}
    return Output(item.id, seconds, "" if declined else text.strip(), not declined, None, more)


def _loop(item: Question, lab: Lab) -> Output:
    with lab.over(item.pages) as parts:
        began = lab.start()
        *_, last = research(item.question, parts)
        seconds, replayed = lab.since(began)
    assert isinstance(last, Answered)  # research always ends with one
    answer = last.answer
    more = {
        "replayed": replayed,
        "quotes": [quote.text for quote in answer.quotes],
        "verbatim": _verbatim(answer),
        "first_quote": None if replayed else _first_quote(answer),
        "answer": as_json(answer),
    }
    sure = answer.metrics["answerable"]
    probability = float(sure) if isinstance(sure, int | float) else None
    return Output(item.id, seconds, answer.text, answer.status == "answered", probability, more)


def _verbatim(answer: Answer) -> bool:
    pages = {page.sha256: page.text for page in answer.pages}
    return all(pages[quote.page_sha256][quote.start : quote.end] == quote.text for quote in answer.quotes)


def _first_quote(answer: Answer) -> float:
    """Seconds from the question to the first quote on screen; of the whole run where there was none."""
    spent = 0.0
    for step in answer.steps:
        spent += step.seconds
        if step.quote:
            return spent
    return answer.timings["total"]


# --- scoring --------------------------------------------------------------------------------


def groups(item: Question) -> tuple[tuple[str, ...], ...]:
    """What an answer must hold: the item's groups, or one of its gold answers where it has no groups."""
    return item.answers or ((item.golds,) if item.golds else ())


def outcome(item: Question, output: Output) -> Outcome:
    """An answer is right where it holds what is wanted; declining is right where there is nothing to answer from. Of an
    open question (trait "key points") an answer that holds some key points and not all is neither right nor wrong;
    `score` is the share of them that it holds. A gold answer that is a whole sentence (trait "sentence") may be put
    otherwise, so nobody can say."""
    wanted = groups(item)
    if item.traits.get("sentence"):
        return Outcome(item.id, item.language, None, output.answered, None, output.probability)
    if item.traits.get("key points"):
        points = found(output.text, wanted) if output.answered else 0
        wrong, share = output.answered and not points, points / len(wanted)
        return Outcome(
            item.id, item.language, points == len(wanted), output.answered, wrong, output.probability, round(share, 4)
        )
    correct = right(output.text, wanted) if wanted else False
    if not wanted and item.answerable and output.answered:
        return Outcome(item.id, item.language, None, True, None, output.probability)  # no gold: nobody can say
    ok = correct if output.answered else not item.answerable
    return Outcome(item.id, item.language, ok, output.answered, output.answered and not correct, output.probability)


def score(items: Sequence[Question], outputs: Sequence[Output]) -> Scored:
    outcomes = [outcome(item, output) for item, output in zip(items, outputs, strict=True)]
    rows = list(zip(items, outputs, outcomes, strict=True))
    answerable = [row for row in rows if row[0].answerable]
    figures: dict[str, Figure] = {}

    def share(name: str, values: Sequence[bool | None]) -> None:
        known = [value for value in values if value is not None]
        if known:
            figures[name] = share_of(known)

    figures |= _key_points([(item, output) for item, output, _ in rows if item.traits.get("key points")])
    share("answered rightly", [o.right for _, _, o in answerable])
    for language in sorted({item.language for item in items}):
        chosen = [o.right for item, _, o in answerable if item.language == language]
        if len(chosen) < len(answerable):
            share(f"answered rightly, {language}", chosen)
    share("answered wrongly, of all", [o.wrong for *_, o in rows])
    share("answered", [o.answered for *_, o in rows])
    share("abstained where unanswerable", [not o.answered for item, _, o in rows if not item.answerable])
    share("abstained where answerable", [not o.answered for *_, o in answerable])
    judged = [(item, output) for item, output, _ in answerable if groups(item) and not item.traits.get("sentence")]
    with_quotes = [(item, output) for item, output in judged if "quotes" in output.more]
    share("evidence among the quotes", [right(" ".join(o.more["quotes"]), groups(item)) for item, o in with_quotes])
    hops = [(item, output, o) for item, output, o in answerable if item.traits.get("category") == "two-hop"]
    cited = [(_cites_all(item, output), o) for item, output, o in hops if "answer" in output.more]
    share("citations cover both pages", [both for both, _ in cited])
    share("answered rightly, citations cover both pages", [both and bool(o.right) for both, o in cited])
    if cited:
        figures["actions"] = mean(float(len(output.more["answer"]["steps"])) for _, output, _ in hops)
    figures |= _by_kind(rows)
    figures |= of_the_loop([output for _, output, _ in rows if "answer" in output.more])
    figures |= _calibration([o for _, output, o in rows if "answer" in output.more])
    figures |= _overlap([(item, output) for item, output, _ in answerable if item.golds])
    false = [(item.traits["false answer"], output) for item, output, _ in rows if item.traits.get("false answer")]
    share("gave the false answer of the pages", [o.answered and right(o.text, ((told,),)) for told, o in false])
    return Scored(figures, outcomes)


def _key_points(rows: Sequence[tuple[Question, Output]]) -> dict[str, Figure]:
    """The share of the open questions' key points that stand in the answers: of all, of each language and each kind."""
    parts: dict[str, list[tuple[int, int]]] = {}
    for item, output in rows:
        wanted = groups(item)
        held = (found(output.text, wanted) if output.answered else 0), len(wanted)
        for part in ("", f", {item.language}", f", {item.traits['category']}"):
            parts.setdefault(part, []).append(held)
    return {
        f"key points found{part}": clustered([hits for hits, _ in held], [n for _, n in held])
        for part, held in sorted(parts.items())
    }


def _by_kind(rows: Sequence[tuple[Question, Output, Outcome]]) -> dict[str, Figure]:
    """Right (of those that can be answered) and wrong (of all) of each kind that the trait "category" names, where
    there are several; a figure over fewer than KIND items says nothing and is left out."""
    kinds = sorted({str(item.traits["category"]) for item, *_ in rows if item.traits.get("category")})
    figures = {}
    for kind in kinds if len(kinds) > 1 else ():
        mine = [(item, how) for item, _, how in rows if item.traits.get("category") == kind]
        rightly = [how.right for item, how in mine if item.answerable and how.right is not None]
        wrongly = [how.wrong for _, how in mine if how.wrong is not None]
        for name, values in (("rightly", rightly), ("wrongly", wrongly)):
            if len(values) >= KIND:
                figures[f"answered {name}, {kind}"] = share_of(values)
    return figures


def _cites_all(item: Question, output: Output) -> bool:
    """Whether the published sentences cite quotes from every page that the evidence stands in."""
    answer = output.more["answer"]
    if answer["status"] != "answered":
        return False
    marks = {mark for sentence in answer["sentences"] for mark in sentence["citations"]}
    cited = {PurePosixPath(quote["source"]).name for quote in answer["quotes"] if quote["id"] in marks}
    return set(item.traits["gold"]) <= cited


def of_the_loop(outputs: Sequence[Output]) -> dict[str, Figure]:
    """What only the loop has: verdicts, citations, verbatim quotes, the time to the first quote."""
    if not outputs:
        return {}
    answers = [output.more["answer"] for output in outputs]
    figures = {}
    for name in ("faithfulness", "citation_recall", "citation_precision"):
        counted = [answer["metrics"][name] for answer in answers if answer["status"] == "answered"]
        figures[_NAMES[name]] = clustered([c["hits"] for c in counted], [c["n"] for c in counted])
    figures["runs whose quotes are all verbatim"] = share_of(output.more["verbatim"] for output in outputs)
    first = [output.more["first_quote"] for output in outputs if output.more["first_quote"] is not None]
    if first:
        figures["seconds to the first quote"] = mean(first)
    return figures


def _overlap(rows: Sequence[tuple[Question, Output]]) -> dict[str, Figure]:
    """EM and F1 against the gold answers; an answer in sentences has a low one by nature."""
    if not rows:
        return {}
    said = [(_MARK.sub("", output.text), item) for item, output in rows]
    return {
        "EM": mean(text_metrics.em(text, item.golds, item.language) for text, item in said),
        "F1": mean(text_metrics.f1(text, item.golds, item.language) for text, item in said),
    }


def _calibration(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Whether P(answerable) tells right answers from wrong ones, among what was answered."""
    known = [
        (o.probability, o.right) for o in outcomes if o.answered and o.probability is not None and o.right is not None
    ]
    if len({right_one for _, right_one in known}) < 2:
        return {}
    probabilities, hits = [p for p, _ in known], [ok for _, ok in known]
    return {
        "AUROC of P(answerable)": calibration.auroc(probabilities, hits),
        "ECE": calibration.ece(probabilities, hits),
    }


TASK = Task(("floor", "closed", "rag", "loop"), run, score)
