"""Opens a local ONNX model and its tokenizer, on the CPU. What the embedder and the small judge share."""

import json
import os
from pathlib import Path
from typing import Any

from rag.errors import ModelFault


def session(model: Path) -> Any:
    """An inference session of one thread: texts run side by side instead. Raises ModelFault."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as faults

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Not further: the next level fuses Add and LayerNormalization into an operator that is several times slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    unusable = faults.NoSuchFile, faults.InvalidProtobuf, faults.InvalidGraph, faults.Fail, faults.NotImplemented
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except unusable as error:
        raise ModelFault("model.not_loading", path=model, error=error) from error


def tokenizer(path: Path) -> Any:
    """The tokenizer of a `tokenizer.json`, without truncation or padding. Raises ModelFault."""
    from tokenizers import Tokenizer

    try:
        text = path.read_text("utf-8")
        json.loads(text)
    except (OSError, ValueError) as error:
        raise ModelFault("model.tokenizer", path=path, error=error) from error
    made = Tokenizer.from_str(text)
    made.no_truncation()
    made.no_padding()
    return made


def physical_cores() -> int:
    """Cores this process may use, hyper-threads counted once where Linux tells; at least 1."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    cores = set()
    for cpu in os.sched_getaffinity(0):
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        cores.add(siblings.read_text() if siblings.exists() else str(cpu))
    return len(cores)
