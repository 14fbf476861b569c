"""A toy model in the weights format, and BERT written out in numpy to compare with."""

import struct
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, FFN, VOCABULARY, POSITIONS = 64, 2, 2, 128, 96, 16


def shapes() -> dict[str, tuple[int, ...]]:
    named: dict[str, tuple[int, ...]] = {"emb.word": (VOCABULARY, HIDDEN), "emb.pos": (POSITIONS, HIDDEN)}
    named |= {"emb.type": (2, HIDDEN), "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "ao"):
            named |= {f"l{layer}.{part}.w": (HIDDEN, HIDDEN), f"l{layer}.{part}.b": (HIDDEN,)}
        named |= {f"l{layer}.fi.w": (FFN, HIDDEN), f"l{layer}.fi.b": (FFN,)}
        named |= {f"l{layer}.fo.w": (HIDDEN, FFN), f"l{layer}.fo.b": (HIDDEN,)}
        for part in ("aln", "oln"):
            named |= {f"l{layer}.{part}.w": (HIDDEN,), f"l{layer}.{part}.b": (HIDDEN,)}
    return named


def q4_0(values: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Packed blocks, and the values that are in them."""
    blocks = values.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1) / 7).astype(np.float16)
    nibbles = np.clip(np.rint(blocks / scales[:, None].astype(np.float32)) + 8, 0, 15).astype(np.uint8)
    packed = b"".join(
        scale.tobytes() + (row[:16] | (row[16:] << 4)).tobytes() for scale, row in zip(scales, nibbles, strict=True)
    )
    return packed, ((nibbles.astype(np.float32) - 8) * scales[:, None].astype(np.float32)).reshape(values.shape)


def write(path: Path) -> dict[str, np.ndarray]:
    """Writes a toy weights file; the tensors in it."""
    generator = np.random.default_rng(7)
    tensors, chunks = {}, []
    for name, shape in shapes().items():
        values = generator.normal(0, 0.15, shape).astype(np.float32)
        if name.endswith("ln.w"):
            values += 1
        four_bit = name == "emb.word" or (name.endswith(".w") and "ln" not in name)
        data, tensors[name] = q4_0(values) if four_bit else (values.tobytes(), values)
        chunks.append((name, int(four_bit), values.size, data))
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7ifi", HIDDEN, LAYERS, HEADS, FFN, VOCABULARY, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5i", 2, 0, 2, 1, 3) + struct.pack("<Q", 3) + bytes(4 * 3 + 4 * 2) + b"abc"
    head += struct.pack("<iI", 1, 5) + b"rules" + struct.pack("<i", len(chunks))
    at = len(head) + sum(2 + len(name) + 21 for name, *_ in chunks)
    directory = b""
    for name, kind, elements, data in chunks:
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, elements, at, len(data))
        at += len(data)
    path.write_bytes(head + directory + b"".join(data for *_, data in chunks))
    return tensors


def normalise(states, weight, bias):
    centred = states - states.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12) * weight + bias


def states_of(tensors, ids):
    """Devlin et al. 2019 in float64: the last layer's states, (tokens, hidden)."""
    from math import erf

    gelu = np.vectorize(lambda x: x * 0.5 * (1 + erf(x / 2**0.5)))
    states = tensors["emb.word"][ids] + tensors["emb.pos"][: len(ids)] + tensors["emb.type"][0]
    states = normalise(states.astype(np.float64), tensors["emb.ln.w"], tensors["emb.ln.b"])
    for layer in range(LAYERS):
        part = {name.split(".", 1)[1]: value for name, value in tensors.items() if name.startswith(f"l{layer}.")}
        query, key, value = (
            (states @ part[f"{one}.w"].T + part[f"{one}.b"]).reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for one in "qkv"
        )
        scores = np.exp(query @ key.swapaxes(1, 2) / np.sqrt(HIDDEN / HEADS))
        heads = (scores / scores.sum(-1, keepdims=True) @ value).swapaxes(0, 1).reshape(len(ids), HIDDEN)
        middle = normalise(heads @ part["ao.w"].T + part["ao.b"] + states, part["aln.w"], part["aln.b"])
        widened = gelu(middle @ part["fi.w"].T + part["fi.b"])
        states = normalise(widened @ part["fo.w"].T + part["fo.b"] + middle, part["oln.w"], part["oln.b"])
    return states


def bert(tensors, ids):
    """Mean-pooled, unit length."""
    mean = states_of(tensors, ids).mean(0)
    return mean / np.linalg.norm(mean)
