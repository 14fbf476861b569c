"""The constant parts of the prompts: evaluated once, kept on disk, read back at the next start in milliseconds.

llama.cpp saves what a slot of its server has evaluated (28 KB a token with the default reader) and restores it into a
slot; a request that begins like what a slot holds is given to that slot. A file's name is a hash of model, runtime and
prompt, so that what another one made is never read. What is kept holds the prompt's constant part and an empty
question: nothing of a user's.
"""

import hashlib
import logging
from pathlib import Path

import httpx

from rag.errors import ReaderFault
from rag.generation.local import LocalServer
from rag.generation.reader import messages
from rag.protocols import Prompt

MOST = 16  # files; those unused for longest go
SLOW = 600.0  # seconds that evaluating may take on a busy machine

log = logging.getLogger(__name__)


def recall(server: LocalServer, slot: int, prompt: Prompt) -> bool:
    """Whether what was kept of `prompt` is in `slot` now. A damaged file is removed. Raises ReaderFault where the
    server does not answer."""
    if not (file := _file(server, prompt)).exists():
        return False
    reply = _post(server, f"/slots/{slot}?action=restore", {"filename": file.name})
    if reply.is_success:
        file.touch()
        return True
    log.warning("%s cannot be read and is made anew: %s", file, reply.text)
    file.unlink(missing_ok=True)
    return False


def evaluate(server: LocalServer, slot: int, prompt: Prompt) -> None:
    """Evaluate `prompt` in `slot` and keep that. Raises ReaderFault."""
    asked = {"messages": messages(prompt), "max_tokens": 1, "temperature": 0, "id_slot": slot}
    reply = _post(server, "/v1/chat/completions", asked)
    if not reply.is_success:
        raise ReaderFault("local.no_prompts", error=reply.text)
    file = _file(server, prompt)
    part = file.with_suffix(".part")
    reply = _post(server, f"/slots/{slot}?action=save", {"filename": part.name})
    if not reply.is_success:  # a full disk: the next start evaluates again, which is all that is lost
        log.warning("The reader's prompts are not kept in %s: %s", server.kept, reply.text)
        part.unlink(missing_ok=True)
        return
    part.replace(file)
    for old in sorted(server.kept.glob("*.prefix"), key=_used)[:-MOST]:
        old.unlink(missing_ok=True)


def _used(file: Path) -> float:
    return file.stat().st_mtime if file.exists() else 0.0


def _file(server: LocalServer, prompt: Prompt) -> Path:
    digest = hashlib.sha256(repr((server.identity, messages(prompt))).encode())
    return server.kept / f"{digest.hexdigest()[:32]}.prefix"


def _post(server: LocalServer, path: str, body: dict[str, object]) -> httpx.Response:
    try:
        return httpx.post(
            f"{server.address}{path}",
            json=body,
            headers={"Authorization": f"Bearer {server.key}"},
            timeout=SLOW,
            trust_env=False,  # loopback must not go through a proxy
        )
    except httpx.HTTPError as error:
        raise ReaderFault("local.silent", error=repr(error)) from error
