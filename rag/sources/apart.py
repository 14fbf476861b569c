"""What was fetched -> its page: the one way in for files, uploads, recipes and the live web, all as careful.

Formats that small files can make large (archives, pictures, PDF) and large texts are read in a process of its own, with
limits on time, memory and the length of the text. A small text or web page is read here: starting a process takes
longer than reading it.

A library that reads other people's files can hang, take all memory or crash in machine code. Then that process ends and
its source is told; the next source gets a new one. A process that behaved is kept for the next source. Answers come as
JSON: what a hostile file made of that process can at worst say something false of its own text.
"""

import base64
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import Fault, ModelFault, SourceFault
from rag.sources import kinds
from rag.sources.barrier import barrier
from rag.sources.edge import one_source
from rag.sources.extract import extract
from rag.sources.fetch import Fetched
from rag.sources.pictures import has_some
from rag.sources.stopping import LOOKING, NEVER
from rag.text.plain import as_plain, as_typed
from rag.types import Page

if TYPE_CHECKING:  # pdfium and Pillow would slow every start
    from rag.sources.facsimile import Drawing

log = logging.getLogger("vouch.sources")

_BYTES_A_SECOND = 10_000  # a scanned page has 20,000 to 200,000 bytes, and OCR takes some two seconds for it
_PATIENCE = 5.0  # times its seconds, by the clock: other programs may be busy, a process may wait for what never comes
_CORES = 2.0  # that OCR keeps busy at once
_MOST_CHARACTERS = 20_000_000  # of one page: forty thick books
_TEXTS = ("text", "markdown", "html", "csv", "srt")
_SMALL = 500_000  # bytes
_ROOT = Path(__file__).parents[2]

_idle: list["_Worker"] = []
_taking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of work for a source (a large file has more, by its size) and `memory`, bytes of address space: OCR of
    an A3 scan takes 2 GB."""

    seconds: float = 120.0
    memory: int = 4 << 30


def page_of(fetched: Fetched, stop: threading.Event = NEVER) -> Page:
    """Raises SourceFault, a sentence with the remedy, where the content cannot be read, not within the limits, or is a
    captcha, a stub or a menu in place of the page; and where `stop` is set meanwhile."""
    small = len(fetched.content) < _SMALL
    kind = kinds.kind_of(fetched.content, fetched.url, fetched.media_type) if small else None
    if kind in _TEXTS and not (kind == "html" and has_some(fetched.content, fetched.url)):
        return read_here(fetched)
    if not fetched.content:
        raise SourceFault(f"{fetched.url} is empty. Check that it was saved or downloaded completely.")
    return read(fetched, stop=stop)


def read(fetched: Fetched, limits: Limits | None = None, stop: threading.Event = NEVER) -> Page:
    """As `read_here`, within the limits. Threads may ask at once; each has a process to itself meanwhile."""
    facts = {name: value for name, value in as_plain(fetched).items() if name != "content"}
    page: Page = as_typed(Page, _ask("read", fetched.url, facts, fetched.content, limits, stop))
    return page


def draw(content: bytes, uri: str, number: int, words: str, near: float) -> "Drawing":
    """A page of a PDF, as `facsimile.draw` has it, within the limits. Raises SourceFault and ModelFault."""
    from rag.sources.facsimile import Drawing

    told = _ask("draw", uri, {"number": number, "words": words, "near": near}, content, None)
    return Drawing(base64.b64decode(told["png"]), told["boxes"])


def _ask(
    task: str,
    uri: str,
    facts: Mapping[str, Any],
    content: bytes,
    limits: Limits | None,
    stop: threading.Event = NEVER,
) -> Any:
    with _taking:
        worker = _idle.pop() if _idle else _Worker()
    try:
        done = worker.ask(task, uri, facts, content, limits or Limits(), stop)
    finally:
        with _taking:
            if worker.is_alive() and not stop.is_set() and not _idle:
                _idle.append(worker)
            else:
                worker.end()
    return done


def read_here(fetched: Fetched) -> Page:
    """The page in what was fetched. Raises SourceFault, also for a captcha, a stub or a menu in place of the page."""
    page = extract(fetched.content, fetched.url, fetched.media_type, fetched.charset, fetched.read_at)
    if len(page.text) > _MOST_CHARACTERS:
        raise SourceFault(
            f"{fetched.url} holds more than {_MOST_CHARACTERS:,} characters. Split it into smaller files."
        )
    if why := barrier(fetched, page):
        raise SourceFault(why)
    return page


class _Worker:
    """A process that reads what it is sent, one source at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.sources.apart"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for the process that asks, which ends this one
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))},
        )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """With what it started: LibreOffice, for a file of before 2007."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def end(self) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def ask(
        self,
        task: str,
        uri: str,
        facts: Mapping[str, Any],
        content: bytes,
        limits: Limits,
        stop: threading.Event,
    ) -> Any:
        """Raises SourceFault and ModelFault."""
        seconds = max(limits.seconds, len(content) / _BYTES_A_SECOND)
        expired, ended = threading.Event(), threading.Event()

        def watch() -> None:
            deadline = time.monotonic() + _PATIENCE * seconds
            while not ended.wait(LOOKING):
                if time.monotonic() > deadline:
                    expired.set()
                if expired.is_set() or stop.is_set():
                    return self.kill()

        threading.Thread(target=watch, daemon=True).start()
        limited = as_plain(Limits(seconds, limits.memory))
        asked = {"task": task, "uri": uri, "facts": facts, "limits": limited, "bytes": len(content)}
        try:
            told = self._told(asked, content)
        except (OSError, ValueError) as error:
            self.kill()
            self._process.wait()
            if stop.is_set():
                raise SourceFault("source.stopped", uri=uri) from error
            late = expired.is_set() or self._process.returncode == -getattr(signal, "SIGXCPU", 0)
            why = f"takes more than {seconds:.0f} seconds" if late else "ended the process that read it"
            log.warning("%s %s (%s)", uri, why, error)
            raise SourceFault(
                f"Reading {uri} was ended: it {why}. Split it into smaller files, or save it another way."
            ) from error
        except BaseException:  # Ctrl-C: it would read on, for nobody
            self.kill()
            self._process.wait()
            raise
        finally:
            ended.set()
        if "done" in told:
            return told["done"]
        raise (ModelFault if told["kind"] == ModelFault.__name__ else SourceFault)(told["fault"])

    def _told(self, asked: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        """Raises OSError or ValueError where the process does not answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(asked).encode() + b"\n" + content)
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


def _serve() -> None:
    """Read sources from standard input until it ends; a line of JSON each."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        content = sys.stdin.buffer.read(asked["bytes"])
        _limit(Limits(**asked["limits"]))
        told: dict[str, object]
        try:
            with one_source(asked["uri"]):
                told = {"done": _done(asked, content)}
        except Fault as fault:
            told = {"fault": str(fault), "kind": type(fault).__name__}
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()


def _done(asked: Mapping[str, Any], content: bytes) -> Any:
    if asked["task"] == "read":
        return as_plain(read_here(Fetched(content=content, **asked["facts"])))
    from rag.sources import facsimile

    drawing = facsimile.draw(content, asked["uri"], **asked["facts"])
    return {"png": base64.b64encode(drawing.png).decode(), "boxes": drawing.boxes}


def _limit(limits: Limits) -> None:
    """What this process may take for its next source; nothing where the system has no such limits (Windows)."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory if most < 0 else min(limits.memory, most), most))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + _CORES * limits.seconds) + 1, most))


if __name__ == "__main__":
    _serve()
