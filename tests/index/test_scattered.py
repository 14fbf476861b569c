"""Embedding on two Ray nodes of which one is killed in the middle: every vector is there once and is the right one."""

import importlib.util
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelFault
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.index.scattered import ScatteredEmbedder

TEXTS = [f"The heron number {number} stands in the water. 第{number}只苍鹭站在水里。 " * 8 for number in range(8000)]


@pytest.fixture
def cluster() -> Iterator[object]:
    pytest.importorskip("ray", reason="Ray is not installed: requirements-ray.txt in an environment of its own")
    import ray
    from ray.cluster_utils import Cluster

    facts = {"num_cpus": 1, "object_store_memory": 200 << 20, "node_ip_address": "127.0.0.1"}
    made = Cluster(initialize_head=True, head_node_args=facts)
    made.second = made.add_node(**facts)
    made.wait_for_nodes()
    yield made
    ray.shutdown()
    made.shutdown()


def slow(folder: Path) -> Callable[[], HashEmbedder]:
    """Makes embedders that take their time and leave a file a call, named after their process."""

    class Slow(HashEmbedder):
        def passages(self, texts):
            time.sleep(0.1)
            (folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()
            return super().passages(texts)

    return partial(Slow, 256)


@pytest.mark.ray
def test_a_node_that_is_killed_in_the_middle_costs_nothing_but_time(cluster, tmp_path: Path, pair) -> None:
    import ray

    calls = tmp_path / "calls"
    calls.mkdir()
    here = HashEmbedder(256)
    scattered = ScatteredEmbedder(here, slow(calls), cluster.address, workers=2)
    assert len([node for node in ray.nodes() if node["Alive"]]) == 2
    done_when_killed: list[int] = []

    def kill() -> None:
        """Once both nodes have embedded something."""
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            done = Counter(path.name.partition("-")[0] for path in calls.iterdir())
            if len(done) == 2 and min(done.values()) >= 3:
                cluster.remove_node(cluster.second, allow_graceful=False)
                done_when_killed.append(done.total())
                return
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    with Index.at(tmp_path / "notes", scattered, create=True) as index:
        pairs = (pair(f"page {number}", text, size=1000) for number, text in enumerate(TEXTS))
        outcomes = list(index.put(pairs, batch=len(TEXTS), linger=600))
        killer.join()
        assert 0 < done_when_killed[0] < len(TEXTS) // 64
        assert [outcome for _, outcome in outcomes] == ["added"] * len(TEXTS)
        assert index.embedded == len(TEXTS)
        index.examine()
        ids, stored = index.store.vectors(index.store.changes(-1).added)
        assert len(ids) == len(set(ids.tolist())) == len(TEXTS)
        expected = here.passages(TEXTS)
        assert np.allclose((stored * expected).sum(axis=1), 1, atol=1e-3)


def test_without_ray_the_fault_says_what_to_install() -> None:
    if importlib.util.find_spec("ray"):
        pytest.skip("Ray is installed here")
    with pytest.raises(ModelFault, match=r"requirements-ray\.txt"):
        ScatteredEmbedder(HashEmbedder(), HashEmbedder, "auto", 2)
