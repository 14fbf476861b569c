"""Building an index: Vouch beside LangChain and txtai, the same pages, the same embedding model, in one run.

    python -m venv --system-site-packages ../peers          # from the environment that runs Vouch (the full set)
    ../peers/bin/pip install langchain-huggingface==1.2.3 langchain-community==0.4.2 \
        langchain-text-splitters==1.1.3 txtai==9.14.0       # they want an older huggingface_hub than Vouch pins
    ../peers/bin/python -m benchmarks.build

The systems take turns over slices of the pages, each adding to its own index, so that a busy minute of the machine
hurts all of them. Each cuts at about 200 tokens: Vouch with its own chunker, LangChain with its
RecursiveCharacterTextSplitter over the model's tokenizer; txtai has no splitter of that kind and is handed Vouch's
chunks, whose making is not counted for it. Every system uses the model's own prefixes and unit vectors. The peers run
the model as they do by default, through sentence-transformers and torch in float32; Vouch as it does by default, int8
through onnxruntime.

Seconds are for the same pages; processor seconds, over all threads, hardly depend on what else runs. Chunks a second
are each system's own chunks. R@5: the right paragraph is among the first five distinct ones, by dense search alone for
all of them (Vouch's fused search has a line of its own).
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.corpora import Question, chunked, data_folder, load, squad
from rag import models
from rag.config import ChunkConfig
from rag.history.statistics import wilson
from rag.index import embed
from rag.index.index import Index
from rag.protocols import Embedder
from rag.types import Page

DEPTH = 30
WARM_UP = Page("warm-up", "The first call of a model is slow. 第一次调用很慢。 It is added first and not counted.")


class System(Protocol):
    name: str

    def add(self, pages: Sequence[Page]) -> int:
        """Cut, embed and store; gives the number of chunks."""
        ...

    def find(self, question: str) -> list[str]:
        """Uris of the DEPTH nearest chunks, best first."""
        ...


class Vouch:
    name = "Vouch"

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        self.index = Index.at(folder, embedder, create=True)

    def add(self, pages: Sequence[Page]) -> int:
        before = sum(page.chunks for page in self.index.pages())
        for _ in self.index.put(chunked(pages, self._embedder)):
            pass
        self.index.flush()
        return sum(page.chunks for page in self.index.pages()) - before

    def find(self, question: str) -> list[str]:
        return [hit.chunk.uri for hit in self.index.legs(question, DEPTH)[0]]


class LangChain:
    name = "LangChain (splitter + HuggingFaceEmbeddings + FAISS)"

    def __init__(self, model: Path) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter
        from transformers import AutoTokenizer

        self._splitter = RecursiveCharacterTextSplitter.from_huggingface_tokenizer(
            AutoTokenizer.from_pretrained(str(model)),
            chunk_size=ChunkConfig().tokens,
            chunk_overlap=0,
            separators=["\n\n", "\n", "。", ". ", "，", " ", ""],
        )
        self._embeddings = HuggingFaceEmbeddings(
            model_name=str(model),
            encode_kwargs={"normalize_embeddings": True, "prompt": "passage: "},
            query_encode_kwargs={"normalize_embeddings": True, "prompt": "query: "},
        )
        self._store: Any = None

    def add(self, pages: Sequence[Page]) -> int:
        from langchain_community.vectorstores import FAISS

        texts = [(part, page.uri) for page in pages for part in self._splitter.split_text(page.text)]
        parts, facts = [part for part, _ in texts], [{"uri": uri} for _, uri in texts]
        if self._store is None:
            self._store = FAISS.from_texts(parts, self._embeddings, metadatas=facts)
        else:
            self._store.add_texts(parts, metadatas=facts)
        return len(texts)

    def find(self, question: str) -> list[str]:
        return [found.metadata["uri"] for found in self._store.similarity_search(question, k=DEPTH)]


class Txtai:
    name = "txtai"

    def __init__(self, model: Path, chunks: Callable[[Sequence[Page]], list[tuple[str, str]]]) -> None:
        from txtai import Embeddings

        self._chunks = chunks
        self._uris: list[str] = []
        self._embeddings = Embeddings(
            path=str(model), instructions={"query": "query: ", "data": "passage: "}, backend="faiss"
        )

    def add(self, pages: Sequence[Page]) -> int:
        texts = self._chunks(pages)
        rows = [(len(self._uris) + number, text, None) for number, (text, _) in enumerate(texts)]
        (self._embeddings.upsert if self._uris else self._embeddings.index)(rows)
        self._uris += [uri for _, uri in texts]
        return len(texts)

    def find(self, question: str) -> list[str]:
        return [self._uris[int(number)] for number, _ in self._embeddings.search(question, DEPTH)]


@dataclass
class Record:
    seconds: list[float] = field(default_factory=list)
    processor: float = 0.0
    chunks: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("--pages", type=int, default=240, help="paragraphs of each language")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--questions", type=int, default=300)
    options = parser.parse_args()
    pages, questions = mixed(options.data, options.pages)
    embedder, torch_folder = embed.local(models.onnx_folder()), models.sentence_transformer_folder()
    with tempfile.TemporaryDirectory() as scratch:
        cut = {
            page.uri: [(chunk.text, page.uri) for chunk in chunks]
            for page, chunks in chunked([WARM_UP, *pages], embedder)
        }
        vouch = Vouch(Path(scratch) / "built" / "vouch", embedder)
        systems: list[System] = [
            vouch,
            LangChain(torch_folder),
            Txtai(torch_folder, lambda some: [piece for page in some for piece in cut[page.uri]]),
        ]
        for system in systems:
            system.add([WARM_UP])
        records = build(systems, pages, options.turns)
        asked = random.Random(11).sample(questions, min(options.questions, len(questions)))
        print(
            f"\n{load()}; {len(pages)} pages in {options.turns} turns; {embedder.name} and the same weights in torch\n"
        )
        report(systems, records, asked)
        fused = sum(
            right(question, [hit.chunk.uri for hit in vouch.index.search(question.text, DEPTH)]) for question in asked
        )
        print(f"\nVouch's fused search on the same questions: R@5 {fused / len(asked):.3f}")
        vouch.index.close()


def mixed(data: Path, count: int) -> tuple[list[Page], list[Question]]:
    """`count` XQuAD paragraphs in English and as many in Chinese, shuffled, and their questions."""
    pages: list[Page] = []
    questions: list[Question] = []
    for language in ("en", "zh"):
        some, asked = squad(data / "xquad" / f"xquad.{language}.json", language)
        kept = {page.uri for page in some[:count]}
        pages += some[:count]
        questions += [question for question in asked if question.uri in kept]
    random.Random(5).shuffle(pages)
    return pages, questions


def build(systems: Sequence[System], pages: Sequence[Page], turns: int) -> dict[str, Record]:
    records = {system.name: Record() for system in systems}
    for turn in range(turns):
        part = pages[turn::turns]
        for system in systems:
            began, worked = time.perf_counter(), time.process_time()
            records[system.name].chunks += system.add(part)
            records[system.name].seconds.append(time.perf_counter() - began)
            records[system.name].processor += time.process_time() - worked
        print(
            f"turn {turn + 1}: " + ", ".join(f"{name} {record.seconds[-1]:.1f} s" for name, record in records.items())
        )
    return records


def right(question: Question, uris: Sequence[str]) -> bool:
    return question.uri in list(dict.fromkeys(uris))[:5]


def report(systems: Sequence[System], records: dict[str, Record], questions: Sequence[Question]) -> None:
    base = records["Vouch"]
    print("| system | chunks | seconds | chunks/s | times Vouch's (each turn) | processor seconds | R@5 dense [95%] |")
    print("|---|---|---|---|---|---|---|")
    for system in systems:
        record = records[system.name]
        seconds = sum(record.seconds)
        turns = ", ".join(f"{other / ours:.1f}" for other, ours in zip(record.seconds, base.seconds, strict=True))
        hits = sum(right(question, system.find(question.text)) for question in questions)
        low, high = wilson(hits, len(questions))
        recall = f"{hits / len(questions):.3f} [{low:.3f}, {high:.3f}], n={len(questions)}"
        speed = f"{seconds:.1f} | {record.chunks / seconds:.1f} | {seconds / sum(base.seconds):.1f} ({turns})"
        work = f"{record.processor:.1f} (x{record.processor / base.processor:.1f})"
        print(f"| {system.name} | {record.chunks} | {speed} | {work} | {recall} |")


if __name__ == "__main__":
    main()
