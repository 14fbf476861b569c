"""A toy model file and what a local hub and a local package index serve of it."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, field

from rag.models.registry import Hub, ModelFile, Wheels

SLICE = 1000
CONTENT = bytes(number * number % 251 for number in range(SLICE + 345))


@dataclass
class Server:
    """What it serves by path and was asked. `ranges` off: it ignores Range. `cut`: it stops after so many bytes."""

    files: dict[str, bytes]
    ranges: bool = True
    cut: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


HUB = Hub("someone/toy", "0123abc", "deep/toy.bin")
WHEELS = Wheels("vouch-toy-part{0}", "0.1.0", "vouch_toy_part{0}/data/part{0:02d}.bin", 2, SLICE)


def toy(*origins: Hub | Wheels, content: bytes = CONTENT) -> ModelFile:
    return ModelFile("toy", "toy.bin", len(content), hashlib.sha256(content).hexdigest(), "MIT", origins)


def serve_hub(server: Server, content: bytes = CONTENT) -> None:
    server.files["/someone/toy/resolve/0123abc/deep/toy.bin"] = content


def serve_wheels(server: Server) -> None:
    for number in range(1, WHEELS.slices + 1):
        project = f"vouch_toy_part{number}"
        name = f"{project}-0.1.0-py3-none-any.whl"
        server.files[f"/files/{name}"] = wheel(project, number, CONTENT[(number - 1) * SLICE : number * SLICE])
        page = f'<!DOCTYPE html><html><body><a href="/files/{name}">{name}</a></body></html>'
        server.files[f"/simple/{project.replace('_', '-')}/"] = page.encode()


def wheel(project: str, number: int, data: bytes) -> bytes:
    packed = io.BytesIO()
    about = f"{project}-0.1.0.dist-info"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{project}/data/part{number:02d}.bin", data)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: 0.1.0\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: toy\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return packed.getvalue()
