"""The local reader: llama.cpp inside this process (xllamacpp), listening on loopback behind a key of its own."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ModelFault

SLOTS = 4  # answering and judging, in Chinese and in English: each keeps its constant part evaluated
SPINS = "1000"  # on idle cores as fast as the default; on busy ones five to ten times as fast
MEGABYTES = 256  # of other prompts kept in memory; llama.cpp's own limit is 8192, and it fills that


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running llama.cpp server. It stops when `engine` is collected. `kept`: where its slots may be saved;
    `identity`: model and runtime, by which what was saved is told from another's."""

    address: str
    key: str
    engine: Any
    kept: Path | None = None
    identity: str = ""


def start(model: Path, threads: int = 0, window: int = 4096, kept: Path | None = None) -> LocalServer:
    """Load `model` (GGUF) and serve llama.cpp's OpenAI-compatible API on 127.0.0.1.

    `threads` 0 means all cores this process may use. `window` is the tokens of one request; SLOTS requests fit side by
    side. Raises ModelFault.
    """
    # Read by OpenMP as it is loaded. By default a thread that waits for the others spins for milliseconds, hundreds of
    # times a token; where other programs want the cores, it so keeps the thread it waits for from running.
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelFault(
            f"The local reader's runtime does not load: {error}. Run `make setup`; where libgomp is missing, install "
            "the system's package of it (Debian: apt-get install libgomp1)."
        ) from error

    key = secrets.token_urlsafe(24)  # without one, any page open in the user's browser could call it
    count = threads or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else threads or os.cpu_count()
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = window * SLOTS
    params.n_parallel = SLOTS
    params.cache_ram_mib = MEGABYTES
    params.cache_idle_slots = False  # copies every slot at every request, for a memory that is shared; ours is not
    params.cpuparams.n_threads = count
    params.cpuparams_batch.n_threads = count
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.verbosity = -1
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        params.slot_save_path = f"{kept}{os.sep}"
    try:
        engine = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelFault(
            f"The local reader will not load {model}: {error}. Run `make setup` to fetch it anew."
        ) from error
    identity = f"{model.name} {model.stat().st_size} xllamacpp {xllamacpp.__version__}"
    return LocalServer(engine.listening_address, key, engine, kept, identity)
