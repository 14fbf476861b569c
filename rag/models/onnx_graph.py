"""Builds the int8 ONNX graph of multilingual-e5-small straight from its weights, without torch.

Chosen by measuring on a CPU with AVX-512 VNNI (benchmarks/embedding.py):

- one text a run, so there is no mask and no padding, and attention needs neither;
- each matrix product is DynamicQuantizeMatMul: int8 weights, one scale a column; uint8 activations, one a tensor;
- Add and LayerNormalization stay apart: onnxruntime's fused SkipLayerNormalization takes several times as long;
- the word table stays in the 4-bit blocks it came in (48 MB and its scales), read by GatherBlockQuantized.

Input `input_ids` int64 (1, tokens), tokens <= 512. Output `vector` float32 (1, hidden), mean-pooled, L2-normalised; of
a graph with heads `logits` float32 (1, columns), linear in the first token's state and the mean, and `spans` float32
(1, tokens, 2), linear in each token's state.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.models.weights import BLOCK, Weights

CONTRIB = "com.microsoft"
OPSET = 21
IR_VERSION = 10


@dataclass(frozen=True, slots=True)
class Heads:
    """Linear heads on [first state, mean state]: `weight` (columns, 2 hidden), `bias` (columns,); and one on each
    token's state: `spans` (2, hidden), `spans_bias` (2,)."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    spans: NDArray[np.float32]
    spans_bias: NDArray[np.float32]


def build(weights: Weights, heads: Heads | None = None) -> bytes:
    """The model as ONNX bytes, an embedder or, with heads, a classifier; the same weights give the same bytes."""
    from onnx import TensorProto, helper

    graph = _Graph()
    shape = weights.shape
    states = _embed(graph, weights)
    graph.constant("thirds", np.array([shape.hidden] * 3, np.int64))
    for layer in range(shape.layers):
        states = _layer(graph, weights, f"l{layer}.", states)
    graph.add("ReduceMean", [states, "one"], "mean", keepdims=0)
    outputs: dict[str, list[str | int]]
    if heads is None:
        outputs = {graph.add("LpNormalization", ["mean"], "vector", axis=-1, p=2): ["texts", shape.hidden]}
    else:
        outputs = {
            _logits(graph, heads, states): ["texts", len(heads.bias)],
            _spans(graph, heads, states): ["texts", "tokens", 2],
        }
    made = helper.make_graph(
        graph.steps,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=IR_VERSION, producer_name="vouch")
    return bytes(model.SerializeToString(deterministic=True))


@dataclass(slots=True)
class _Graph:
    """Operators and constants as they are added."""

    steps: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.steps.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output


def _embed(graph: _Graph, weights: Weights) -> str:
    """Word + position + type, normalised: (texts, tokens, hidden)."""
    from onnx import TensorProto, helper

    shape = weights.shape
    nibbles, scales = weights.blocks("emb.word")
    signed = nibbles ^ 8  # two's complement of nibble - 8
    packed = (signed[:, 0::2] | (signed[:, 1::2] << 4)).tobytes()
    graph.constants.append(
        helper.make_tensor("word", TensorProto.INT4, [shape.vocabulary, shape.hidden], packed, raw=True)
    )
    graph.constant("word.scale", scales.reshape(shape.vocabulary, shape.hidden // BLOCK))
    words = graph.add(
        "GatherBlockQuantized",
        ["word", "input_ids", "word.scale"],
        "words",
        CONTRIB,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    kind = weights.floats("emb.type", shape.token_types, shape.hidden)[0]  # a text is all of the first type
    graph.constant("position", weights.floats("emb.pos", shape.positions, shape.hidden) + kind)
    graph.constant("zero", np.array([0], np.int64))
    graph.constant("one", np.array([1], np.int64))
    graph.add("Shape", ["input_ids"], "tokens", start=1, end=2)
    graph.add("Slice", ["position", "zero", "tokens"], "positions")
    graph.add("Add", [words, "positions"], "summed")
    return _normalise(graph, weights, "emb.ln", "summed", "embedded")


def _logits(graph: _Graph, heads: Heads, states: str) -> str:
    """Linear in the first token's state beside the mean, in float32: (texts, columns)."""
    graph.add("Gather", [states, "zero"], "first.state", axis=1)
    graph.add("Flatten", ["first.state"], "first", axis=1)
    graph.add("Concat", ["first", "mean"], "pooled", axis=1)
    graph.constant("heads.w", heads.weight)
    graph.constant("heads.b", heads.bias)
    return graph.add("Gemm", ["pooled", "heads.w", "heads.b"], "logits", transB=1)


def _spans(graph: _Graph, heads: Heads, states: str) -> str:
    """Linear in each token's state, in float32: (texts, tokens, 2)."""
    graph.constant("spans.w", heads.spans.T)
    graph.constant("spans.b", heads.spans_bias)
    return graph.add("Add", [graph.add("MatMul", [states, "spans.w"], "spans.product"), "spans.b"], "spans")


def _layer(graph: _Graph, weights: Weights, name: str, states: str) -> str:
    """One encoder layer of BERT (Devlin et al. 2019), normalisation after each sum."""
    from onnx import helper

    joined = _product(graph, weights, [name + "q", name + "k", name + "v"], states, name + "qkv.out")
    parts = [name + "query", name + "key", name + "value"]
    graph.steps.append(helper.make_node("Split", [joined, "thirds"], parts, axis=-1))
    heads = graph.add("MultiHeadAttention", parts, name + "heads", CONTRIB, num_heads=weights.shape.heads)
    attended = _product(graph, weights, [name + "ao"], heads, name + "ao.out")
    summed = graph.add("Add", [attended, states], name + "attended")
    middle = _normalise(graph, weights, name + "aln", summed, name + "middle")
    widened = _product(graph, weights, [name + "fi"], middle, name + "fi.out")
    active = graph.add("Gelu", [widened], name + "active")
    narrowed = _product(graph, weights, [name + "fo"], active, name + "fo.out")
    summed = graph.add("Add", [narrowed, middle], name + "transformed")
    return _normalise(graph, weights, name + "oln", summed, name + "states")


def _normalise(graph: _Graph, weights: Weights, name: str, states: str, output: str) -> str:
    graph.constant(name + ".w", weights.floats(name + ".w"))
    graph.constant(name + ".b", weights.floats(name + ".b"))
    inputs = [states, name + ".w", name + ".b"]
    return graph.add("LayerNormalization", inputs, output, axis=-1, epsilon=weights.shape.epsilon)


def _product(graph: _Graph, weights: Weights, names: list[str], states: str, output: str) -> str:
    """states @ W + b for the matrices `names` side by side, int8 with one symmetric scale a column."""
    biases = [weights.floats(name + ".b") for name in names]
    matrix = np.concatenate(
        [weights.floats(name + ".w", len(bias), -1) for name, bias in zip(names, biases, strict=True)]
    )
    scales = np.maximum(np.abs(matrix).max(axis=1) / np.float32(127), np.float32(1e-12))
    graph.constant(output + ".w", np.rint(matrix / scales[:, None]).astype(np.int8).T)
    graph.constant(output + ".scale", scales)
    graph.constant(output + ".b", np.concatenate(biases))
    inputs = [states, output + ".w", output + ".scale", "", output + ".b"]
    return graph.add("DynamicQuantizeMatMul", inputs, output, CONTRIB)
