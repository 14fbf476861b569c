"""Building, memory and latency over the number of chunks, as a picture: what `benchmarks.scale` has measured.

    python -m benchmarks.growth docs/scale.svg

Both axes are logarithmic: a straight line of the grid's slope grows as the index does, a flat one not at all.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from rag.config import home

Row = dict[str, Any]
Points = list[tuple[float, float]]

PANELS: dict[str, dict[str, Callable[[Row], float]]] = {
    "build, processor seconds": {
        "pages, chunks and vectors into the store": lambda row: row["build_processor_s"]["store"],
        "text leg": lambda row: row["build_processor_s"]["terms"],
        "vector leg": lambda row: row["build_processor_s"]["vectors"],
    },
    "memory, MB": {
        "vector leg": lambda row: row["vector_mb"],
        "whole process that searches": lambda row: row["hybrid_mb"],
        "file of the vector leg, on the disk": lambda row: row["megabytes"]["vectors.faiss"],
    },
    "one search, median ms": {
        "vector leg": lambda row: row["vector_ms"]["median"],
        "text leg": lambda row: row["text_ms"]["median"],
        "both, fused": lambda row: row["hybrid_ms"]["median"],
        "both, 4 clients at once": lambda row: row["clients_ms"]["median"],
    },
}
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499")  # told apart by colour-blind readers, too

SIDE, GAP, LEFT, TOP, LINE = 230, 78, 52, 30, 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("to", type=Path, help="the .svg to write")
    parser.add_argument("--rows", type=Path, default=home() / "benchmarks" / "scale" / "scale.json")
    options = parser.parse_args()
    rows = [row for row in json.loads(options.rows.read_text("utf-8")).values() if "hybrid_ms" in row]
    options.to.write_text(picture(sorted(rows, key=lambda row: row["chunks"])), "utf-8")


def picture(rows: Sequence[Row]) -> str:
    """SVG of one panel beside the other."""
    width = LEFT + len(PANELS) * (SIDE + GAP) - GAP + 34
    height = TOP + SIDE + 44 + LINE * max(map(len, PANELS.values()))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, (title, lines) in enumerate(PANELS.items()):
        drawn = {name: [(row["chunks"], max(1e-3, value(row))) for row in rows] for name, value in lines.items()}
        left = LEFT + number * (SIDE + GAP)
        parts += [f'<g transform="translate({left} {TOP})">', *panel(title, drawn), "</g>"]
    return "\n".join([*parts, "</svg>\n"])


def panel(title: str, drawn: dict[str, Points]) -> Iterable[str]:
    """Grid, lines with their points, and under it what each line is."""
    xs, ys = zip(*(point for points in drawn.values() for point in points), strict=True)
    across, up = decades(xs), decades(ys)

    def at(x: float, y: float) -> tuple[float, float]:
        return SIDE * share(x, across), SIDE * (1 - share(y, up))

    yield f'<text x="0" y="-10" font-weight="bold">{escape(title)}</text>'
    for power in range(across[0], across[1] + 1):
        x, _ = at(10.0**power, 10.0 ** up[0])
        yield f'<line x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{SIDE}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{SIDE + 14}" text-anchor="middle">{10**power:,}</text>'
    for power in range(up[0], up[1] + 1):
        _, y = at(10.0 ** across[0], 10.0**power)
        yield f'<line x1="0" y1="{y:.1f}" x2="{SIDE}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="-5" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,g}</text>'
    yield f'<text x="{SIDE / 2}" y="{SIDE + 28}" text-anchor="middle">chunks</text>'
    for number, (name, points) in enumerate(drawn.items()):
        colour = COLOURS[number]
        places = [at(*point) for point in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>' for x, y in places)
        y = SIDE + 46 + LINE * number
        yield f'<line x1="0" y1="{y - 4}" x2="16" y2="{y - 4}" stroke="{colour}" stroke-width="2.5"/>'
        yield f'<text x="22" y="{y}">{escape(name)}</text>'


def decades(values: Iterable[float]) -> tuple[int, int]:
    """Powers of ten at or around the least and the greatest; at least one apart."""
    known = list(values)
    low, high = math.floor(math.log10(min(known)) + 0.01), math.ceil(math.log10(max(known)) - 0.01)
    return low, max(high, low + 1)


def share(value: float, between: tuple[int, int]) -> float:
    """Where `value` lies between two powers of ten: 0 to 1."""
    return (math.log10(value) - between[0]) / (between[1] - between[0])


if __name__ == "__main__":
    main()
