"""An Answer as the one JSON object that `ask --json` prints and the ledger keeps; a Check likewise, and as Markdown."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rag.facts import Check, Checked
from rag.messages import say
from rag.text.locator import cite
from rag.text.plain import as_typed
from rag.types import Answer, Conflict, Locator, Page, Quote, Rate, Sentence, Side, Step

_SIGN = re.compile(r"^(\d*)(?=[-+=.)])")  # with which a line would begin a list, or make a heading of the one before
_GAP = re.compile("[ \t\n\r\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")  # white space, as CommonMark has it
_WEB = re.compile(r"https?://[^\s<>\x00-\x1f]+", re.IGNORECASE)


def as_json(answer: Answer) -> dict[str, Any]:
    """Plain types only. A Rate is {"hits", "n", "value"}; value is null where n is 0."""
    return {
        "id": answer.id,
        "question": answer.question,
        "language": answer.language,
        "status": answer.status,
        "answer": answer.text,
        "reason": answer.reason,
        "stopped": answer.stopped,
        "draft": answer.draft,
        "sentences": [_sentence(sentence) for sentence in answer.sentences],
        "conflicts": [_conflict(conflict) for conflict in answer.conflicts],
        "plan": asdict(answer.plan) if answer.plan else None,
        "extract": asdict(answer.extract) if answer.extract else None,
        **_run(answer),
        "auditor": answer.auditor,
        "sources": [_source(page) for page in answer.pages],
    }


def _source(page: Page) -> dict[str, str]:
    facts = ("title", "author", "site", "date", "language", "media_type", "read_at", "sha256")
    return {"source": page.uri, **{name: getattr(page, name) for name in facts}}


def _run(made: Answer | Check) -> dict[str, Any]:
    """What every run leaves: its quotes and steps, what they cost, and what it was made with."""
    return {
        "quotes": [_quote(quote) for quote in made.quotes],
        "steps": [_step(step) for step in made.steps],
        "metrics": plain(made.metrics),
        "timings": {name: round(seconds, 3) for name, seconds in made.timings.items()},
        "index": dict(made.index),
        "config_sha256": made.config_sha256,
        "prompts_sha256": made.prompts_sha256,
    }


def plain(metrics: Mapping[str, Rate | float | int | None]) -> dict[str, Any]:
    return {
        name: {"hits": value.hits, "n": value.n, "value": value.value} if isinstance(value, Rate) else value
        for name, value in metrics.items()
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    verdict = sentence.verdict
    return {
        "text": sentence.text,
        "citations": list(sentence.citations),
        "verdict": verdict.label,
        "probability": None if verdict.probability is None else round(verdict.probability, 4),
        "judge": verdict.judge,
        "revised_from": sentence.revised_from,
        "computation": asdict(sentence.computation) if sentence.computation else None,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    probability = conflict.probability
    return {
        "differs": conflict.differs,
        "probability": None if probability is None else round(probability, 4),
        "sides": [_side(side) for side in (conflict.left, conflict.right)],
    }


def _side(side: Side) -> dict[str, Any]:
    return {name: getattr(side, name) for name in ("quote", "text", "value", "source", "title", "date", "read_at")}


def _quote(quote: Quote) -> dict[str, Any]:
    """`place` says its `locator` ("p. 12")."""
    told = {"source" if name == "uri" else name: value for name, value in asdict(quote).items()}
    return {**told, "place": cite(quote.locator, "en")}


def _step(step: Step) -> dict[str, Any]:
    shown: dict[str, Any] = {"action": step.action, "detail": step.detail, "seconds": round(step.seconds, 3)}
    if step.command:
        shown["command"] = step.command
    if step.setback:
        shown["setback"] = True
    return shown


# --- a check --------------------------------------------------------------------------------


def check_as_json(check: Check) -> dict[str, Any]:
    """What `check --json` prints and the ledger keeps. A claim's quotes carry their `stance`: "supports", "refutes", or
    "nearest" where the claim was not found."""
    return {
        "id": check.id,
        "question": check.question,
        "language": check.language,
        "text": check.text,
        "claims": [_checked(one, check.quotes) for one in check.claims],
        "revised": check.revised,
        "changes": [asdict(change) for change in check.changes],
        **_run(check),
    }


def _checked(one: Checked, quotes: Sequence[Quote]) -> dict[str, Any]:
    stance = {"supported": "supports", "refuted": "refutes"}.get(one.finding, "nearest")
    kept = {quote.id: quote for quote in quotes}
    stances = {number: stance for number in one.quotes} | {number: "refutes" for number in one.against}
    return {
        "text": one.claim.text,
        "start": one.claim.start,
        "end": one.claim.end,
        "verdict": one.finding,
        "why": one.claim.why,
        "probability": None if one.probability is None else round(one.probability, 4),
        "judge": one.judge,
        "quotes": [{**_quote(kept[number]), "stance": said} for number, said in stances.items()],
    }


REPORT: Mapping[str, tuple[str, str]] = {
    "title": ("Fact check", "事实核查"),
    "revised": ("Revised text", "修订后的文本"),
    "claims": ("Claims", "逐条核查"),
    "quotes": ("Quotes", "引文"),
    "supported": ("supported", "有依据"),
    "refuted": ("refuted", "与资料相悖"),
    "not found": ("not found", "资料中没有找到"),
    "unjudged": ("not judged", "未能判定"),
    "not checkable": ("not checkable", "无须核查"),
    "against": ("but see", "但另见"),
    "why": ("reason", "原因"),
}


def check_as_markdown(check: Check) -> str:
    """The report: the text with its changes marked, each claim with its finding, the quotes. What comes from outside is
    escaped, so that it is shown as it is and is never mark-up."""

    def word(key: str) -> str:
        return REPORT[key][check.language == "zh"]

    shown = [f"# {word('title')}", "", _summary(check, word), "", f"## {word('revised')}", "", marked(check), ""]
    shown += [f"## {word('claims')}", ""]
    for number, one in enumerate(check.claims, start=1):
        probability = "" if one.probability is None else f" ({one.probability:.2f})"
        cited = "".join(f" \\[{quote}\\]" for quote in one.quotes if one.finding != "not checkable")
        others = "".join(f" \\[{quote}\\]" for quote in one.against if quote not in one.quotes)
        against = f"; {word('against')}{others}" if others else ""
        shown.append(f"{number}. {line(one.claim.text)} — **{word(one.finding)}**{probability}{cited}{against}")
    shown += ["", f"## {word('quotes')}", ""]
    for quote in check.quotes:
        about = [quote.title or quote.uri, quote.uri, cite(quote.locator, check.language)]
        shown.append(f"- \\[{quote.id}\\] {escaped(quote.text)} — {_listed(about)}")
    return "\n".join([*shown, ""])


ANSWER: Mapping[str, tuple[str, str]] = {
    "supported": ("supported", "有依据"),
    "unsupported": ("not supported", "无依据"),
    "contradicted": ("contradicted", "与资料相悖"),
    "unjudged": ("not judged", "未能判定"),
    "computed": ("computed", "计算所得"),
    "verdicts": ("Sentence by sentence", "逐句核查"),
    "quotes": ("Quotes", "引文"),
    "sides": ("Sources disagree", "资料说法不一"),
    "written": ("written", "写于"),
    "read": ("read", "读于"),
    "characters": ("characters", "字符"),
}


def answer_as_markdown(answer: Mapping[str, Any]) -> str:
    """An answer (the object of `ask --json` or of the ledger) with its verdicts and quotes. What comes from outside is
    escaped, as in a check's report."""

    def word(key: str) -> str:
        return ANSWER[key][answer["language"] == "zh"]

    known = {source["sha256"]: source for source in answer.get("sources", ())}
    answered = answer["status"] == "answered"
    told = (
        _lines(escaped(answer["answer"], lines=True))
        if answered
        else f"{escaped(say(answer['language'], 'refused.answer', reason=answer['reason']))}"
    )
    shown = [f"# {escaped(answer['question'])}", "", told, ""]
    if answered:
        shown += [f"## {word('verdicts')}", ""]
    for number, sentence in enumerate(answer["sentences"] if answered else (), start=1):
        sure = "" if sentence["probability"] is None else f" ({sentence['probability']:.2f})"
        cited = "".join(f"\\[{mark}\\]" for mark in sentence["citations"])
        computed = sentence.get("computation")
        verdict = word("computed" if computed else sentence["verdict"])
        shown.append(f"{number}. {line(sentence['text'])} {cited} — **{verdict}**{sure}")
        if computed:
            shown += ["", *(f"        {line}" for line in computed["program"].splitlines()), ""]
    for conflict in answer.get("conflicts", ()):
        shown += ["", f"## {word('sides')}: {escaped(conflict['differs'])}", ""]
        shown += [f"- \\[{side['quote']}\\] {escaped(side['text'])}" for side in conflict["sides"]]
    if answer["quotes"]:
        shown += ["", f"## {word('quotes')}", ""]
    for quote in answer["quotes"]:
        page = known.get(quote["page_sha256"], {})
        dated = [
            f"{word(name)} {page[key][:10]}"
            for name, key in (("written", "date"), ("read", "read_at"))
            if page.get(key)
        ]
        place = cite(as_typed(Locator | None, quote.get("locator")), answer["language"])
        where = place or f"{word('characters')} {quote['start']}–{quote['end']}"
        by = quote.get("superseded", "")
        gone = say(answer["language"], "quote.superseded", by=by) if by else ""
        about = [quote["title"], quote["source"], page.get("author", ""), page.get("site", ""), *dated, where, gone]
        shown.append(f"- \\[{quote['id']}\\] {escaped(quote['text'])}  ")
        shown.append(f"  {_listed(about)}")
    made = [answer["id"], answer.get("at", ""), " ".join(answer["index"].values())]
    return "\n".join([*shown, "", f"Vouch {escaped(', '.join(each for each in made if each))}", ""])


def _listed(facts: Iterable[str]) -> str:
    """Those that are told, each once; an address of the web leads there."""
    told = dict.fromkeys(each for each in facts if each)
    return ", ".join(f"<{each}>" if _WEB.fullmatch(each) else escaped(each) for each in told)


def marked(check: Check) -> str:
    """The text as Markdown, line by line: ~~what was taken out~~ **what was put in**."""
    parts, at = [], 0
    for change in check.changes:
        old, new = check.text[change.start : change.end], change.new
        parts.append((check.text[at : change.start], ""))
        if old.strip():
            parts.append((old, "~~"))
        if old.strip() and new.strip() and not (old[-1].isspace() or new[0].isspace()):
            parts.append((" ", ""))
        parts.append((new, "**"))
        at = change.end
    return _lines(_joined([*parts, (check.text[at:], "")]))


def _joined(parts: Iterable[tuple[str, str]]) -> str:
    """Of each (text, sign), the words within their signs. A sign opens or closes for sure only where white space is on
    its outer side (CommonMark's rule of flanks, which Chinese breaks at every full stop)."""
    made, signed = "", False
    for text, sign in parts:
        words = escaped(text, lines=not sign)
        if sign and words:
            before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            words = f"{before}{sign}{words}{sign}{after}"
        elif sign:
            words, sign = text, ""
        if not words:
            continue
        if (sign or signed) and made and not (_GAP.match(made[-1]) or _GAP.match(words)):
            made += "\u200a"
        made, signed = made + words, bool(sign)
    return made


def _lines(shown: str) -> str:
    """Escaped text whose lines stay lines, and words: none begins a list or code, none makes a heading."""
    return "  \n".join(signless(each.strip(" \t")) for each in re.split(r"\r\n?|\n", shown)).rstrip(" ")


def _summary(check: Check, word: Callable[[str], str]) -> str:
    counts = {finding: sum(one.finding == finding for one in check.claims) for finding in REPORT}
    named = ("supported", "refuted", "not found", "unjudged", "not checkable")
    told = [f"{word(finding)}: {counts[finding]}" for finding in named if counts[finding]]
    return f"{', '.join(told)} ({check.timings.get('total', 0.0):.1f} s)"


def line(text: str) -> str:
    """A line or an item of a list that says `text`, whatever it begins with."""
    return signless(escaped(text))


def signless(shown: str) -> str:
    """Escaped text that does not begin with a list's sign, nor with a heading's."""
    return _SIGN.sub(r"\1\\", shown)


def escaped(text: str, lines: bool = False) -> str:
    """`text` so that Markdown shows it as it stands, on one line unless `lines`."""
    said = text if lines else " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", said)
