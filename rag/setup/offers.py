"""The readers that could answer on this machine. Servers are looked for on loopback, and only where one may look."""

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from rag import models
from rag.config import ReaderConfig
from rag.generation import gguf, ollama
from rag.generation.chat_api import is_local
from rag.generation.clean import clean
from rag.generation.table import Server, table

Origin = Literal["server", "address", "key", "hub", "bundled"]

PATIENCE = 2.0  # seconds that a server on this machine has to say what it has
MOST = 6  # models offered of one server
RESERVE = 1.5  # gigabytes that everything else of Vouch takes
ROOM = 1.15  # times its file a model takes in memory
# Seconds an answer takes with each gigabyte of a model on one core, as measured with the bundled one on two.
SECONDS = 20.0
SLOWEST = 60.0  # seconds an answer may be expected to take for a model to be offered
_NO_READER = re.compile(r"embed|rerank|whisper|bge-|minilm|clip|tts|ocr", re.IGNORECASE)
_BILLIONS = re.compile(r"(?<![\w.])e?(\d+(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offer:
    """`by` is who has it: a server or a service, or the licence of a file; `gigabytes` what is still to be fetched;
    `seconds` what an answer is expected to take, 0 where nobody can tell."""

    reader: ReaderConfig
    origin: Origin
    by: str
    gigabytes: float = 0.0
    seconds: float = 0.0

    @property
    def id(self) -> str:
        return f"{self.reader.model}@{self.reader.address}" if self.reader.address else self.reader.model


def destination(reader: ReaderConfig) -> str:
    """Where questions and passages go that this reader is asked about; "" where they stay on this machine."""
    if reader.kind == "langchain":
        return reader.model.partition(":")[0]
    if reader.kind not in ("openai", "ollama"):
        return ""
    if is_local(reader.address):
        return "ollama.com" if re.search(r"[:-]cloud$", reader.model) else ""  # Ollama hands these on
    return host(reader.address)


def host(address: str) -> str:
    return urlsplit(address).hostname or address


def offers(look: bool, environ: Mapping[str, str] = os.environ, servers: Sequence[Server] | None = None) -> list[Offer]:
    """What could answer here, best first: the servers of this machine (where one may `look`), services whose key is
    there, files of the hub that fit, the bundled reader."""
    found = local_servers(table().servers if servers is None else servers) if look else []
    return [*found, *services(environ), *hub_files(memory(), os.cpu_count() or 1), bundled()]


def local_servers(servers: Sequence[Server]) -> list[Offer]:
    """The models of all that answer; the largest of each first."""
    with ThreadPoolExecutor(max(1, len(servers))) as pool:
        asked = pool.map(lambda one: at(f"http://127.0.0.1:{one.port}/v1", one.name), servers)
        return [offer for found in asked for offer in found]


def at(address: str, by: str = "") -> list[Offer]:
    """The models of the server at `address`; none where nobody answers as such a server does. Ollama is asked by its
    own interface, which can be told a window."""
    if own := ollama.models(address, PATIENCE):
        return _offered([ReaderConfig("ollama", name, address, window=window) for name, window in own], address, by)
    try:
        reply = httpx.get(f"{address.rstrip('/')}/models", timeout=PATIENCE, trust_env=not is_local(address))
        told: list[Any] = reply.json()["data"]
        named = [(clean(str(one["id"])), one) for one in told]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):  # nobody, or not what is looked for
        return []
    return _offered(
        [ReaderConfig("openai", name, address, window=_window(about)) for name, about in named], address, by
    )


def _offered(found: Sequence[ReaderConfig], address: str, by: str) -> list[Offer]:
    able = sorted((one for one in found if not _NO_READER.search(one.model)), key=lambda one: -_billions(one.model))
    return [Offer(one, "server" if by else "address", by or host(address)) for one in able[:MOST]]


def services(environ: Mapping[str, str]) -> list[Offer]:
    return [
        Offer(ReaderConfig("openai", one.model, one.address, key_env=one.variable, window=one.window), "key", one.name)
        for one in table().services
        if environ.get(one.variable, "").strip()
    ]


def hub_files(memory: float, cores: int) -> list[Offer]:
    """Those of the table that `memory` (gigabytes, 0: unknown) holds and that `cores` run in bearable time."""
    found = []
    for file in table().files:
        seconds = SECONDS * file.gigabytes / cores
        if (memory and file.gigabytes * ROOM + RESERVE > memory) or seconds > SLOWEST:
            continue
        missing = 0.0 if gguf.present(file.name) else file.gigabytes
        found.append(Offer(ReaderConfig("local", file.name), "hub", file.licence, missing, seconds))
    return found


def bundled() -> Offer:
    reader = ReaderConfig()
    file = models.MODELS[reader.model]
    size = file.bytes / 1e9
    missing = 0.0 if gguf.present(reader.model) else size
    return Offer(reader, "bundled", file.licence, missing, SECONDS * size / (os.cpu_count() or 1))


def memory() -> float:
    """Gigabytes of this machine; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):
        return 0.0


def _billions(name: str) -> float:
    return max((float(found) for found in _BILLIONS.findall(name)), default=0.0)


def _window(about: Mapping[str, Any]) -> int:
    """Tokens, where the server says so, as vLLM and llama.cpp do."""
    meta = about.get("meta")
    told = about.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else None)
    return told if isinstance(told, int) and told > 0 else ReaderConfig().window
