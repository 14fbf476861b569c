"""How well the main text of HTML pages is found: python -m benchmarks.extraction --data FOLDER

English: pages with the true article body (scrapinghub/article-extraction-benchmark), scored with that benchmark's
measure (eval.metrics.extraction), with 95% intervals: on the text, on the part that is searched (body), and on that
part as the page shows it (shown), without the names of columns that each row of a table is given here. Published there:
trafilatura 2.0.0 .958, newspaper4k .949, readability-lxml .922, over its 181 pages; the folder here may hold fewer.
Chinese: no truth is known, so only what
cannot be right is counted: no text, characters that no charset gave, a language that is not Chinese.
"""

import argparse
import gzip
import json
import re
import statistics
import time
from pathlib import Path

from eval.metrics import extraction as measure
from rag.errors import SourceFault
from rag.sources.extract import extract

SIDES = ("text", "body", "shown")
_BROKEN = re.compile("[\ufffd\ue000-\uf8ff]|锟斤拷|Ã.|â€")


def as_shown(text: str) -> str:
    """`text` without the column's name before each value in a row: "Item: Oats | 2019: 2.9" under "Item | 2019"."""
    names: set[str] = set()
    written = []
    for line in text.split("\n"):
        cells = [cell.partition(": ") for cell in line.split(" | ")]
        if len(cells) > 1 and not any(name in names for name, _, _ in cells):
            names = set(line.split(" | "))
        values = (value if name in names and value else f"{name}{colon}{value}" for name, colon, value in cells)
        written.append(" | ".join(values))
    return "\n".join(written)


def english(folder: Path) -> None:
    truths = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    scores: dict[str, list[measure.Match]] = {side: [] for side in SIDES}
    started = time.perf_counter()
    for name, truth in truths.items():
        try:
            page = extract(gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()), f"{name}.html")
            body = "\n".join(page.text[start:end] for start, end in page.body)
            found = {"text": page.text, "body": body, "shown": as_shown(body)}
        except SourceFault as fault:
            print(f"  {fault}")
            found = dict.fromkeys(SIDES, "")
        for part, text in found.items():
            scores[part].append(measure.match(truth["articleBody"], text))
    seconds = (time.perf_counter() - started) / len(truths)
    for part, pages in scores.items():
        told = measure.extraction(pages)
        print(f"en {part}: precision {told.precision}  recall {told.recall}  F1 {told.f1}")
    print(f"en: {len(truths)} pages, {seconds:.2f} s a page")


def chinese(folder: Path) -> None:
    pages = 0
    troubles = []
    lengths = []
    for file in sorted(folder.glob("*/*.html.gz")):
        name = f"{file.parent.name}/{file.name}"
        pages += 1
        try:
            page = extract(gzip.decompress(file.read_bytes()), f"{name.removesuffix('.gz')}")
        except SourceFault as fault:
            troubles.append(str(fault))
            continue
        lengths.append(len(page.text))
        if broken := _BROKEN.findall(page.text):
            troubles.append(f"{name}: {len(broken)} broken characters")
        if page.language != "zh" or len(page.text) < 100:
            troubles.append(f"{name}: {len(page.text)} characters of '{page.language}'")
    print(f"zh: {pages} pages, median {statistics.median(lengths):.0f} characters, {len(troubles)} in doubt")
    for trouble in troubles:
        print(f"  {trouble}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="holds html_extraction_en and html_extraction_zh")
    data = parser.parse_args().data
    english(data / "html_extraction_en")
    chinese(data / "html_extraction_zh")
