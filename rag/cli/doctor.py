"""What can be wrong with an installation, each finding with its remedy."""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from rag import models, wiring
from rag.cli.setup import describe, shown
from rag.config import Config, ReaderConfig, home
from rag.errors import Fault
from rag.generation import gguf
from rag.generation.chat_api import ChatApi, is_local
from rag.generation.ollama import OllamaApi
from rag.messages import english
from rag.setup import trial
from rag.sources import old_office, rendering
from rag.web.search import web_search

FETCH = "vouch models, or ask a question: it is fetched then; `vouch setup` offers others"
PATIENCE = 2.0  # seconds that a reader on this machine has to say what it has


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str
    remedy: str = ""


def examine(config: Config) -> list[Check]:
    """Runs every check; none changes anything or uses the network."""
    return [
        _python(),
        faiss_distributions(_installed("faiss")),
        _gpu(),
        *_models(config),
        *searching(config),
        _reader(config.reader),
        _disk(),
        _web(config),
        _browser(config),
        _libreoffice(),
        *_indexes(config),
    ]


def faiss_distributions(found: dict[str, str]) -> Check:
    """One faiss distribution, not two: faiss-cpu over faiss-gpu silently takes the GPU away, and removing one of two
    leaves an empty `faiss`."""
    shown = ", ".join(f"{name} {version}" for name, version in sorted(found.items())) or "none"
    remedy = {
        0: "pip install faiss-cpu",
        1: "",
    }.get(len(found), f"pip uninstall -y {' '.join(sorted(found))}, then pip install the one you want again")
    return Check("faiss", len(found) == 1, shown, remedy)


def _installed(prefix: str) -> dict[str, str]:
    names = {
        dist.metadata["Name"].lower().replace("_", "-"): dist.version for dist in importlib.metadata.distributions()
    }
    return {name: version for name, version in names.items() if name.startswith(prefix)}


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(
        "python",
        sys.version_info >= (3, 11),
        version,
        "" if sys.version_info >= (3, 11) else "use Python 3.11 or newer",
    )


def _gpu() -> Check:
    from rag.index.wheels import device_count

    count = device_count()
    return Check(
        "gpu", True, f"{count} usable by faiss" if count else "none usable by faiss; everything runs on the CPU"
    )


def _models(config: Config) -> list[Check]:
    found = []
    for name in models.EMBEDDER_FILES if config.embedder.kind == "onnx" else []:
        path = models.present(name)
        found.append(Check(f"model {name}", path is not None, str(path or "missing"), "" if path else "vouch models"))
    return found


def searching(config: Config) -> list[Check]:
    """Embedder and reranker, where they are not the usual. A server on this machine is asked, one elsewhere named."""
    found, named, search = list[Check](), config.embedder, config.search
    if named.kind != "onnx":
        found.append(_served("embedder", named.model, named.address, lambda: wiring.embedder(config)))
    if search.reranker_address:
        found.append(_served("reranker", search.reranker, search.reranker_address, lambda: _score(config)))
    elif search.reranker:
        found.append(Check("reranker", True, search.reranker))
    return found


def _score(config: Config) -> None:
    if score := wiring.reranker(config):
        score("Is it there?", ["Yes."])


def _served(name: str, model: str, address: str, ask: Callable[[], object]) -> Check:
    told = f"{model} at {address}" if address else model
    try:
        if is_local(address):
            ask()
    except Fault as fault:
        return Check(name, False, told, str(fault))
    return Check(name, True, told)


def _reader(reader: ReaderConfig) -> Check:
    """A reader on this machine is looked at; one elsewhere is only named, since nothing here uses the network."""
    tried = trial.kept(reader)
    told = f"{describe(reader)}; tried {tried.at}: {shown(tried)}" if tried else f"{describe(reader)}; not tried"
    if reader.kind == "local":
        there = gguf.present(reader.model) is not None
        return Check("reader", there, told if there else f"{told}: its file is missing", "" if there else FETCH)
    if reader.kind in ("openai", "ollama") and is_local(reader.address):
        api = OllamaApi if reader.kind == "ollama" else ChatApi
        try:
            known = api(reader.model, reader.address, os.environ.get(reader.key_env, ""), PATIENCE).models()
        except Fault as fault:
            return Check("reader", False, told, str(fault))
        if reader.model not in known:
            return Check("reader", False, told, f"{reader.address} has {', '.join(known) or 'no answer'}: vouch setup")
    return Check("reader", True, told)


def _disk() -> Check:
    folder = home()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    return Check(
        "disk", free > 3, f"{free:.0f} GB free at {folder}", "" if free > 3 else "free 3 GB, or set VOUCH_HOME"
    )


def _web(config: Config) -> Check:
    try:
        engine = web_search(config.web, os.environ.get(config.web.key_env, ""))
    except Fault as fault:
        return Check("live web", not config.web.engine, "no search engine set" if not config.web.engine else str(fault))
    return Check("live web", True, f"{engine.name} at {engine.address}")


def _browser(config: Config) -> Check:
    """What pages that only run as programs are shown by."""
    if config.fetch.render == "off" or not rendering.is_installed():
        why = "off (fetch.render)" if config.fetch.render == "off" else "not installed: pip install 'vouch[browser]'"
        return Check("browser", True, f"{why}; pages that only run as programs are refused")
    program = rendering.program()
    return Check("browser", bool(program), program or "no Chromium", "" if program else "playwright install chromium")


def _libreoffice() -> Check:
    place = old_office.libreoffice()
    return Check("libreoffice", True, place or "not installed; .xls and .ppt files are refused")


def _indexes(config: Config) -> list[Check]:
    from rag.index.index import Index

    found = []
    for folder in sorted(path.parent for path in config.built.glob("*/CURRENT")):
        try:
            named = wiring.embedder_of(config, folder.name)
            told = {"name": folder.name, "made": named.model, "now": config.embedder.model}
            other = english("index.embedded_before", **told) if named != config.embedder else ""
            found.append(Check(f"index {folder.name}", True, "; ".join(filter(None, [Index.describe(folder), other]))))
        except Fault as fault:
            found.append(
                Check(f"index {folder.name}", False, str(fault), f"move {folder} away and add its sources again")
            )
    return found
