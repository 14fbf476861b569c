"""Vector search and embedding, CPU and GPU side by side in one run. No GPU has run it yet.

    python -m benchmarks.gpu --sizes 100000,1000000

Needs the environment of requirements-gpu.txt. Vectors are those of `benchmarks.scale`; the CPU has the form that its
size asks for, the GPU the same file copied to it (Flat in half precision, split over several cards; the lists of a very
large index as they are). Recall is against exact search.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.corpora import load
from benchmarks.scale import DIMENSION, Synthetic
from rag.index.devices import OnDevices
from rag.index.exact import Exact
from rag.index.forms import Form, Policy
from rag.index.held import Base, Growing
from rag.index.wheels import device_count
from rag.protocols import Vectors

QUERIES = 200
NONE = np.zeros(0, np.int64)
SLICE = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100000,1000000")
    options = parser.parse_args()
    devices = device_count()
    print(f"{devices} GPUs usable by faiss. {load()}")
    if not devices:
        print("Only the CPU is measured: install requirements-gpu.txt on a machine with an NVIDIA driver.")
    print("| vectors | where | form | ready, s | median ms, one query | ms a query, 200 at once | recall@10 |")
    print("|---|---|---|---|---|---|---|")
    for count in map(int, options.sizes.split(",")):
        compare(count, devices)
    embedding(devices)
    print(load())


def compare(count: int, devices: int) -> None:
    """Prints a row a place. The lists of the CPU form are looked at as `Policy` would have them after tuning: here all
    that the square root of their number asks for, so that both sides do the same work."""
    source, policy = Synthetic(5), Policy()
    queries = Synthetic(6).draw(QUERIES)
    exact = Exact(queries, 10)
    parts = [source.draw(min(SLICE, count - at)) for at in range(0, count, SLICE)]
    for part in parts:
        exact.see(part)
    row("CPU", policy.form(count, 0), parts, queries, exact, lambda held: held)
    if devices:
        row("GPU", policy.form(count, devices), parts, queries, exact, lambda held: OnDevices(held, devices))


def row(
    where: str, form: Form, parts: list[Vectors], queries: Vectors, exact: Exact, ready: Callable[[Growing], Base]
) -> None:
    began = time.perf_counter()
    held = Growing.empty(form, DIMENSION)
    if form.sample:
        held.fit(np.concatenate(parts)[:: max(1, sum(map(len, parts)) // form.sample)])
    at = 0
    for part in parts:
        held.add(np.arange(at, at + len(part)), part)
        at += len(part)
    if form.lists:
        held.probe(max(1, form.lists // 32))
    base = ready(held)
    seconds = time.perf_counter() - began
    base.search(queries[:1], 10, NONE)
    times = []
    for query in queries:
        start = time.perf_counter()
        base.search(query.reshape(1, -1), 10, NONE)
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    _, ids = base.search(queries, 10, NONE)
    batch = (time.perf_counter() - start) / len(queries)
    everything = np.concatenate(parts)
    recall = exact.hits([everything[some] for some in ids]) / ids.size
    shown = f"{1e3 * statistics.median(times):.2f} | {1e3 * batch:.3f} | {recall:.3f}"
    print(f"| {at} | {where} | {form.name} | {seconds:.1f} | {shown} |", flush=True)


def embedding(devices: int) -> None:
    """Passages a second by the same model in torch, on the CPU and in float16 on the GPU."""
    if not devices:
        return
    from rag import models
    from rag.index.embed import SentenceTransformerEmbedder

    texts = [
        f"Passage {n}: " + "the heron stands in the shallow water and waits. 苍鹭在浅水里等。" * 6 for n in range(512)
    ]
    for device in ("cpu", "cuda"):
        embedder = SentenceTransformerEmbedder(models.sentence_transformer_folder(), device)
        embedder.passages(texts[:32])
        start = time.perf_counter()
        embedder.passages(texts)
        print(f"embedding on {device}: {len(texts) / (time.perf_counter() - start):.0f} passages/s")


if __name__ == "__main__":
    main()
