"""Contradicting quotes: found, and found where there are none.

    python -m benchmarks.contradictions                 # the odd items: the rules were made looking at the even ones
    python -m benchmarks.contradictions --half even
    python -m benchmarks.contradictions --index demo    # and the fixture's questions, over the passages kept for them

RGB zh_fact and en_fact (CC BY-NC-SA: measured, never trained on, not in this repository). Of one item, a true passage
and a false one contradict: "same" are the two versions of one passage, "other" versions of two passages (many of these
say nothing that the other denies). Two true ones do not, nor a true one and one beside the point. Of the fixture: its
six pairs of statements contradict; other sentences of the same two pages, for the same question, do not.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal

from benchmarks.corpora import data_folder
from eval.metrics.stats import wilson
from rag import wiring
from rag.checking.contradict import Opinion, conflicts
from rag.config import REPOSITORY, Config, load
from rag.index.index import Index
from rag.reading.passages import choose
from rag.reading.quotes import quote
from rag.seams import Embedder
from rag.sources.ingest import ingest
from rag.text import sentences
from rag.types import Chunk, Page, Quote

FIXTURES = REPOSITORY / "tests" / "fixtures"
Pair = tuple[str, str, Quote, Quote]  # sort, question, one side, the other
CONTRADICTING = ("same", "other", "statements")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("--half", choices=("even", "odd"), default="odd")
    parser.add_argument(
        "--index", default="", help="an index of the fixture corpus: measures the whole way to the quotes"
    )
    options = parser.parse_args()
    config = load()
    embedder = wiring.embedder(config)
    opinion = Opinion(alike=wiring.cosine(embedder))
    for language in ("en", "zh"):
        report(f"RGB {language}_fact, {options.half} items", rgb(options.data, language, options.half), opinion)
    report("fixture", fixture(), opinion)
    if options.index:
        whole_way(config, options.index, embedder, opinion)


def report(title: str, pairs: Iterator[Pair], opinion: Opinion) -> None:
    found: dict[str, list[bool]] = {}
    for sort, question, one, other in pairs:
        found.setdefault(sort, []).append(bool(conflicts(question, [one, other], {}, opinion)))
    print(title)
    for sort, hits in found.items():
        print(
            f"  {sort:12} {'found' if sort in CONTRADICTING else 'false':6} {share(sum(hits), len(hits))}", flush=True
        )
    false = [hit for sort, hits in found.items() if sort not in CONTRADICTING for hit in hits]
    print(f"  all that do not contradict   {share(sum(false), len(false))}", flush=True)


def share(hits: int, n: int) -> str:
    low, high = wilson(hits, n)
    return f"{hits / n:6.1%} ({hits}/{n}), {max(0.0, low):.1%}–{high:.1%}" if n else "–"


def rgb(data: Path, language: str, half: str) -> Iterator[Pair]:
    """Raises FileNotFoundError where the set is not in `data`."""
    lines = (data / "rgb" / f"{language}_fact.json").read_text("utf-8").splitlines()
    for line in lines[half == "odd" :: 2]:
        item = json.loads(line)
        true, false, beside = item["positive"], item["positive_wrong"], item["negative"]
        made = [
            *(("same", one, other) for one, other in zip(true, false, strict=True)),
            *(("other", true[i], false[j]) for i, j in product(range(len(true)), range(len(false))) if i != j),
            *(("true, true", one, other) for one, other in combinations(true, 2)),
            *(("true, beside", one, other) for one, other in product(true, beside)),
        ]
        yield from (
            (sort, item["query"], _quote(1, one), _quote(2, other)) for sort, one, other in made if one != other
        )


def fixture() -> Iterator[Pair]:
    """With their pages' titles, as a quote has one."""
    pages: dict[str, Page] = {}
    for entry in _entries("contradictions.jsonl"):
        question, names = entry["question"], entry["pages"]
        pages |= {name: _page(FIXTURES / "corpus" / name) for name in names if name not in pages}
        titles = [pages[name].title for name in names]
        one, other = (
            _quote(at, text, title) for at, (text, title) in enumerate(zip(entry["statements"], titles, strict=True), 1)
        )
        yield "statements", question, one, other
        said = [
            [_quote(at, text, pages[name].title) for text in _sentences(pages[name]) if value not in text]
            for at, (name, value) in enumerate(zip(names, entry["values"], strict=True), 1)
        ]
        yield from (("same pages", question, first, second) for first, second in product(*said))


def _page(path: Path) -> Page:
    pages: list[Page] = []

    def shelve(pairs: Iterable[tuple[Page, list[Chunk]]]) -> Iterator[tuple[str, Literal["added"]]]:
        for page, _ in pairs:
            pages.append(page)
            yield page.uri, "added"

    list(ingest([str(path)], shelve, lambda text: list(range(1, len(text) + 1)), 200, 500, Config().fetch))
    [page] = pages
    return page


def _sentences(page: Page) -> list[str]:
    spans = page.body or ((0, len(page.text)),)
    return [page.text[a:b] for start, end in spans for a, b in sentences(page.text, start, end)]


def whole_way(config: Config, name: str, embedder: Embedder, opinion: Opinion) -> None:
    """What the passages that are kept for a question say: the disputed questions, and the sixty that are not."""
    limits = config.reading
    with wiring.index(config, name, embedder) as index:
        both = found = 0
        disputed = _entries("contradictions.jsonl")
        for entry in disputed:
            kept, pages = _kept(index, embedder, entry["question"], limits.quotes, limits.quote_characters)
            held = [
                any(value in quote.text and Path(quote.uri).name == page for quote in kept)
                for value, page in zip(entry["values"], entry["pages"], strict=True)
            ]
            shown = conflicts(entry["question"], kept, pages, opinion)
            both += all(held)
            found += any(all(value in conflict.differs for value in entry["values"]) for conflict in shown)
            print(f"  {entry['id']}: both sides kept: {all(held)}; shown: {[c.differs for c in shown]}")
        false = 0
        undisputed = _entries("questions.jsonl")
        for entry in undisputed:
            kept, pages = _kept(index, embedder, entry["question"], limits.quotes, limits.quote_characters)
            shown = conflicts(entry["question"], kept, pages, opinion)
            false += bool(shown)
            if shown:
                print(f"  false: {entry['question']} {[c.differs for c in shown]}")
    print(f"whole way: both sides among the first search's quotes {share(both, len(disputed))}")
    print(f"  shown {share(found, len(disputed))}; questions nobody disputes, shown {share(false, len(undisputed))}")


def _kept(
    index: Index, embedder: Embedder, question: str, count: int, room: int
) -> tuple[list[Quote], dict[str, Page]]:
    kept: list[Quote] = []
    pages: dict[str, Page] = {}
    for passage in choose(question, index.search(question, 20), embedder, count, room):
        page = index.open(passage.uri)
        pages[page.sha256] = page
        kept.append(quote(len(kept) + 1, (passage.start, passage.end), page))
    return kept, pages


def _quote(number: int, text: str, title: str = "") -> Quote:
    return Quote(number, text, f"memory:{number}", title, str(number), 0, len(text))


def _entries(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURES / name).read_text("utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    main()
