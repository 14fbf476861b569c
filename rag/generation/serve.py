"""The process of the local reader: llama.cpp (xllamacpp) on loopback, behind a key that only its user can read.

    python -m rag.generation.serve SETTINGS OWNER

`rag.generation.local` starts it; nobody needs to by hand. SETTINGS are JSON. Loading holds the interpreter for seconds,
which is why it does so in a process of its own. OWNER is the process at the other end of standard input: when that
ends, however it ends, the system closes the pipe and this process ends too. 0 is nobody: it stays until it is stopped.
"""

import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Sequence

from rag.generation.running import SLOTS, Running, ServerSettings, publish, withdraw

SPINS = "1000"  # on idle cores as fast as the default; on busy ones five to ten times as fast
MEGABYTES = 256  # of other prompts kept in memory; llama.cpp's own limit is 8192, and it fills that
NO_RUNTIME, NOT_LOADED = 3, 4  # exit codes; the reason stands on standard error

Load = Callable[[ServerSettings, str], tuple[str, object]]  # settings, key -> address, what must be held meanwhile


def llama(settings: ServerSettings, key: str) -> tuple[str, object]:
    """Load the model and serve llama.cpp's OpenAI-compatible API on 127.0.0.1. Raises ImportError, RuntimeError."""
    # Read by OpenMP as it is loaded. By default a thread that waits for the others spins for milliseconds, hundreds of
    # times a token; where other programs want the cores, it so keeps the thread it waits for from running.
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    import xllamacpp

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    params = xllamacpp.CommonParams()
    params.model.path = str(settings.model)
    params.n_ctx = settings.window * SLOTS
    params.n_parallel = SLOTS
    params.cache_ram_mib = MEGABYTES
    params.cache_idle_slots = False  # copies every slot at every request, for a memory that is shared; ours is not
    params.cpuparams.n_threads = settings.threads or cores
    params.cpuparams_batch.n_threads = settings.threads or cores
    params.n_gpu_layers = settings.gpu_layers
    if not settings.mmap:
        params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    if settings.lora:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(settings.lora))]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.verbosity = 1  # errors; below that it does not say why it will not load
    settings.kept.mkdir(parents=True, exist_ok=True)
    params.slot_save_path = f"{settings.kept}{os.sep}"
    engine = xllamacpp.Server(params)
    return engine.listening_address, engine


def main(load: Load, arguments: Sequence[str]) -> None:
    """Serve until the owner ends. Exits with NO_RUNTIME or NOT_LOADED where nothing can be served."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who may go on
    settings, owner = ServerSettings.from_json(arguments[0]), arguments[1]
    key = secrets.token_urlsafe(24)  # without one, any page open in the user's browser could call it
    try:
        address, _held = load(settings, key)
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(NO_RUNTIME)
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(NOT_LOADED)
    running = Running(os.getpid(), int(owner), address, key, settings.identity)
    publish(settings.home, running)
    if int(owner):
        sys.stdin.buffer.read()
    else:
        threading.Event().wait()
    withdraw(settings.home, running)
    os._exit(0)  # taking llama.cpp down in order takes longer, and nothing of it is to be kept


if __name__ == "__main__":
    main(llama, sys.argv[1:])
