"""A toy judge's folder: the toy encoder with a random adaptation, heads to choose, a tokenizer of fifty words."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.models import judge, weights
from tests.models import toy_weights
from tests.models.toy_weights import FFN, HIDDEN, LAYERS

RANK = 4
TEXT = "the canal opened in 1911 1912 was closed claim query : . who it has nine locks dug by Ida Marsh"
WORDS = TEXT.split()


def adaptation(bias: Sequence[float] | None = None) -> dict[str, np.ndarray]:
    """Random tensors; with `bias` (supported, contradicted, not enough, answers) heads that say just that."""
    generator = np.random.default_rng(11)
    sizes = {"qkv": (HIDDEN, 3 * HIDDEN), "ao": (HIDDEN, HIDDEN), "fi": (HIDDEN, FFN), "fo": (FFN, HIDDEN)}
    tensors = {}
    for layer in range(1, LAYERS):  # the lowest layer is left as it is, as in training
        for part, (inner, outer) in sizes.items():
            tensors[f"l{layer}_{part}.down"] = generator.normal(0, 0.2, (RANK, inner)).astype(np.float32)
            tensors[f"l{layer}_{part}.up"] = generator.normal(0, 0.2, (outer, RANK)).astype(np.float32)
    size = 0.0 if bias else 0.5
    for name, rows in (("entails", slice(0, 3)), ("answers", slice(3, 4))):
        count = 3 if name == "entails" else 1
        tensors[f"{name}.weight"] = (size * generator.normal(0, 1, (count, 2 * HIDDEN))).astype(np.float32)
        tensors[f"{name}.bias"] = np.array(bias or [0.0] * 4, np.float32)[rows]
    tensors["spans.weight"] = generator.normal(0, 0.5, (2, HIDDEN)).astype(np.float32)
    tensors["spans.bias"] = np.array([0.1, -0.2], np.float32)
    return tensors


def folder(path: Path, bias: Sequence[float] | None = None, max_tokens: int = 16) -> Path:
    """`model.onnx`, `tokenizer.json` and `judge.json` in `path`."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    path.mkdir(parents=True, exist_ok=True)
    toy_weights.write(path / "toy.bin")
    (path / "model.onnx").write_bytes(judge.graph(weights.read(path / "toy.bin"), adaptation(bias)))
    words = {word: at for at, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    (path / "tokenizer.json").write_text(tokenizer.to_str(), "utf-8")
    sheet = {
        "name": "toy",
        "model_sha256": "0123456789abcdef",
        "prefixes": {"entails": "claim: ", "answers": "query: "},
        "temperature": {"entails": 1.0, "answers": 1.0},
        "max_tokens": max_tokens,
    }
    (path / "judge.json").write_text(json.dumps(sheet), "utf-8")
    return path
