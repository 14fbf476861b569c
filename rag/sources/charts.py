"""A chart of Excel's -> its title and its numbers: a row for each category, a column for each series."""

from typing import Any

from rag.sources import tables
from rag.sources.cells import shown

_MARK = "[Chart] "
_MOST = 5_000  # categories of a chart that are read

Points = dict[int, str]


def lines(chart: Any) -> list[str]:
    """`chart` is the root of its part. Only values that its program has kept with the chart are known here."""
    titles = [text for title in chart.iterfind("./{*}chart/{*}title") if (text := _said(title))]
    series = [one for one in chart.iter("{*}ser")]
    names = [next((text for name in one.iterfind("{*}tx") if (text := _said(name))), "") for one in series]
    categories = next((found for one in series if (found := _points(one, "cat", "xVal"))), {})
    values = [_points(one, "val", "yVal") for one in series]
    places = sorted({at for points in (categories, *values) for at in points})[:_MOST]
    rows = [[categories.get(at, ""), *(points.get(at, "") for points in values)] for at in places]
    written = tables.lines([["", *names], *rows], head=1) if rows else [name for name in names if name]
    return [f"{_MARK}{' '.join(titles)}".rstrip(), *written] if titles or written else []


def _said(element: Any) -> str:
    """The words of a title or a name, written out or kept from a cell."""
    parts = [part.text or "" for part in element.iter("{*}t", "{*}v")]
    return " ".join("".join(parts).split())


def _points(series: Any, *kinds: str) -> Points:
    """By its place in the series, what each point is shown as."""
    from openpyxl.styles.numbers import is_date_format  # type: ignore[import-untyped]
    from openpyxl.utils.datetime import from_excel  # type: ignore[import-untyped]

    points: Points = {}
    for kind in kinds:
        for held in series.iterfind(f"{{*}}{kind}"):
            form = next((one.text or "" for one in held.iter("{*}formatCode")), "General")
            for point in held.iter("{*}pt"):
                said = next((value.text or "" for value in point.iterfind("{*}v")), "")
                own = point.get("formatCode", form)
                try:
                    number = float(said)
                    points[int(point.get("idx"))] = shown(from_excel(number) if is_date_format(own) else number, own)
                except (TypeError, ValueError, OverflowError):  # words
                    points[int(point.get("idx", 0))] = said
    return points
