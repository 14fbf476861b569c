"""Seconds and memory to read large files: a PDF of 500 pages, a CSV of 100,000 rows.

    python -m benchmarks.large          # made here by fpdf2 and csv; each is read and chunked in a process of its own

Embedding is not in it: that takes what `benchmarks.embedding` says for so many chunks.
"""

import csv
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

PAGES, ROWS = 500, 100_000
WORDS = [
    "pump",
    "pressure",
    "north",
    "keeper",
    "hall",
    "station",
    "museum",
    "harbour",
    "lamp",
    "gauge",
    "reading",
    "report",
    "valve",
    "seal",
    "water",
    "level",
]


def main() -> None:
    if len(sys.argv) > 1:
        _read(Path(sys.argv[1]))
        return
    sys.stdout.write(
        "| file | MB | characters | chunks | seconds | MB of memory at most |\n|---|---|---|---|---|---|\n"
    )
    draw = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        for file in (_pdf(Path(folder) / "large.pdf", draw), _csv(Path(folder) / "large.csv", draw)):
            told = subprocess.run(
                [sys.executable, "-m", "benchmarks.large", str(file)], check=True, capture_output=True, text=True
            )
            sys.stdout.write(told.stdout)


def _read(file: Path) -> None:
    from rag import wiring
    from rag.config import load
    from rag.sources.chunk import chunk
    from rag.sources.ingest import read

    config = load()
    embedder = wiring.embedder(config)
    ends, began = embedder.token_ends("."), perf_counter()
    page = read(str(file), config.fetch)
    chunks = chunk(page, embedder.token_ends, config.chunk.tokens, embedder.max_tokens)
    seconds = perf_counter() - began
    assert ends and chunks
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    size = file.stat().st_size / 1e6
    name = f"PDF, {PAGES} pages" if file.suffix == ".pdf" else f"CSV, {ROWS:,} rows"
    sys.stdout.write(f"| {name} | {size:.1f} | {len(page.text):,} | {len(chunks):,} | {seconds:.1f} | {used:.0f} |\n")


def _sentence(draw: random.Random) -> str:
    return " ".join(draw.choices(WORDS, k=12)).capitalize() + "."


def _pdf(file: Path, draw: random.Random) -> Path:
    from fpdf import FPDF

    made = FPDF()
    made.set_font("helvetica", size=10)
    for number in range(PAGES):
        made.add_page()
        made.multi_cell(0, 5, f"Chapter {number + 1}\n" + " ".join(_sentence(draw) for _ in range(35)))
    made.output(str(file))
    return file


def _csv(file: Path, draw: random.Random) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Pump", "Power kW", "Pressure bar", "Built", "Hall", "Note"])
        for number in range(ROWS):
            facts = [draw.randint(3, 90), f"{draw.uniform(1, 20):.1f}", draw.randint(1950, 2020), draw.choice(WORDS)]
            writer.writerow([f"P-{number}", *facts, _sentence(draw)])
    return file


if __name__ == "__main__":
    main()
