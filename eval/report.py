"""Results as tables and pictures: the newest result of every set and variant.

python -m eval.report                        # Markdown on standard output
python -m eval.report --html report.html     # the same with plots, one file that needs nothing else
python -m eval.report --readme               # put the short tables between the two marks of docs/evaluation.md
python -m eval.report --summary              # what the Quality page shows; every eval.run makes it anew as well
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from eval import plots, result
from eval.compare import Comparison, between, paired, signed
from eval.metrics.calibration import reliability, risk_coverage
from eval.metrics.stats import difference
from eval.result import Result
from eval.shell import command, out
from rag.config import REPOSITORY
from rag.errors import EvalFault
from rag.history import evaluations
from rag.history.evaluations import Curve, Summary
from rag.history.statistics import Figure

TABLES = REPOSITORY / "docs" / "evaluation.md"
BEGIN, END = "<!-- eval.report begins -->", "<!-- eval.report ends -->"
COLUMNS = {
    "floor": "floor (words)",
    "closed": "closed book",
    "rag": "retrieval + reader",
    "loop": "whole loop",
    "llamaindex": "LlamaIndex",
    "encoder": "small judge",
    "reader": "reader as judge",
    "dense": "dense alone",
}
BEFORE = 3  # set, figure and n stand before the variants
MOST_POINTS = 100  # of a curve
_NOISE = re.compile(r"-noise-([\d.]+)$")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Row = Sequence[str]
BySet = dict[str, dict[str, Result]]
Naming = Callable[[str], str]


@app.command()
def main(
    results: Annotated[Path, typer.Option(help="The folder of results.")] = result.FOLDER,
    html: Annotated[Path | None, typer.Option(help="Write a page with plots here.")] = None,
    readme: Annotated[bool, typer.Option("--readme", help="Replace the block in docs/evaluation.md.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Write what the Quality page shows.")] = False,
    readme_file: Annotated[Path, typer.Option(help="Which file --readme changes.")] = TABLES,
) -> None:
    made = result.latest(results)
    if not made:
        raise EvalFault(f"There is no result in {results}. Make one: python -m eval.run check")
    if readme:
        replace_block(readme_file, short(made))
        out.print(f"{readme_file}", markup=False)
    if summary:
        out.print(f"{evaluations.write(summarised(made), results)}", markup=False)
    if html:
        html.write_text(page(made), "utf-8")
        out.print(f"{html}", markup=False)
    if not readme and not html and not summary:
        out.print(markdown(made), markup=False)


# --- tables ---------------------------------------------------------------------------------


def short(made: Sequence[Result]) -> str:
    """What the README shows: headline figures, abstaining, answers that are wrong, and what the loop changes. Variants
    that one set alone has (ways of doing sums) are in the full report only."""
    made = [one for one in made if one.variant in COLUMNS]
    abstained = one_figure(made, "abstained where unanswerable")
    parts = [_markdown(rows) for rows in (headlines(made), abstained, wrong(made), changes(made)) if len(rows) > 1]
    return "\n\n".join(part for part in parts if part)


def markdown(made: Sequence[Result]) -> str:
    blocks = [f"## {title}\n\n{_markdown(rows)}" for title, rows in tables(made) if len(rows) > 1]
    return "\n\n".join(blocks)


def tables(made: Sequence[Result]) -> list[tuple[str, list[Row]]]:
    return [
        ("Headline figures", headlines(made)),
        ("Answered wrongly, of all items", wrong(made)),
        ("The loop against the closed book and against plain retrieval, same items", changes(made)),
        ("Every figure", every(made)),
        ("Runs", runs(made)),
    ]


def headlines(made: Sequence[Result]) -> list[Row]:
    """A row a set, a column a variant; the first figure of a result is its headline."""
    chosen = {(one.set, one.name): next(iter(one.figures.items()), None) for one in made}
    named = {key: found[0] for key, found in chosen.items() if found}
    figures = {key: found[1] for key, found in chosen.items() if found}
    return _by_variant(made, figures, lambda name: next((named[key] for key in named if key[0] == name), ""))


def wrong(made: Sequence[Result]) -> list[Row]:
    """The share of all items answered wrongly (hallucination rate); the answered share is in the full table."""
    return one_figure(made, "answered wrongly, of all")


def one_figure(made: Sequence[Result], name: str) -> list[Row]:
    """A row a set that has this figure, a column a variant."""
    figures = {(one.set, one.name): one.figures[name] for one in made if name in one.figures}
    rows = _by_variant([one for one in made if (one.set, one.name) in figures], figures, lambda _: name)
    return rows if figures else []


def _by_variant(made: Sequence[Result], figures: dict[tuple[str, str], Figure], what: Naming) -> list[Row]:
    names = list(dict.fromkeys(one.name for one in sorted(made, key=_place)))
    rows: list[Row] = [["set", "figure", "n", *(COLUMNS.get(name, name) for name in names)]]
    for name in dict.fromkeys(one.set for one in made):
        found = [figures.get((name, variant)) for variant in names]
        counts = "/".join(dict.fromkeys(str(figure.n) for figure in found if figure))
        rows.append([name, what(name), counts, *(percent(figure) if figure else "" for figure in found)])
    return rows


def changes(made: Sequence[Result]) -> list[Row]:
    """The loop minus the others by paired tests: a row a set, then a row a language over all sets."""
    rows: list[Row] = [
        ["set", "n", "loop minus", "right, points", "McNemar p", "answered wrongly, points"],
    ]
    by_set = _by_set(made)
    for other in ("closed", "rag", "llamaindex", "floor"):
        for name, variants in by_set.items():
            if "loop" in variants and other in variants:
                found = between("loop", other, paired(variants["loop"], variants[other]))
                if found:
                    rows.append(_change(name, found, other))
        for language in ("zh", "en"):
            figure = pooled(by_set, other, language)
            if figure.n:
                rows.append([f"all, {language}", str(figure.n), COLUMNS[other], "", "", signed(figure)])
    return rows if len(rows) > 1 else []


def pooled(by_set: BySet, other: str, language: str) -> Figure:
    """The loop's share answered wrongly minus the other's, over the questions of all sets that have both; a question
    asked at several noise levels counts once, as their mean."""
    ours: dict[tuple[str, str], list[float]] = defaultdict(list)
    theirs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for name, variants in by_set.items():
        if "loop" not in variants or other not in variants or "answered wrongly, of all" not in variants[other].figures:
            continue
        for one, two in paired(variants["loop"], variants[other], language):
            if one.wrong is not None and two.wrong is not None:
                key = (_NOISE.sub("", name), one.id)
                ours[key].append(float(one.wrong))
                theirs[key].append(float(two.wrong))
    keys = list(ours)
    return difference([_mean(ours[key]) for key in keys], [_mean(theirs[key]) for key in keys])


def every(made: Sequence[Result]) -> list[Row]:
    rows: list[Row] = [["set", "variant", "figure", "value", "n", "95% interval"]]
    for one in sorted(made, key=lambda one: (one.set, _place(one))):
        for name, figure in one.figures.items():
            value = "–" if figure.value is None else f"{figure.value:.3f}"
            rows.append([one.set, one.name, name, value, str(figure.n), _interval(figure)])
    return rows


def runs(made: Sequence[Result]) -> list[Row]:
    rows: list[Row] = [
        ["set", "role", "variant", "n", "seconds, median", "in all", "reader", "embedder", "commit", "at"]
    ]
    for one in made:
        seconds = one.seconds
        numbers = [f"{seconds['median']:.2f}", f"{seconds['total']:.0f}"]
        what = [one.set, one.role, one.name, str(one.n)]
        rows.append([*what, *numbers, one.reader["name"], one.embedder, one.commit, one.at])
    return rows


def percent(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.1%}"
    return f"{figure.value:.1%} ({figure.low:.0%}–{figure.high:.0%})"


def replace_block(file: Path, block: str) -> None:
    """Put `block` between the two marks of `file`. Raises EvalFault where it has not exactly one pair of them."""
    text = file.read_text("utf-8") if file.exists() else ""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise EvalFault(f"{file} must hold the line {BEGIN} and, after it, the line {END}, each once. Put them in.")
    head, rest = text.split(BEGIN)
    file.write_text(f"{head}{BEGIN}\n{block}\n{END}{rest.split(END)[1]}", "utf-8")


# --- what the Quality page shows ------------------------------------------------------------


def summarised(made: Sequence[Result]) -> Summary:
    """Every table, the loop before what it is held against, and the curves."""
    tables = {"headlines": loop_first(headlines(made)), "wrong": loop_first(wrong(made)), "changes": changes(made)}
    tables |= {"every": every(made), "runs": runs(made)}
    return Summary(
        tuple(one.file_name for one in made),
        {name: tuple(tuple(row) for row in rows) for name, rows in tables.items() if rows},
        tuple(found for one in made if (found := curve(one))),
    )


def loop_first(rows: Sequence[Row]) -> list[Row]:
    """What Vouch itself did before what it is held against: a narrow table shows no more than the first columns."""
    made = [[*row] for row in rows]
    if made and COLUMNS["loop"] in made[0]:
        at = made[0].index(COLUMNS["loop"])
        for row in made:
            row.insert(BEFORE, row.pop(at))
    return [*made]


# --- the page -------------------------------------------------------------------------------

STYLE = """body{font:15px/1.5 sans-serif;margin:2em auto;max-width:1100px;padding:0 1em;color:#222}
table{border-collapse:collapse;font-size:13px;margin:1em 0}td,th{border-bottom:1px solid #ddd;padding:3px 10px;
text-align:left}svg{width:100%;max-width:760px;display:block;margin:1em 0}"""


def page(made: Sequence[Result]) -> str:
    """One HTML file: plots, then every table. Nothing in it is fetched."""
    drawn = "\n".join(pictures(made))
    shown = "\n".join(f"<h2>{escape(title)}</h2>\n{_html(rows)}" for title, rows in tables(made) if len(rows) > 1)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Vouch, measured</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>Vouch, measured</h1>\n{drawn}\n{shown}\n</body></html>\n"
    )


def pictures(made: Sequence[Result]) -> list[str]:
    """Only those there is something to draw for."""
    drawn = []
    noise: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in made:
        found = _NOISE.search(one.set)
        value = one.figures["answered rightly"].value if "answered rightly" in one.figures else None
        if found and value is not None:
            noise[f"{_NOISE.sub('', one.set)}, {one.name}"].append((float(found[1]), value))
    if noise:
        series = {name: sorted(points) for name, points in noise.items()}
        drawn.append(plots.lines("Answered rightly by noise", "share of noise passages", "right", series))
    curves = {f"{drawable.set}, {drawable.variant}": drawable for one in made if (drawable := curve(one))}
    for names in _sevens(curves):
        risks = {name: curves[name].risk for name in names}
        drawn.append(plots.lines("Risk and coverage", "share answered, surest first", "wrong among them", risks))
        bins_of = {name: curves[name].reliability for name in names}
        drawn.append(plots.lines("Reliability", "probability given", "share right", bins_of, diagonal=True))
    for variant in ("loop", "closed"):
        groups = both_languages([one for one in made if one.name == variant])
        if groups:
            drawn.append(plots.bars(f"Chinese beside English: {COLUMNS[variant]}", "headline figure", groups))
    return drawn


def curve(one: Result) -> Curve | None:
    """None for a result with fewer than ten answers whose probability and rightness are known, and for the floor."""
    known = [
        (o.probability, o.right)
        for o in one.outcomes
        if o.answered and o.probability is not None and o.right is not None
    ]
    if len(known) < 10 or one.variant == "floor":
        return None
    probabilities, right = [p for p, _ in known], [ok for _, ok in known]
    risk = risk_coverage(probabilities, right)
    risk = [risk[at] for at in sorted({round(at) for at in np.linspace(0, len(risk) - 1, min(len(risk), MOST_POINTS))})]
    bins = reliability(probabilities, right, min(10, len(known) // 5))
    return Curve(one.set, one.name, _points(risk), _points((each.probability, each.right) for each in bins))


def _points(pairs: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    return tuple((round(x, 4), round(y, 4)) for x, y in pairs)


def both_languages(made: Sequence[Result]) -> dict[str, dict[str, Figure]]:
    """Headline figures of sets that come in both languages, or of one set's two halves."""
    groups: dict[str, dict[str, Figure]] = defaultdict(dict)
    for one in made:
        parts = one.set.split("-")
        languages = [part for part in parts if part in ("zh", "en")]
        headline = next(iter(one.figures.values()), None)
        if len(languages) == 1 and headline:
            groups["-".join(part for part in parts if part != languages[0])][languages[0]] = headline
        for language in ("zh", "en"):
            if f"answered rightly, {language}" in one.figures:
                groups[one.set][language] = one.figures[f"answered rightly, {language}"]
    return {name: {lang: found[lang] for lang in ("zh", "en")} for name, found in groups.items() if len(found) == 2}


# --- small things ---------------------------------------------------------------------------


def _change(name: str, found: Comparison, other: str) -> Row:
    return [name, str(found.n), COLUMNS[other], signed(found.right), f"{found.test.p:.3f}", signed(found.wrong)]


def _by_set(made: Iterable[Result]) -> BySet:
    found: BySet = {}
    for one in made:
        found.setdefault(one.set, {})[one.name] = one
    return found


def _place(one: Result) -> tuple[int, str]:
    return (list(COLUMNS).index(one.variant) if one.variant in COLUMNS else len(COLUMNS), one.name)


def _interval(figure: Figure) -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.3f}–{figure.high:.3f}"


def _markdown(rows: Sequence[Row]) -> str:
    if len(rows) < 2:
        return ""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _html(rows: Sequence[Row]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table><tr>{head}</tr>{body}</table>"


def _sevens(names: Iterable[str]) -> list[list[str]]:
    """As many series as there are colours go into one picture."""
    listed = sorted(names)
    return [listed[at : at + len(plots.COLOURS)] for at in range(0, len(listed), len(plots.COLOURS))]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    command(app)
