"""The small judges: the embedder's encoder with a low-rank adaptation of ours merged in and two heads, as int8 ONNX.

There are two, trained by `training/verifier.py` on other pairs: the *finder* ranks passages and chooses what the reader
reads, the *verifier* holds sentences against evidence and points at the answer once more. Each adaptation (1.6 MB) lies
in a folder of `rag/models/trained/`; the base is the weights file that the embedder is made from, so nothing more is
fetched, and torch is not needed.
"""

import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelFault
from rag.models import onnx_graph, weights
from rag.models.embedder import Said, made
from rag.models.files import digest, ensure, quiet
from rag.models.files import folder as models_folder
from rag.models.origins import Progress
from rag.models.registry import EMBEDDER_TOKENIZER, EMBEDDER_WEIGHTS, MODELS

FINDER, VERIFIER = "multilingual-e5-small-finder", "multilingual-e5-small-verifier"
RECIPE = 2  # raise it when the graph changes, so that models made by an older one are made anew
TRAINED = Path(__file__).with_name("trained")
ADAPTATIONS = {FINDER: TRAINED / "finder", VERIFIER: TRAINED / "verifier"}  # lora.npz and judge.json each
SCALE = ".scale"
_PARTS = {"qkv": ("q", "k", "v"), "ao": ("ao",), "fi": ("fi",), "fo": ("fo",)}


def judge_folder(name: str, progress: Progress = quiet, *, trained: Path | None = None, check: bool = False) -> Path:
    """The folder with `model.onnx`, `tokenizer.json` and `judge.json` (prefixes, sizes, temperatures, hashes).

    Made where missing, in seconds, from the embedder's weights and the adaptation of that name, or the one in the
    folder `trained`; `check` hashes the model again. Raises ModelFault.
    """
    trained = trained or ADAPTATIONS[name]
    source, tokenizer = ensure(EMBEDDER_WEIGHTS, progress), ensure(EMBEDDER_TOKENIZER, progress)
    facts = facts_of(trained)
    said = {"recipe": RECIPE, "weights_sha256": MODELS[EMBEDDER_WEIGHTS].sha256, "lora_sha256": facts["lora_sha256"]}
    folder = models_folder() / name

    def build() -> tuple[bytes, Said]:
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
        made_of = graph(weights.read(source), adaptation(trained / "lora.npz", str(facts["lora_sha256"])))
        return made_of, {"name": name, **{name: facts[name] for name in ("prefixes", "max_tokens", "temperature")}}

    return made(folder, "judge.json", said, build, check)


def adaptation(path: Path, sha256: str) -> dict[str, NDArray[np.float32]]:
    """The tensors of `lora.npz` in float32. Raises ModelFault where it is not the file with this hash."""
    try:
        if digest(path) != sha256:
            raise ModelFault("model.other_weights", path=path)
        with np.load(path, allow_pickle=False) as held:
            names = [name for name in held.files if not name.endswith(SCALE)]
            return {name: held[name].astype(np.float32) * held[name + SCALE].astype(np.float32) for name in names}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelFault("model.weights_unreadable", path=path, error=error) from error


def packed(tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """What `lora.npz` holds: each tensor in int8 and, as `NAME.scale`, one float32 a row to multiply it with (one for
    all of a vector). `adaptation` reads it."""
    made: dict[str, NDArray[Any]] = {}
    for name, tensor in tensors.items():
        largest = np.abs(tensor).max(axis=-1, keepdims=True)
        scale = (np.where(largest > 0, largest, 1.0) / 127).astype(np.float32)
        made[name], made[name + SCALE] = np.rint(tensor / scale).astype(np.int8), scale
    return made


def graph(read: weights.Weights, tensors: dict[str, NDArray[np.float32]]) -> bytes:
    """The ONNX bytes of the encoder with `up @ down` added to each adapted matrix, and the heads side by side.

    `tensors`: `l{n}_{part}.down` (rank, in) and `.up` (out, rank), part qkv (rows of q, k, v in turn), ao, fi or fo;
    `entails.weight` (3, 2 hidden), `answers.weight` (1, 2 hidden), `spans.weight` (2, hidden) and their biases.
    Outputs: `logits` (texts, 4), `spans` (texts, tokens, 2).
    """
    added: dict[str, NDArray[np.float32]] = {}
    for name in tensors:
        if not name.endswith(".down"):
            continue
        key = name.removesuffix(".down")
        layer, part = key.split("_")
        delta = tensors[key + ".up"] @ tensors[name]
        for matrix, rows in zip(_PARTS[part], np.split(delta, len(_PARTS[part])), strict=True):
            added[f"{layer}.{matrix}.w"] = rows
    weight = np.concatenate([tensors["entails.weight"], tensors["answers.weight"]])
    bias = np.concatenate([tensors["entails.bias"], tensors["answers.bias"]])
    heads = onnx_graph.Heads(weight, bias, tensors["spans.weight"], tensors["spans.bias"])
    return onnx_graph.build(replace(read, added=added), heads)


def facts_of(trained: Path) -> dict[str, Any]:
    """What `judge.json` says of the adaptation. Raises ModelFault."""
    sheet = trained / "judge.json"
    try:
        facts = json.loads(sheet.read_text("utf-8"))
        return {name: facts[name] for name in ("lora_sha256", "prefixes", "max_tokens", "temperature")}
    except (OSError, ValueError, KeyError) as error:
        raise ModelFault("model.part_unreadable", path=sheet, error=repr(error)) from error
