"""A toy model in the weights format: read, converted to ONNX and compared with BERT written out in numpy."""

import numpy as np
import pytest

from rag.errors import ModelFault
from rag.models import onnx_graph, weights
from rag.models.torch_folder import torch_name
from tests.models.toy_weights import FFN, HEADS, HIDDEN, LAYERS, POSITIONS, VOCABULARY, bert, write


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """(path, the tensors in it)."""
    path = tmp_path_factory.mktemp("weights") / "toy.bin"
    return path, write(path)


def test_tensors_are_read_as_they_were_written(toy):
    path, tensors = toy
    read = weights.read(path)
    assert read.shape == weights.Shape(HIDDEN, LAYERS, HEADS, FFN, VOCABULARY, POSITIONS, 2, pytest.approx(1e-12))
    assert set(read.entries) == set(tensors)
    for name, values in tensors.items():
        assert np.array_equal(read.floats(name, *values.shape), values), name


def test_the_graph_computes_bert(toy):
    import onnxruntime

    path, tensors = toy
    swapped = tensors | {"l0.fi.w": tensors["l1.fi.w"], "l1.fi.w": tensors["l0.fi.w"]}
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(onnx_graph.build(weights.read(path)), options)
    generator = np.random.default_rng(3)
    for length in (1, 2, 7, POSITIONS):
        ids = generator.integers(0, VOCABULARY, length)
        (vector,) = session.run(None, {"input_ids": ids[None]})[0]
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        # int8 rounds: 0.9998 with VNNI; without it the products also saturate at 16 bits: 0.992 at the least of these.
        assert float(vector @ bert(tensors, ids)) > 0.98
        assert float(vector @ bert(swapped, ids)) < 0.6


def test_the_same_weights_give_the_same_bytes(toy):
    path, _ = toy
    assert onnx_graph.build(weights.read(path)) == onnx_graph.build(weights.read(path))


@pytest.mark.parametrize("damage", [b"GGUF" + bytes(60), b"E5S1" + bytes(20)])
def test_another_file_is_refused(tmp_path, damage):
    path = tmp_path / "toy.bin"
    path.write_bytes(damage)
    with pytest.raises(ModelFault, match="Delete it and run `vouch models`"):
        weights.read(path)


def test_every_tensor_has_its_name_in_transformers(toy):
    _, tensors = toy
    assert torch_name("l1.fi.w") == "encoder.layer.1.intermediate.dense.weight"
    assert torch_name("l0.aln.b") == "encoder.layer.0.attention.output.LayerNorm.bias"
    assert len({torch_name(name) for name in tensors}) == len(tensors)
