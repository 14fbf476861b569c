"""The local reader's server: one that runs already, whoever started it, or else a child of this process."""

import os
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from rag.config import REPOSITORY
from rag.errors import ModelFault, ReaderFault
from rag.generation import running
from rag.generation.running import Running, ServerSettings
from rag.generation.serve import NO_RUNTIME

SERVE = "rag.generation.serve"
LOADING = 600.0  # seconds that loading may take on a busy machine
ENDING = 3.0  # seconds that a child has to end by itself
LOOKING = 0.05  # seconds between two looks whether a child is ready
LOG_BYTES = 1_000_000  # of the log that a start leaves; each process adds a few lines
LAST_LINES = 3


class Child:
    """A process that ends when this object is collected, and with this process at the latest."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.ending = weakref.finalize(self, _end, process)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running llama.cpp server. `kept`: where its slots are saved; `identity`: by which what was saved is told from
    another's; `started`: whether by this process, whose slots are then its own to fill; `child`: what keeps it alive,
    None where another process does."""

    address: str
    key: str = field(repr=False)
    kept: Path
    identity: str
    started: bool = False
    child: Child | None = None

    def answers(self) -> bool:
        return running.answers(self.address, self.key)


def connect(settings: ServerSettings, lasting: bool = False, module: str = SERVE) -> LocalServer:
    """The server of these settings that runs, or a new one: of two who want one at once, one starts it.

    A new one ends with this process or when it is no longer referred to; a `lasting` one stays. `module` is what is run
    (tests run another). Raises ModelFault where it does not load, ReaderFault where another process takes too long.
    """
    try:
        if found := running.find(settings):
            return _server(found, settings)
        with _alone(settings):
            if found := running.find(settings):
                return _server(found, settings)
            settings.file.unlink(missing_ok=True)  # left by one that was killed
            return _start(settings, lasting, module)
    except OSError as error:
        raise ModelFault("local.not_started", error=error) from error


@contextmanager
def _alone(settings: ServerSettings) -> Iterator[None]:
    """Held by the one process that starts a server of these settings."""
    settings.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(settings.file.with_suffix(".lock"))
    try:
        lock.acquire(timeout=LOADING)
    except Timeout as error:
        raise ReaderFault("local.loaded_elsewhere", seconds=f"{LOADING:.0f}") from error
    try:
        yield
    finally:
        lock.release()


def _start(settings: ServerSettings, lasting: bool, module: str) -> LocalServer:
    settings.log.parent.mkdir(parents=True, exist_ok=True)
    _shorten(settings.log)
    owner = 0 if lasting else os.getpid()
    command = [sys.executable, "-P", "-m", module, settings.as_json(), str(owner)]
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    with settings.log.open("ab") as log:
        before = log.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if lasting else subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=settings.home,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C in the terminal is for this process, which may go on
        )
    child, deadline = Child(process), time.monotonic() + LOADING
    while (found := running.read(settings.file)) is None:
        if process.poll() is not None:
            raise _fault(settings, process.returncode, _tail(settings.log, before))
        if time.monotonic() > deadline:
            raise ModelFault("local.slow", seconds=f"{LOADING:.0f}")
        time.sleep(LOOKING)
    if lasting:
        child.ending.detach()
    return _server(found, settings, started=True, child=None if lasting else child)


def _server(found: Running, settings: ServerSettings, started: bool = False, child: Child | None = None) -> LocalServer:
    return LocalServer(found.address, found.key, settings.kept, found.identity, started, child)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Let the child end by closing its standard input; kill it where it is not done soon, as amid its loading."""
    if process.stdin:
        process.stdin.close()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
    else:
        process.kill()
    process.wait()


def _fault(settings: ServerSettings, code: int, said: str) -> ModelFault:
    """Why a child ended before it was ready, with what to do about it."""
    if code == NO_RUNTIME:
        return ModelFault("local.no_runtime", error=said)
    if code == -9:  # SIGKILL, which nobody sends it while it loads but a system without memory
        return ModelFault("local.killed", model=settings.model, error=said)
    if "bind" in said:
        return ModelFault("local.no_port", error=said)
    return ModelFault("local.not_loading", model=settings.model, error=said or f"exit code {code}", log=settings.log)


def _tail(log: Path, start: int) -> str:
    """The last lines that were added to `log` after `start` bytes."""
    with log.open("rb") as lines:
        lines.seek(start)
        told = lines.read().decode("utf-8", "replace").split("\n")
    return "; ".join([line.strip() for line in told if line.strip()][-LAST_LINES:])


def _shorten(log: Path) -> None:
    """Cut a log that has grown too long down to its newer half."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.write_bytes(log.read_bytes()[-LOG_BYTES // 2 :])
