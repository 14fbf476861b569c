"""Which local reader runs, for whoever wants to use it: one small file for each, readable by its user alone.

A server's process writes the file once its model is loaded, and removes it when it ends by itself. One that was killed
leaves it; so a file counts only where its process lives and answers to the key.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx

SLOTS = 6  # kinds, plans and answers, in Chinese and in English: each keeps its constant part evaluated
PATIENCE = 5.0  # seconds that a server has to say that it is there; it does so while it evaluates


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server is started with. `threads` 0 means all cores it may use; `window` is the tokens of one request, and
    SLOTS requests fit side by side; `home` is the folder of its file, its log and its kept prompts. `gpu_layers` -1
    are as many as fit; `lora` is an adapter's file; without `mmap` the model is read into memory as a whole."""

    model: Path
    threads: int
    window: int
    home: Path
    gpu_layers: int = -1
    lora: Path | None = None
    mmap: bool = True

    def as_json(self) -> str:
        """For another process, wherever it runs."""
        told = {name: value.absolute() if isinstance(value, Path) else value for name, value in asdict(self).items()}
        return json.dumps(told, default=str)

    @staticmethod
    def from_json(text: str) -> "ServerSettings":
        told = json.loads(text)
        paths = {name: Path(told[name]) for name in ("model", "home", "lora") if told[name]}
        return ServerSettings(**{**told, **paths})

    @property
    def identity(self) -> str:
        """Tells servers apart that answer differently, and what one kept from what another can read."""
        parts = f"{self.model.name} {self.model.stat().st_size} xllamacpp {_runtime()}"
        adapted = f" lora {self.lora.name} {self.lora.stat().st_size}" if self.lora else ""
        loaded = "" if (self.gpu_layers, self.mmap) == (-1, True) else f" gpu {self.gpu_layers} mmap {self.mmap}"
        return f"{parts} threads {self.threads} window {self.window} slots {SLOTS}{adapted}{loaded}"

    @property
    def file(self) -> Path:
        return _file(self.home, self.identity)

    @property
    def kept(self) -> Path:
        """The folder where the slots are saved."""
        return self.home / "prefixes"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "reader.log"


@dataclass(frozen=True, slots=True)
class Running:
    """A server's own word on itself. `owner` is the process it ends with; 0 for one that stays until it is stopped."""

    pid: int
    owner: int
    address: str
    key: str = field(repr=False)
    identity: str


def publish(home: Path, running: Running) -> None:
    """Write its file in one step, for its user's eyes only. Raises OSError."""
    write_private(_file(home, running.identity), asdict(running))


def write_private(file: Path, told: dict[str, Any]) -> None:
    """As JSON, in one step, for its user's eyes only. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as lines:
        json.dump(told, lines)
    draft.replace(file)


def withdraw(home: Path, running: Running) -> None:
    """Remove its file, unless another server has taken its place."""
    file = _file(home, running.identity)
    if read(file) == running:
        file.unlink(missing_ok=True)


def read(file: Path) -> Running | None:
    """What `file` says, true or not; None where there is none or another version wrote it."""
    try:
        return Running(**json.loads(file.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def find(settings: ServerSettings) -> Running | None:
    """The server of these settings that runs, whoever started it."""
    told = read(settings.file)
    return told if told and told.identity == settings.identity and is_there(told) else None


def every(home: Path) -> list[Running]:
    """All servers that run, of whatever settings."""
    told = [read(file) for file in sorted(folder(home).glob("reader-*.json"))]
    return [one for one in told if one and is_there(one)]


def is_there(running: Running) -> bool:
    """Whether the process lives and answers. The key goes to no port whose process is gone: it may be a stranger's."""
    return lives(running.pid) and answers(running.address, running.key)


def answers(address: str, key: str) -> bool:
    """Whether a server at `address` takes `key`."""
    try:
        reply = httpx.get(
            f"{address}/props", headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE, trust_env=False
        )
    except httpx.HTTPError:
        return False
    return reply.is_success


def folder(home: Path) -> Path:
    """Of the files of whatever runs."""
    return home / "run"


def _file(home: Path, identity: str) -> Path:
    return folder(home) / f"reader-{sha256(identity.encode()).hexdigest()[:16]}.json"


def lives(pid: int) -> bool:
    """Whether there is a process of this user with this id."""
    if os.name == "nt":  # where signal 0 ends a process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's: then the file is not ours either
        return False
    return True


def _runtime() -> str:
    """The version of llama.cpp's wheel, which is not imported for this: it maps libraries of 200 MB."""
    try:
        return metadata.version("xllamacpp")
    except metadata.PackageNotFoundError:
        return "missing"
