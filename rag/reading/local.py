"""The local reader: llama.cpp inside this process (xllamacpp), listening on loopback behind a key of its own."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ModelFault


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running llama.cpp server. It stops when `engine` is collected."""

    address: str
    key: str
    engine: Any


def start(model: Path, threads: int = 0, window: int = 4096) -> LocalServer:
    """Load `model` (GGUF) and serve llama.cpp's OpenAI-compatible API on 127.0.0.1.

    `threads` 0 means all cores this process may use. `window` is the tokens of one request; two requests fit side
    by side, so that answering and judging each keep their constant prefix cached. Raises ModelFault.
    """
    import xllamacpp

    key = secrets.token_urlsafe(24)  # without one, any page open in the user's browser could call it
    count = threads or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else threads or os.cpu_count()
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = window * 2
    params.n_parallel = 2
    params.cpuparams.n_threads = count
    params.cpuparams_batch.n_threads = count
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.verbosity = -1
    try:
        engine = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelFault(
            f"The local reader will not load {model}: {error}. Run `make setup` to fetch it anew."
        ) from error
    return LocalServer(engine.listening_address, key, engine)
