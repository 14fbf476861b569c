"""The adaptation merged into the graph: what it computes, and what is refused."""

import hashlib

import numpy as np
import pytest

from rag.errors import ModelFault
from rag.models import judge, onnx_graph, weights
from tests.models import toy_judge, toy_weights


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """(path of the weights, the tensors in it)."""
    path = tmp_path_factory.mktemp("weights") / "toy.bin"
    return path, toy_weights.write(path)


def run(model: bytes, ids: np.ndarray) -> list[np.ndarray]:
    """[logits (4,), spans (tokens, 2)]"""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return [one[0] for one in onnxruntime.InferenceSession(model, options).run(None, {"input_ids": ids[None]})]


def test_the_graph_computes_the_adapted_encoder_and_its_heads(toy):
    path, tensors = toy
    added = toy_judge.adaptation()
    merged = dict(tensors)
    for part, names in {"qkv": "q k v", "ao": "ao", "fi": "fi", "fo": "fo"}.items():
        delta = added[f"l1_{part}.up"] @ added[f"l1_{part}.down"]
        for name, rows in zip(names.split(), np.split(delta, len(names.split())), strict=True):
            merged[f"l1.{name}.w"] = tensors[f"l1.{name}.w"] + rows
    ids = np.random.default_rng(5).integers(0, toy_weights.VOCABULARY, 9)
    found = run(judge.graph(weights.read(path), added), ids)

    def wanted(named):
        states = toy_weights.states_of(named, ids)
        pooled = np.concatenate([states[0], states.mean(0)])
        heads = np.concatenate([added["entails.weight"], added["answers.weight"]])
        logits = heads @ pooled + np.concatenate([added["entails.bias"], added["answers.bias"]])
        return logits, states @ added["spans.weight"].T + added["spans.bias"]

    for mine, exact, plain in zip(found, wanted(merged), wanted(tensors), strict=True):
        # int8 is near, the plain encoder is not: 0.02 of the way to it with VNNI, 0.20 without (Haswell).
        assert np.abs(mine - exact).max() < 0.35 * np.abs(exact - plain).max()
        assert mine.shape == exact.shape


def test_the_embedder_is_the_same_bytes_as_without_an_adaptation(toy):
    path, _ = toy
    read = weights.read(path)
    assert onnx_graph.build(read) == onnx_graph.build(weights.Weights(read.shape, read.entries, read.raw))
    assert onnx_graph.build(read) != judge.graph(read, toy_judge.adaptation())


def test_the_tensors_are_read_as_they_were_written(tmp_path):
    path, tensors = tmp_path / "lora.npz", toy_judge.adaptation()
    np.savez(path, **judge.packed(tensors))
    read = judge.adaptation(path, hashlib.sha256(path.read_bytes()).hexdigest())
    assert set(read) == set(tensors)
    rounding = {name: np.abs(tensors[name]).max(axis=-1, keepdims=True) / 254 for name in tensors}
    assert all((np.abs(read[name] - tensors[name]) <= 1.001 * rounding[name]).all() for name in tensors)
    assert {value.dtype for value in read.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("harm", ["altered", "missing", "not an archive"])
def test_another_adaptation_is_refused(tmp_path, harm):
    path = tmp_path / "lora.npz"
    wanted = hashlib.sha256(b"not an archive").hexdigest()
    if harm != "missing":
        path.write_bytes(harm.encode())
    with pytest.raises(ModelFault, match="Install Vouch again"):
        judge.adaptation(path, wanted)


@pytest.mark.parametrize("folder", judge.ADAPTATIONS.values(), ids=lambda folder: folder.name)
def test_what_is_in_the_tree_is_what_its_sheet_names(folder):
    facts = judge.facts_of(folder)
    tensors = judge.adaptation(folder / "lora.npz", facts["lora_sha256"])
    assert tensors["entails.weight"].shape == (3, 768) and tensors["answers.weight"].shape == (1, 768)
    assert tensors["spans.weight"].shape == (2, 384)
    assert facts["temperature"]["entails"] > 0 and facts["temperature"]["answers"] > 0


def test_a_row_of_nothing_stays_nothing():
    held = judge.packed({"a": np.array([[0.0, 0.0], [1.0, -2.0]], np.float32)})
    assert (held["a"] * held["a.scale"]).tolist() == [[0.0, 0.0], [pytest.approx(1.0, abs=0.01), -2.0]]
