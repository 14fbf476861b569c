"""Questions that a cell of a PDF's table answers: is it the right cell?

    python -m benchmarks.tables          # four made PDFs, twenty questions, the configured reader; needs reportlab

Every draft is published (`risk` 1), so that what counts is whether the right cell was read. A table names its columns
once, its rows differ in little, some cells are empty, one goes on over two pages and one has no lines.
"""

import io
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from eval.grade import right
from rag import wiring
from rag.answering.recording import answer
from rag.config import load
from rag.sources.ingest import ingest
from rag.types import Answered

SEED = 7
COLUMNS = ["Pump", "Power (kW)", "Pressure (bar)", "Built", "Supplier"]
PLACES = ["North hall", "South hall", "Lower quay", "Mill race"]
SUPPLIERS = ["Berg AG", "Holm & Sons", "Lund Works", "Adler KG", "Marsh Ltd"]
ASKED = {
    "Power (kW)": "What is the power of pump {pump} in the {place}?",
    "Pressure (bar)": "What pressure does pump {pump} in the {place} have?",
    "Built": "In which year was pump {pump} in the {place} built?",
    "Supplier": "Who supplied pump {pump} in the {place}?",
}
Rows = list[list[str]]


def main() -> None:
    draw = random.Random(SEED)
    config = load()
    config = replace(config, checking=replace(config.checking, risk=1.0))
    reader = wiring.reader(config)
    good, seconds = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        asked = list(_made(Path(folder), draw))
        config = replace(config, indexes=f"{folder}/built")
        with wiring.index(config, "tables", wiring.embedder(config), create=True) as index:
            sizes = config.chunk.tokens, index.embedder.max_tokens
            list(ingest([folder], index.put, index.embedder.token_ends, *sizes, config.fetch))
            parts = replace(wiring.parts(config, index, reader), ledger=None)
            for question, value in asked:
                began = perf_counter()
                [given] = [event.answer for event in answer(question, parts) if isinstance(event, Answered)]
                seconds += perf_counter() - began
                fits = right(given.text, ((value,),))
                good += fits
                sys.stdout.write(f"{'right' if fits else 'WRONG'}  {question}  [{value}]  {given.text[:100]}\n")
                sys.stdout.flush()
    sys.stdout.write(f"right cell {good} of {len(asked)}, {seconds / len(asked):.1f} s a question\n")


def _made(folder: Path, draw: random.Random) -> Iterator[tuple[str, str]]:
    """Write a PDF for each place; the questions to ask, five of each, with what answers them."""
    for at, place in enumerate(PLACES):
        rows = [
            [
                f"P-{100 * (at + 1) + number}", str(draw.randint(3, 90)), f"{draw.uniform(1, 20):.1f}",
                str(draw.randint(1950, 2020)), draw.choice(SUPPLIERS),
            ]
            for number in range(48 if at == 2 else 12)
        ]  # fmt: skip
        for row in draw.sample(rows, 3):
            row[draw.choice([1, 2])] = ""
        (folder / f"{place.lower().replace(' ', '-')}.pdf").write_bytes(_pdf(place, rows, ruled=at != 1))
        full = [(row, column) for row in rows for column in range(1, len(COLUMNS)) if row[column]]
        for row, column in draw.sample(full, 5):
            yield ASKED[COLUMNS[column]].format(pump=row[0], place=place.lower()), row[column]


def _pdf(place: str, rows: Rows, ruled: bool) -> bytes:
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    buffer, styles = io.BytesIO(), getSampleStyleSheet()
    grid, rule = ("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black)
    said = f"The pumps of the {place.lower()} were inspected in May. The table names each of them with what was found."
    title = f"Pumps of the {place.lower()}"
    table = Table([COLUMNS, *rows], style=[grid if ruled else rule], repeatRows=1)
    parts = [Paragraph(title, styles["Title"]), Paragraph(said, styles["Normal"]), Spacer(1, 12), table]
    SimpleDocTemplate(buffer, title=title).build(parts)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
