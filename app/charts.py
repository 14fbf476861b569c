"""Figures as Altair charts. Colours are Okabe and Ito's, and every series has its own shape and dash beside its colour.

Altair is imported by this module only, and this module only where something is drawn: it takes half a second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import altair as alt

from app.figures import Point

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999"]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [10, 3], [1, 3]]
CLICKED = "clicked"  # the name of the selection: a day and a group

Drawn = alt.LayerChart | alt.FacetChart
Curves = Mapping[str, Sequence[tuple[float, float]]]


def over_time(points: Sequence[Point], title: str, day: str, group: str, form: str, share: bool) -> Drawn:
    """A line a group, its interval behind it; a click on a point selects its day and group."""
    rows = [{**asdict(point), "on": point.day} for point in points]
    data = alt.InlineData(values=rows)
    groups = sorted({point.group for point in points})
    scale = alt.Scale(domain=[0, 1]) if share else alt.Scale(zero=True)
    across = alt.X("utcyearmonthdate(day):T", title=day, axis=alt.Axis(format="%m-%d", tickCount=8, grid=False))
    up = alt.Y("value:Q", title=None, scale=scale, axis=alt.Axis(format=form))
    legend = alt.Legend(title=group, orient="bottom", labelLimit=260, symbolOpacity=1) if len(groups) > 1 else None
    colour = alt.Color("group:N", scale=alt.Scale(domain=groups, range=_cycle(COLOURS, groups)), legend=legend)
    shape = alt.Shape("group:N", scale=alt.Scale(domain=groups, range=_cycle(SHAPES, groups)), legend=legend)
    dash = alt.StrokeDash("group:N", scale=alt.Scale(domain=groups, range=_cycle(DASHES, groups)), legend=None)
    short = ".0%" if share else form
    tip = [
        alt.Tooltip("on:N", title=day),
        alt.Tooltip("group:N", title=group),
        alt.Tooltip("value:Q", title=title, format=short),
        alt.Tooltip("low:Q", title="2.5%", format=short),
        alt.Tooltip("high:Q", title="97.5%" if share else "90%", format=short),
        alt.Tooltip("n:Q", title="n"),
    ]
    clicked = alt.selection_point(name=CLICKED, fields=["on", "group"], empty=True)
    base = alt.Chart(data).encode(x=across, color=colour)
    band = (
        base.transform_filter("isValid(datum.low)")
        .mark_errorband(opacity=0.12)
        .encode(y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q")
    )
    line = base.mark_line(strokeWidth=2).encode(y=up, strokeDash=dash)
    dots = base.mark_point(size=90, filled=True).encode(
        y=up, shape=shape, tooltip=tip, opacity=alt.condition(clicked, alt.value(1.0), alt.value(0.35))
    )
    return alt.layer(band, line, dots.add_params(clicked)).properties(height=340)


def curves(found: Curves, across: str, up: str, diagonal: bool = False) -> Drawn:
    """A line a result, both axes from 0 to 1; with `diagonal`, where both are equal."""
    rows = [{"name": name, "x": x, "y": y} for name, points in found.items() for x, y in points]
    names = list(found)
    unit = alt.Scale(domain=[0, 1])
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=_cycle(COLOURS, names)),
        legend=alt.Legend(title=None, orient="bottom", columns=1, labelLimit=320),
    )
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=names, range=_cycle(DASHES, names)), legend=None)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("x:Q", title=across, scale=unit, axis=alt.Axis(format="%", tickCount=5)),
        y=alt.Y("y:Q", title=up, scale=unit, axis=alt.Axis(format="%", tickCount=5)),
        color=colour,
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("x:Q", title=across, format=".1%"),
            alt.Tooltip("y:Q", title=up, format=".1%"),
        ],
    )
    drawn = [base.mark_line(strokeWidth=2, interpolate="linear").encode(strokeDash=dash, order="x:Q")]
    if diagonal:
        ends = alt.Chart(alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
        drawn = [ends.mark_line(color="#999999", strokeDash=[3, 3]).encode(x="x:Q", y="y:Q"), *drawn]
        drawn.append(base.mark_point(filled=True, size=50))
    # The page fits the legend into the height as well: a row of it takes so many pixels.
    return alt.layer(*drawn).properties(height=300 + len(names) * (30 if diagonal else 20))


def _cycle(values: Sequence[Any], names: Sequence[str]) -> list[Any]:
    return [values[at % len(values)] for at in range(len(names))]
