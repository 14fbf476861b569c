"""`vouch learn` and `vouch feedback`: what people said of answers, learned from, brought in and taken along."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag import wiring
from rag.answering.drafting import draft
from rag.answering.policy_model import tools
from rag.cli.terminal import AsJson, err, out, print_object
from rag.config import Config, load
from rag.errors import ModelFault, UsageFault
from rag.history import comparisons
from rag.history.feedback import Feedback
from rag.history.statistics import Figure
from rag.learning import training_sets
from rag.learning.learn import learn as learned_from
from rag.learning.versions import Card, Learned
from rag.learning.votes import votes as votes_of

app = typer.Typer(no_args_is_help=True, help="What people said of answers, in and out.", pretty_exceptions_enable=False)
SHOWN = 10  # doubtful votes


def learn(
    use: Annotated[bool, typer.Option("--use", help="Take the new reward into use without asking.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Go back to the reward that was in use before.")] = False,
    as_object: AsJson = False,
) -> None:
    """Learn from thumbs, corrections, words on sentences and comparisons which answers are better; say whether what is
    learned is better than what is in use, on votes that neither has seen; and take it into use."""
    config = load()
    kept = wiring.rewards(config)
    if back:
        version = kept.back()
        if as_object:
            return print_object({"in_use": version})
        return out.print(f"In use now: {f'version {version}' if version else 'none; the first draft is published'}")
    try:
        present = kept.present()
    except ModelFault as fault:  # a new one can take its place
        err.print(str(fault))
        present = None
    found = votes_of(wiring.feedback(config))
    if not found:
        if as_object:
            return print_object({"version": None, "in_use": present.version if present else None, "votes": 0})
        return out.print("Nobody has said anything of answers yet: there is nothing to learn from.")
    made = kept.keep(learned_from(found, wiring.features(config, wiring.embedder(config)), present))
    if not as_object:
        _show(made)
    wanted = use or (not as_object and sys.stdin.isatty() and typer.confirm("Take it into use?", made.card.better))
    if wanted:
        kept.use(made.version)
    now = made.version if wanted else present.version if present else None
    if as_object:
        told = {"version": made.version, "in_use": now, "better": made.card.better, "card": asdict(made.card)}
        return print_object({**told, "weights": dict(zip(made.reward.names, made.reward.weights, strict=True))})
    out.print(f"In use: {f'version {now}' if now else 'none (--use takes it into use)'}")


def _show(made: Learned) -> None:
    card = made.card
    told = ", ".join(f"{count} of {origin}" for origin, count in card.origins.items())
    out.print(f"Version {made.version}: {card.votes} votes on {card.questions} questions ({told}; {card.ties} ties)")
    out.print(f"agrees with {_told(card.accuracy)} of the votes it has not seen")
    out.print(f"  the longer answer: {_told(card.by_length)}; the better supported: {_told(card.by_support)}")
    out.print(f"  correlation with length: {_r(card.length_before)} as people vote, {_r(card.length_after)} as it is")
    out.print(verdict(card))
    if card.doubtful:
        more = f" and {len(card.doubtful) - SHOWN} more" if len(card.doubtful) > SHOWN else ""
        out.print(f"Votes it strongly contradicts: {', '.join(card.doubtful[:SHOWN])}{more}", soft_wrap=True)


def verdict(card: Card) -> str:
    """Whether it is better than the version in use, or than chance."""
    said = "Better than" if card.better else "Not shown to be better than"
    if card.against is None:
        return f"{said} chance (50%); whether it chooses better than the first draft, votes alone do not say"
    if not card.gain.n:
        return (
            f"Nothing to tell it from version {card.against} by: that has seen all these votes, or is of other models."
        )
    by = f"{card.gain.value:+.0%}" if card.gain.value is not None else "–"
    return (
        f"{said} version {card.against}: {_told(card.fresh)} and {_told(card.present)} on {card.gain.n} votes new to"
        f" both ({by}, {_interval(card.gain)})"
    )


def _told(figure: Figure) -> str:
    return "–" if figure.value is None else f"{figure.value:.0%} ({_interval(figure)}, n = {figure.n})"


def _interval(figure: Figure) -> str:
    return "–" if figure.low is None or figure.high is None else f"{figure.low:.0%} to {figure.high:.0%}"


def _r(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


# --- in and out ---


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines: our own, or WebGPT's comparisons.")],
    as_object: AsJson = False,
) -> None:
    """Bring comparisons in, in our own form or in that of openai/webgpt_comparisons. What is there already stays, and
    what is older than [ledger] days is left out."""
    store = wiring.feedback(load())
    try:
        with file.open(encoding="utf-8") as lines:
            found = list(comparisons.read(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFault(f"{file} cannot be read ({error}). Name a file of JSON lines.") from error
    added = store.add_all(found)
    if as_object:
        return print_object({"read": len(found), "added": added.new, "too_old": added.old})
    out.print(f"{len(found)} comparisons read, {added.new} of them new")
    if added.old:
        out.print(f"{added.old} left out: they are of more than {store.days} days ago ([ledger] days)")


def _own(config: Config) -> Iterator[str]:
    yield from wiring.feedback(config).lines()


def _webgpt(config: Config) -> Iterator[str]:
    for made, at, pair in comparisons.read(_own(config)):
        yield json.dumps(comparisons.to_webgpt(made, at, pair), ensure_ascii=False) + "\n"


FORMATS: Mapping[str, Callable[[Config], Iterator[str]]] = {"jsonl": _own, "webgpt": _webgpt}
TRAINING: Mapping[str, Callable[[Feedback], Iterator[training_sets.Line]]] = {
    "supervised": lambda feedback: training_sets.supervised(feedback, draft),
    "preference": lambda feedback: training_sets.preference(feedback, draft),
    "trajectories": lambda feedback: training_sets.trajectories(feedback, tools()),
}


@app.command("export")
def take_out(
    form: Annotated[str, typer.Option("--format", help=f"One of: {', '.join((*FORMATS, *TRAINING))}.")] = "jsonl",
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here, not to standard output.")] = None,
    consent: Annotated[
        bool,
        typer.Option("--consent", help="All who asked agree that models are trained on it; else [learning] consent."),
    ] = False,
    licence: Annotated[
        str, typer.Option(help="What it may be used under, written into each line; else [learning] licence.")
    ] = "",
) -> None:
    """Write what people said as JSON lines: comparisons in our own form or that of openai/webgpt_comparisons; or, to
    train other models on, supervised chats, preferences and trajectories in the forms that TRL reads."""
    config = load()
    if form in FORMATS:
        lines = FORMATS[form](config)
    elif form not in TRAINING:
        raise UsageFault(f"There is no format '{form}'. Use one of: {', '.join((*FORMATS, *TRAINING))}.")
    elif not (consent or config.learning.consent):
        raise UsageFault(
            "Others may train on what is written in this format, with all that was asked. Where everybody who asked "
            "agrees, say so with --consent, or with consent = true under [learning]."
        )
    else:
        said = licence or config.learning.licence or "not stated"
        lines = training_sets.licensed(TRAINING[form](wiring.feedback(config)), said)
    if to is None:
        for line in lines:
            typer.echo(line, nl=False)
        return
    try:
        with to.open("w", encoding="utf-8") as file:
            count = sum(bool(file.write(line)) for line in lines)
    except OSError as error:
        raise UsageFault(f"{to} cannot be written: {error.strerror}. Name another file.") from error
    err.print(f"{count} lines")
