"""Readers as HTML strings: pure functions."""

from html import escape

from app.render import block
from app.words import Language, say
from rag.config import ReaderConfig
from rag.setup.offers import Offer, destination
from rag.setup.trial import ABILITIES, OUTCOMES, Trial


def stays(language: Language, reader: ReaderConfig) -> str:
    """Whether text leaves the machine, in plain text."""
    leaves = destination(reader)
    return say(language, "reader leaves", where=leaves) if leaves else say(language, "reader stays")


def line(language: Language, reader: ReaderConfig) -> str:
    """Which reader answers, for the sidebar."""
    icon = "↗" if destination(reader) else "⌂"
    name = say(language, "reader is", name=reader.model)
    told = f"{escape(name)}<br>{icon} {escape(stays(language, reader))}"
    return block(f'<p class="faint small reader-line">{told}</p>')


def current(language: Language, reader: ReaderConfig, tried: Trial | None) -> str:
    name = say(language, "reader is", name=reader.model)
    where = f'<span class="faint small"> {escape(reader.address)}</span>' if reader.address else ""
    return block(
        f'<div class="notice {"fault" if destination(reader) else "plain"}">'
        f"<p><b>{escape(name)}</b>{where}</p>"
        f"<p>{escape(stays(language, reader))}</p>{_tried(language, tried)}</div>"
    )


def offer(language: Language, one: Offer, tried: Trial | None) -> str:
    parts = [say(language, f"reader origin {one.origin}", by=one.by), stays(language, one.reader)]
    if one.gigabytes:
        parts.append(say(language, "reader fetch", size=f"{one.gigabytes:.1f}"))
    if one.seconds and not tried:
        parts.append(say(language, "reader expected", seconds=f"{one.seconds:.0f}"))
    if one.reader.address:
        parts.append(say(language, "reader window", tokens=one.reader.window))
    return block(
        f'<div class="source"><span class="name">{escape(one.reader.model)}</span>'
        f'<div class="meta">{escape(" · ".join(parts))}</div>{_tried(language, tried)}</div>'
    )


def answering(language: Language) -> str:
    return block(f'<span class="badge current">{escape(say(language, "reader answers"))}</span>')


def progress(language: Language, what: str, done: int, total: int) -> str:
    """How far a trial is, in plain text; `what` is a step of it, or a file that is fetched."""
    if what == "speed":
        return say(language, "reader trying speed")
    if what == "questions":
        return say(language, "reader trying questions", done=done, total=total - 1)
    done_mb, total_mb = (f"{count / 1e6:.0f} MB" for count in (done, total))
    return say(language, "fetching file", name=what, done=done_mb, total=total_mb)


def _tried(language: Language, tried: Trial | None) -> str:
    """What its trial showed; nothing where there was none."""
    if tried is None:
        return ""
    counts = {one: tried.count(one) for one in OUTCOMES}
    parts = [say(language, "reader outcomes", **counts)] if tried.outcomes else []
    if tried.seconds:
        parts.append(say(language, "reader seconds", seconds=f"{tried.seconds:.1f}"))
    for key, rate in (("reader reads", tried.prompt_rate), ("reader writes", tried.output_rate)):
        if rate:
            parts.append(say(language, key, rate=f"{rate:.0f}"))
    able = [key for key in ABILITIES if getattr(tried, key)]
    parts += [say(language, f"reader can {key}") for key in able]
    if tried.window:
        parts.append(say(language, "reader cuts", tokens=tried.window))
    return f'<div class="meta tried">{escape(" · ".join(parts))}</div>'
