"""The commands about what was written before: check a text, look back over answers, recheck them; and `password`."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from rag import wiring
from rag.answering import answerability
from rag.answering.factcheck import drafted, factcheck
from rag.answering.recheck import Rechecked
from rag.cli.terminal import (
    AsJson,
    IndexName,
    Local,
    OfKind,
    Only,
    Since,
    Tagged,
    Until,
    chosen,
    err,
    opened_index,
    out,
    print_object,
    server_for,
    show_quote,
    show_step,
)
from rag.config import Config, load
from rag.errors import UsageFault
from rag.export.json import check_as_json, check_as_markdown, plain
from rag.facts import Check, Checked, CheckEnded, CheckEvent, ClaimChecked
from rag.history.alarms import alarms, rates
from rag.history.ledger import GROUPS
from rag.sources.documents import text_at
from rag.types import Rate, Selection, Step, Wrote

ICONS = {"supported": "✓", "refuted": "≠", "not found": "–", "unjudged": "?", "not checkable": "·"}
ALARM = 3  # the exit code
SHORTEST = 10  # characters of a password


def check(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL|-", help="Any document or web page that could be a source, or - for standard input."
        ),
    ],
    index: IndexName = "",
    as_object: AsJson = False,
    markdown: Annotated[Path | None, typer.Option(metavar="OUT", help="Also write the report to this file.")] = None,
    only: Only = None,
    kind: OfKind = None,
    since: Since = "",
    until: Until = "",
    local: Local = False,
    tag: Tagged = None,
) -> None:
    """Check a text claim by claim against the index: supported, refuted or not found, with quotes and a revision."""
    config = load()
    text = _text(file, config)
    if not text.strip():
        raise UsageFault("text.empty")
    selected = chosen(only, kind, since, until, tag)
    tell_check(config, index, as_object, Checking(text, selected, local=local), markdown)


@dataclass(frozen=True, slots=True)
class Checking:
    """A text to check over `only` some sources; `by_heart`: it is a question, and the reader's own answer is checked.
    `local`: by models of this process."""

    text: str
    only: Selection | None
    by_heart: bool = False
    local: bool = False

    def events(self, config: Config, index: str) -> Iterator[CheckEvent]:
        """What is told as it goes, by a running server where one answers alike. Raises Fault."""
        if server := server_for(config, self.local):
            yield from server.check(self.text, index, self.by_heart, self.only)
            return
        with opened_index(config, index) as opened:
            parts = wiring.check_parts(config, opened, wiring.reader(config), self.only)
            yield from (drafted if self.by_heart else factcheck)(self.text, parts)


def tell_check(config: Config, index: str, as_object: bool, checking: Checking, markdown: Path | None = None) -> None:
    """Run a check and show it as it goes. Raises Fault; UsageFault where the report cannot be written."""
    ended: Check | None = None
    for event in checking.events(config, index):
        match event:
            case CheckEnded(found):
                ended = found
            case ClaimChecked(_, checked) if not as_object:
                _show_claim(checked)
            case Step() if not as_object:
                show_step(event)
            case Wrote(text) if not as_object:
                err.print(escape(text), end="", style="dim")
            case _:
                pass
    assert ended is not None  # a check always ends with one
    if markdown:
        try:
            markdown.write_text(check_as_markdown(ended), "utf-8")
        except OSError as error:
            raise UsageFault(f"The report cannot be written to {markdown}: {error.strerror}. Name another.") from error
    if as_object:
        print_object(check_as_json(ended))
    else:
        _show(ended)


def stats(
    days: Annotated[int, typer.Option(min=0, help="Only the last so many days; 0 for all.")] = 0,
    by: Annotated[str, typer.Option(help=f"Group by one of: {', '.join(GROUPS)}.")] = "day",
    as_object: AsJson = False,
) -> None:
    """Figures over all answers, checks and evaluations. Exit code 3 when one crosses its limit in [alarms]."""
    if by not in GROUPS:
        raise UsageFault(f"Cannot group by '{by}'. Use one of: {', '.join(GROUPS)}.")
    config = load()
    ledger = wiring.ledger(config)
    groups, whole = ledger.sums(by, days), ledger.sums(days=days)
    found = [alarm for sums in whole for alarm in alarms(sums, config.alarms)]
    checks, evaluations = ledger.check_sums(days=days), ledger.evaluations(days)
    if as_object:
        rows = [{**sums, "rates": plain(rates(sums))} for sums in groups]
        alarmed = [{"name": a.name, "value": a.value, "threshold": a.threshold, "n": a.n} for a in found]
        total = [{**sums, "rates": plain(rates(sums))} for sums in whole]
        print_object(
            {
                "by": by,
                "days": days,
                "groups": rows,
                "total": total[0] if total else None,
                "checks": checks[0] if checks else None,
                "evaluations": evaluations,
                "alarms": alarmed,
            }
        )
    else:
        if not groups:
            out.print(f"No answers {f'in the last {days} days' if days else 'yet'}.")
        else:
            out.print(_figures(by, [*groups, *({by: "all", **sums} for sums in whole)]))
        for sums in checks:
            out.print(
                f"\nchecks {sums['checks']}: {sums['claims']} claims, {sums['supported']} supported,"
                f" {sums['refuted']} refuted, {sums['not_found']} not found, {sums['unjudged']} not judged,"
                f" {sums['seconds'] / sums['checks']:.1f} s a check"
            )
        for row in evaluations[:10]:
            told = ", ".join(f"{name} {_figure(figure)}" for name, figure in row["figures"].items())
            out.print(f"[dim]{row['at'][:10]}[/] {escape(row['name'])} {escape(row['variant'])}: {escape(told)}")
        for alarm in found:
            out.print(f"[red bold]{alarm.name} {alarm.value:.3g} (n {alarm.n}), limit {alarm.threshold:.3g}[/]")
    if found:
        raise typer.Exit(ALARM)


def risks(as_object: AsJson = False) -> None:
    """What each risk costs: how sure a run must be, and what share of the labelled questions it then answers."""
    config = load()
    if wiring.states(config) is None:
        raise UsageFault('The risk needs the small judge, and [checking] does without: set judge = "encoder".')
    risks = sorted({*answerability.RISKS, config.checking.risk})
    rows = [asdict(level) for level in answerability.levels(risks)]
    if as_object:
        return print_object({"risk": config.checking.risk, "levels": rows})
    table = Table("answers wrongly at most", "must be sure of", "answers", "wrong of these", box=None, pad_edge=False)
    for row in rows:
        wrong = "–" if row["wrong"] is None else f"{row['wrong']:.0%}"
        mine = "  ← \\[checking] risk" if row["risk"] == config.checking.risk else ""
        table.add_row(f"{row['risk']:.0%}", f"{row['threshold']:.0%}", f"{row['coverage']:.0%}", f"{wrong}{mine}")
    out.print(table)
    out.print(
        "[dim]Wrongly: the answer is not the right one, or the sources have none. Reckoned on questions of which the"
        " evidence, always on the topic, answers half; where most can be answered, less goes wrong and more is"
        " answered.[/]"
    )


def recheck(
    index: IndexName = "",
    as_object: AsJson = False,
    limit: Annotated[int, typer.Option(min=1, help="Only the latest so many answers.")] = 1000,
) -> None:
    """Verify old answers against the index as it is now, and list the sentences that no longer hold."""
    from rag.answering.recheck import recheck as look_again

    config = load()
    done: list[Rechecked] = []
    with opened_index(config, index) as opened:
        parts = wiring.check_parts(config, opened, wiring.reader(config))
        for found in look_again(wiring.ledger(config).answers(limit), parts):
            done.append(found)
            if not as_object and not found.holds:
                out.print(f"[yellow]{ICONS.get(found.standing, '')} {found.standing}[/]  {escape(found.sentence)}")
                out.print(f"    [dim]{found.at[:10]} {found.answer} {escape(found.question)}[/]")
    gone = [found for found in done if not found.holds]
    if as_object:
        shown = [
            {
                "id": found.answer, "at": found.at, "question": found.question, "sentence": found.sentence,
                "verdict": found.standing, "quotes": [{"text": q.text, "source": q.uri} for q in found.quotes],
            }
            for found in gone
        ]  # fmt: skip
        print_object({"rechecked": len(done), "hold": len(done) - len(gone), "no_longer": shown})
    else:
        out.print(f"{len(done)} sentences rechecked, {len(gone)} no longer supported")


def password() -> None:
    """Ask for a password and print what vouch.toml keeps of it: whoever opens the page is asked for it then."""
    from rag.cli import passwords

    given = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(given) < SHORTEST:
        raise UsageFault(f"The password has {len(given)} characters. Take {SHORTEST} or more.")
    sys.stdout.write(f'[app]\nlogin = "password"\npassword = "{passwords.keep(given)}"\n')


def _text(file: str, config: Config) -> str:
    if file == "-":
        return sys.stdin.read()
    if not file.startswith(("http://", "https://")) and not Path(file).is_file():
        raise UsageFault("check.no_file", name=file)
    return text_at(file, config.fetch)


def _show_claim(checked: Checked) -> None:
    probability = "" if checked.probability is None else f" {checked.probability:.2f}"
    marks = "".join(f"[{number}]" for number in checked.quotes) if checked.finding != "not checkable" else ""
    told = f"{ICONS[checked.finding]} {checked.finding}{probability} {checked.claim.why}".rstrip()
    out.print(f"{escape(checked.claim.text + marks)}  [dim]{told}[/]", soft_wrap=True)


def _show(ended: Check) -> None:
    out.print(f"\n{escape(ended.revised)}\n", soft_wrap=True)
    for quote in ended.quotes:
        if any(quote.id in (*checked.quotes, *checked.against) for checked in ended.claims):
            show_quote(quote, ended.language)
    told = [f"{name.replace('_', ' ')} {ended.metrics[name]}" for name in ("supported", "refuted", "not_found")]
    out.print(f"\n[dim]{escape(', '.join(told))}; {ended.timings['total']:.1f} s[/]")


# A figure of the ledger and its heading, in two lines: the table is to be read in a window of 80 columns.
_SHARES = {
    "faithfulness": "faith-\nfulness",
    "citation_recall": "citation\nrecall",
    "citation_precision": "citation\nprecision",
    "abstained": "ab-\nstained",
    "contradicted": "contra-\ndicted",
    "unjudged": "un-\njudged",
}


def _figures(by: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{by},\nanswers", overflow="fold")
    for heading in (*_SHARES.values(), "s each,\ntokens"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        shares = rates(row)
        table.add_row(
            f"{escape(str(row[by]))}\n{row['answers']}",
            *(_share(shares[name]) for name in _SHARES),
            f"{row['seconds'] / row['answers']:.1f}\n{row['prompt_tokens']}+{row['output_tokens']}",
        )
    return table


def _share(rate: Rate) -> str:
    return "–" if rate.value is None else f"{rate.value:.0%}\nof {rate.n}"


def _figure(figure: Any) -> str:
    value = figure.get("value") if isinstance(figure, dict) else figure
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
