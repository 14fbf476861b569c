"""Which `vouch serve` runs, for this user's commands: one small file for each, which nobody else may read.

A server that was killed leaves its file; so one counts only where its process lives and answers to its token.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path

import httpx

from rag import __version__
from rag.config import Config
from rag.generation.running import PATIENCE, folder, lives, write_private


@dataclass(frozen=True, slots=True)
class Announced:
    """A server's own word on itself. `indexes` is the folder of its indexes, `token` what this user's commands send."""

    pid: int
    address: str
    token: str = field(repr=False)
    indexes: str
    config_sha256: str
    version: str

    def differs(self, config: Config) -> str:
        """Why it would not answer as a command with `config` does; "" where it would."""
        if self.version != __version__:
            return f"it is version {self.version}"
        if self.indexes != _indexes(config):
            return f"its indexes are those in {self.indexes}"
        return "" if self.config_sha256 == config.fingerprint() else "its configuration is another"


def of(config: Config, host: str, port: int) -> Announced:
    """This process, serving `config` there, with a new token."""
    address = f"http://{_named(host)}:{port}"
    token = secrets.token_urlsafe(32)
    return Announced(os.getpid(), address, token, _indexes(config), config.fingerprint(), __version__)


def publish(home: Path, mine: Announced) -> None:
    """Raises OSError."""
    write_private(_file(home, mine.pid), asdict(mine))


def withdraw(home: Path, mine: Announced) -> None:
    if _read(_file(home, mine.pid)) == mine:
        _file(home, mine.pid).unlink(missing_ok=True)


def every(home: Path) -> list[Announced]:
    """All servers whose process lives. The files of others are removed."""
    found = []
    for file in sorted(folder(home).glob("server-*.json")):
        told = _read(file)
        if told and lives(told.pid):
            found.append(told)
        else:
            file.unlink(missing_ok=True)
    return found


def answers(one: Announced) -> bool:
    """Whether it is there and takes its token."""
    headers = {"Authorization": f"Bearer {one.token}"}
    try:
        return httpx.get(f"{one.address}/own", headers=headers, timeout=PATIENCE, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _read(file: Path) -> Announced | None:
    """What it says, true or not; None where there is none or another version wrote it."""
    try:
        return Announced(**json.loads(file.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _file(home: Path, pid: int) -> Path:
    return folder(home) / f"server-{pid}.json"


def _indexes(config: Config) -> str:
    return str(config.built.resolve())


def _named(host: str) -> str:
    """As this machine reaches it."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
