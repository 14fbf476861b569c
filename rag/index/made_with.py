"""Which embedder an index is searched with: the one that made its vectors, until it is embedded anew.

So another [embedder] in the configuration makes no index unusable.
"""

import json
from dataclasses import asdict
from pathlib import Path

from rag.config import EmbedderConfig
from rag.index.files import STORE, current_build
from rag.index.origins import Origins
from rag.index.store import Store
from rag.models.registry import EMBEDDER

_NOTE = "embedder"
_UNNOTED = f"{EMBEDDER}-int8@"  # how vectors of the default embedder are named, which earlier versions did not note


def note(origins: Origins, embedder: EmbedderConfig) -> None:
    """Keep with a build what its vectors are made with. Raises IndexFault."""
    origins.note(_NOTE, json.dumps(asdict(embedder)))


def embedder_of(folder: Path, configured: EmbedderConfig) -> EmbedderConfig:
    """What the index in `folder` was made with; `configured` where that makes the same vectors, or there is no telling.
    Raises IndexFault."""
    current = current_build(folder)
    if current is None:
        return configured
    store = Store(folder / current / STORE)
    noted, name = store.origins.noted(_NOTE), store.identity.embedder
    store.close()
    if noted:
        made = EmbedderConfig(**json.loads(noted))
    elif name.startswith(_UNNOTED):
        made = EmbedderConfig()
    else:
        return configured
    return configured if _vectors(made) == _vectors(configured) else made


def _vectors(embedder: EmbedderConfig) -> tuple[str, str, str]:
    """What tells its vectors from others: not the device, and not the key."""
    return embedder.kind, "" if embedder.kind == "onnx" else embedder.model, embedder.address
