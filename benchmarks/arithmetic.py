"""The most that int8 can give here: the embedder's own matrix products in float32 and in int8, one thread, in turn.

    python -m benchmarks.arithmetic

The four products of a layer of multilingual-e5-small on 200 tokens, by onnxruntime: MatMul in float32, and
DynamicQuantizeMatMul as the embedder has it (rounding to int8 and back included). A library that embeds in float32 and
comes near its own limit can be beaten by the ratio at the foot and not by much more, with the same model.
"""

import argparse
import statistics
import time
from typing import Any

import numpy as np

from benchmarks.corpora import load

TOKENS = 200
SHAPES = {"query, key, value": (384, 1152), "attention's output": (384, 384), "wide": (384, 1536), "back": (1536, 384)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    print(load())
    print("| product | float32, 10^9 multiplications a second | int8 | times |")
    print("|---|---|---|---|")
    total = [0.0, 0.0]
    for name, (rows, columns) in SHAPES.items():
        seconds = fastest(rows, columns, options.rounds)
        total = [sum(pair) for pair in zip(total, seconds, strict=True)]
        print(f"| {name} | {' | '.join(speeds(TOKENS * rows * columns, seconds))} |")
    work = TOKENS * sum(rows * columns for rows, columns in SHAPES.values())
    print(f"| a layer | {' | '.join(speeds(work, total))} |")
    print(load())


def speeds(work: int, seconds: list[float]) -> list[str]:
    return [*(f"{work / one / 1e9:.0f}" for one in seconds), f"{seconds[0] / seconds[1]:.1f}"]


def fastest(rows: int, columns: int, rounds: int) -> list[float]:
    """Median processor seconds of (float32, int8)."""
    sessions = [product(rows, columns, quantised) for quantised in (False, True)]
    states = np.random.default_rng(1).normal(size=(1, TOKENS, rows)).astype(np.float32)
    taken: list[list[float]] = [[], []]
    for _ in range(rounds):
        for session, times in zip(sessions, taken, strict=True):
            began = time.thread_time()
            session.run(None, {"x": states})
            times.append(time.thread_time() - began)
    return [statistics.median(times) for times in taken]


def product(rows: int, columns: int, quantised: bool) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    matrix = np.random.default_rng(2).normal(size=(rows, columns)).astype(np.float32)
    if quantised:
        scales = np.abs(matrix).max(axis=0) / np.float32(127)
        constants = {"w": np.rint(matrix / scales).astype(np.int8), "s": scales, "b": np.zeros(columns, np.float32)}
        node = helper.make_node("DynamicQuantizeMatMul", ["x", "w", "s", "", "b"], ["y"], domain="com.microsoft")
    else:
        constants = {"w": matrix}
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, TOKENS, rows])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, TOKENS, columns])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    main()
