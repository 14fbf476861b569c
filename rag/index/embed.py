"""Embedders: text -> unit vectors. All of them keep `rag.protocols.Embedder`.

local            int8 ONNX through onnxruntime, the default
SentenceTransformerEmbedder   any model of that library, on CPU or GPU
HttpEmbedder     any address that speaks OpenAI's /v1/embeddings; OllamaEmbedder one that speaks Ollama's
HashEmbedder     no model at all: hashed words, for tests
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelFault
from rag.index.hashed import HashEmbedder, encodable, estimated_ends
from rag.index.remembered import Prefixed
from rag.index.remote import HttpEmbedder, OllamaEmbedder
from rag.models.onnx import physical_cores, session
from rag.models.onnx import tokenizer as open_tokenizer
from rag.protocols import Vectors

GPU_TOKENS = 16_384
PIECE = 200_000  # characters that are cut into tokens at once

__all__ = [
    "HashEmbedder",
    "HttpEmbedder",
    "OllamaEmbedder",
    "OnnxEmbedder",
    "SentenceTransformerEmbedder",
    "local",
    "physical_cores",
]


class OnnxEmbedder(Prefixed):
    """An ONNX encoder (`input_ids` -> `vector`, unit length) and its tokenizer, on the CPU.

    Each text is run alone, `threads` of them at a time: on 200 tokens that is as fast as any batch, nothing is
    padded, and a text's vector does not depend on what it was embedded with. Safe to share between threads.
    """

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        name: str,
        query_prefix: str = "",
        passage_prefix: str = "",
        threads: int | None = None,
        max_tokens: int = 512,
    ) -> None:
        """`name` tells model and weights; `threads` None: the physical cores. Raises ModelFault."""
        self._session = session(model)
        self._tokenizer = open_tokenizer(tokenizer)
        dimension = int(self._session.get_outputs()[0].shape[-1])
        self._workers = ThreadPoolExecutor(threads or physical_cores(), "embed")
        super().__init__(name, dimension, max_tokens, query_prefix, passage_prefix)

    def token_ends(self, text: str) -> Sequence[int]:
        return _ends(self._tokenizer, text)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        tokens = [
            self._cut(encoding.ids)
            for encoding in self._tokenizer.encode_batch_fast([encodable(text) for text in texts])
        ]
        # Longest first, so that no worker is left with a long text when the others are done.
        order = sorted(range(len(tokens)), key=lambda at: -len(tokens[at]))
        for at, vector in zip(order, self._workers.map(self._run, [tokens[at] for at in order]), strict=True):
            vectors[at] = vector
        return vectors

    def _cut(self, ids: list[int]) -> list[int]:
        """At most `max_tokens`, the closing token kept."""
        return ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]

    def _run(self, ids: list[int]) -> Vectors:
        vector: Vectors = self._session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0]
        return vector


def local(folder: Path, threads: int | None = None) -> OnnxEmbedder:
    """The embedder of a folder with `model.onnx`, `tokenizer.json` and `embedder.json`. Raises ModelFault."""
    sheet = folder / "embedder.json"
    try:
        facts = json.loads(sheet.read_text("utf-8"))
        return OnnxEmbedder(
            folder / "model.onnx",
            folder / "tokenizer.json",
            f"{facts['name']}-int8@{facts['model_sha256'][:12]}",
            facts["query_prefix"],
            facts["passage_prefix"],
            threads,
            facts["max_tokens"],
        )
    except (OSError, json.JSONDecodeError, KeyError) as error:
        raise ModelFault("model.sheet_unreadable", path=sheet, error=repr(error), folder=folder) from error


class SentenceTransformerEmbedder(Prefixed):
    """Any sentence-transformers model, by name or folder. Needs torch.

    On a GPU in float16, and in batches of GPU_TOKENS tokens: how many texts fill a card depends on how long they are.
    """

    def __init__(
        self, model: str | Path, device: str = "auto", query_prefix: str = "", passage_prefix: str = "", batch: int = 32
    ) -> None:
        """`device`: auto, cpu, cuda or cuda:1. A prefix left empty is the model's own prompt, where it has one.

        Raises ModelFault where the library is missing or the model does not load.
        """
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelFault("embedder.needs_torch") from error
        chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        try:
            self._model = SentenceTransformer(str(model), device=chosen)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelFault("embedder.not_loading", model=model, device=chosen, error=error) from error
        self._on_gpu = chosen.startswith("cuda")
        if self._on_gpu:
            self._model.half()
        prompts = self._model.prompts
        self._batch = batch
        self._tokenizer = _copied(self._model.tokenizer)
        self._one_at_a_time = threading.Lock()
        super().__init__(
            f"{Path(model).name}@{_revision(Path(model))}",
            int(self._model.get_embedding_dimension() or 0),
            int(self._model.max_seq_length or 512),
            query_prefix or prompts.get("query") or "",
            passage_prefix or prompts.get("passage") or "",
        )

    def token_ends(self, text: str) -> Sequence[int]:
        """By the model's tokenizer; an estimate on the high side where that one tells no offsets."""
        return _ends(self._tokenizer, text) if self._tokenizer is not None else estimated_ends(text)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        rows = [encodable(text) for text in texts]
        if not self._on_gpu:
            return self._run(rows, self._batch)
        vectors = np.zeros((len(rows), self.dimension), np.float32)
        lengths = [min(self.max_tokens, len(self.token_ends(row)) + 2) for row in rows]
        for batch in batches(lengths, GPU_TOKENS):
            vectors[batch] = self._run([rows[at] for at in batch], len(batch))
        return vectors

    def _run(self, rows: list[str], batch: int) -> Vectors:
        with self._one_at_a_time:
            vectors = self._model.encode(
                rows, prompt="", batch_size=batch, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)


def batches(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Positions of texts of these lengths, longest first, in batches that padded to their longest hold at most
    `tokens`; a text that is longer is alone. A card is filled by tokens and not by texts; padding is work for nothing.
    """
    made: list[list[int]] = []
    longest = 0
    for at in sorted(range(len(lengths)), key=lambda at: -lengths[at]):
        if not made or (len(made[-1]) + 1) * longest > tokens:
            made.append([])
            longest = max(1, lengths[at])
        made[-1].append(at)
    return made


def _ends(tokenizer: Any, text: str) -> list[int]:
    """Offsets are in characters; where one character became several tokens their ends are equal, and the running
    maximum keeps them ascending. A long text is encoded in pieces that end with a line: as a whole, 16 million
    characters took 2 GB."""
    found: list[int] = []
    at = 0
    while at < len(text):
        end = text.rfind("\n", at, at + PIECE) + 1 if at + PIECE < len(text) else len(text)
        piece = text[at : end if end > at else at + PIECE]
        offsets = tokenizer.encode(encodable(piece), add_special_tokens=False).offsets
        found += (at + last for last in accumulate((last for _, last in offsets), max))
        at += len(piece)
    return found


def _copied(tokenizer: Any) -> Any:
    """The Rust tokenizer inside one of transformers, without truncation: `encode` switches that on in the original."""
    from tokenizers import Tokenizer

    inside = getattr(tokenizer, "backend_tokenizer", None)
    if inside is None:
        return None
    copied = Tokenizer.from_str(inside.to_str())
    copied.no_truncation()
    copied.no_padding()
    return copied


def _revision(source: Path) -> str:
    """First 12 digits of the SHA-256 of a folder's weights, or of the revision that the hub's cache holds of a name.

    Raises ModelFault where there is neither: its vectors could not be told from another model's.
    """
    if not source.is_dir():
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(source.as_posix(), "config.json")  # snapshots/<revision>/config.json
        if not isinstance(cached, str):
            raise ModelFault("embedder.no_revision", source=source)
        return Path(cached).parent.name[:12]
    files = sorted([*source.glob("*.safetensors"), *source.glob("*.bin")])
    if not files:
        raise ModelFault("embedder.no_weights", source=source)
    hashed = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            hashed.update(hashlib.file_digest(stream, "sha256").digest())
    return hashed.hexdigest()[:12]
