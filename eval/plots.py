"""Two kinds of picture as SVG text that needs no script and no network: lines, and bars with their intervals."""

from collections.abc import Mapping, Sequence
from html import escape

from rag.history.statistics import Figure

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 560, 300, 48, 34, 44
# Okabe and Ito's colours, told apart by colour-blind eyes too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LEGEND = 170

Points = Sequence[tuple[float, float]]


def lines(title: str, across: str, up: str, series: Mapping[str, Points], diagonal: bool = False) -> str:
    """A line a series, both axes from 0 to 1; points are marked. `diagonal` draws where both are equal."""
    drawn = [_line([(0.0, 0.0), (1.0, 1.0)], "#999", dashed=True)] if diagonal else []
    for number, points in enumerate(series.values()):
        colour = COLOURS[number % len(COLOURS)]
        drawn.append(_line(points, colour))
        if len(points) <= 20:
            drawn += [f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="3" fill="{colour}"/>' for x, y in points]
    ticks = [
        f'<text x="{_x(at / 5):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{at / 5:.1f}</text>'
        for at in range(6)
    ]
    return _frame(title, across, up, [*ticks, *drawn], list(series))


def bars(title: str, up: str, groups: Mapping[str, Mapping[str, Figure]]) -> str:
    """A group of bars a key, a bar a series, with 95% intervals; the same series has the same colour in every group."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    drawn = []
    step = 1 / max(1, len(groups))
    for at, (label, group) in enumerate(groups.items()):
        width = step * 0.8 / max(1, len(names))
        for number, name in enumerate(names):
            figure = group.get(name)
            if figure is not None and figure.value is not None:
                left = at * step + step * 0.1 + number * width
                drawn += _bar(left, width, figure, COLOURS[number % len(COLOURS)])
        middle = _x(at * step + step / 2)
        drawn.append(f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(label)}</text>')
    return _frame(title, "", up, drawn, names)


def _bar(left: float, width: float, figure: Figure, colour: str) -> list[str]:
    value = figure.value or 0.0
    x, y = _x(left), _y(value)
    drawn = [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{_x(left + width) - x - 1:.1f}" height="{_y(0) - y:.1f}" '
        f'fill="{colour}" opacity="0.8"><title>{escape(str(figure))}</title></rect>'
    ]
    if figure.low is not None and figure.high is not None:
        middle = _x(left + width / 2)
        drawn.append(
            f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{_y(figure.low):.1f}" y2="{_y(figure.high):.1f}" '
            'stroke="#333"/>'
        )
    return drawn


def _line(points: Points, colour: str, dashed: bool = False) -> str:
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    dashes = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'


def _frame(title: str, across: str, up: str, inside: Sequence[str], legend: Sequence[str]) -> str:
    grid = []
    for at in range(6):
        y = _y(at / 5)
        grid.append(f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        grid.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{at / 5:.1f}</text>')
    key = []
    for number, name in enumerate(legend):
        y = TOP + 18 * number
        key.append(f'<rect x="{WIDTH + 14}" y="{y}" width="10" height="10" fill="{COLOURS[number % len(COLOURS)]}"/>')
        key.append(f'<text x="{WIDTH + 30}" y="{y + 9}">{escape(name)}</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    words = [
        f'<text x="{LEFT}" y="18" font-weight="bold" font-size="13">{escape(title)}</text>',
        f'<text x="{(LEFT + WIDTH) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(12 {middle:.0f}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH + LEGEND} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}" '
        f'font-family="sans-serif" font-size="11">{"".join([*grid, *inside, *key, *words])}</svg>'
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
