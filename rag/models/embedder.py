"""Makes multilingual-e5-small usable: an int8 ONNX folder. How such a folder is made and known again is the judge's way
too."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock

from rag.models import onnx_graph, weights
from rag.models.files import digest, ensure, quiet, stamp, stamped
from rag.models.origins import Progress, room_for
from rag.models.registry import EMBEDDER, EMBEDDER_TOKENIZER, EMBEDDER_WEIGHTS, MODELS

RECIPE = 1  # raise it when the graph changes, so that models made by an older one are made anew
BYTES = 220_000_000  # what making a model needs, with some to spare
QUERY_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "

Said = Mapping[str, object]


def onnx_folder(progress: Progress = quiet, *, check: bool = False) -> Path:
    """The folder with `model.onnx`, `tokenizer.json` and `embedder.json` (name, prefixes, sizes, hash of the model).

    Fetched and converted where missing: seconds, without torch. `check` hashes the model again, and makes it anew
    where it has changed. Raises ModelFault.
    """
    source = ensure(EMBEDDER_WEIGHTS, progress)
    ensure(EMBEDDER_TOKENIZER, progress)

    def build() -> tuple[bytes, Said]:
        read = weights.read(source)
        sizes = {"dimension": read.shape.hidden, "max_tokens": read.shape.positions}
        prefixes = {"query_prefix": QUERY_PREFIX, "passage_prefix": PASSAGE_PREFIX}
        return onnx_graph.build(read), {"name": EMBEDDER, **sizes, **prefixes}

    said = {"recipe": RECIPE, "weights_sha256": MODELS[EMBEDDER_WEIGHTS].sha256}
    return made(source.parent, "embedder.json", said, build, check)


def made(folder: Path, sheet: str, said: Said, build: Callable[[], tuple[bytes, Said]], check: bool) -> Path:
    """`folder`, in which `model.onnx` is what `build` gives and the file `sheet` tells of it: what `said` says, the
    hash and what else `build` gives. Made where it is not there, or not as it was made; by one process at a time."""
    model = folder / "model.onnx"
    if _is_made(model, folder / sheet, said, check):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "model.onnx.lock"):
        if not _is_made(model, folder / sheet, said, check):  # another process may have made it meanwhile
            room_for(folder, BYTES)
            graph, facts = build()
            temporary = folder / f"model.onnx.{os.getpid()}"
            temporary.write_bytes(graph)
            temporary.replace(model)
            sha256 = digest(model)
            stamp(model, sha256)
            temporary = folder / f"{sheet}.{os.getpid()}"
            temporary.write_text(json.dumps({**facts, **said, "model_sha256": sha256}, indent=1), "utf-8")
            temporary.replace(folder / sheet)
    return folder


def _is_made(model: Path, sheet: Path, said: Said, check: bool) -> bool:
    """Whether the model is as it was made, and its sheet says what `said` does. `check` hashes it again."""
    if not sheet.exists() or not model.exists():
        return False
    try:
        facts = json.loads(sheet.read_text("utf-8"))
        same = all(facts[name] == value for name, value in said.items())
        return same and facts["model_sha256"] == (digest(model) if check else stamped(model))
    except (ValueError, KeyError):  # a damaged sheet says nothing: the model is made anew
        return False
