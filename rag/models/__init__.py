"""Local models: pinned by hash, fetched, verified, converted. `python -m rag.models` does it from a shell."""

from rag.models.embedder import onnx_folder
from rag.models.files import ensure, folder, present
from rag.models.judge import FINDER, VERIFIER, judge_folder
from rag.models.registry import EMBEDDER, EMBEDDER_FILES, MODELS, READER, ModelFile
from rag.models.torch_folder import sentence_transformer_folder

__all__ = [
    "EMBEDDER",
    "EMBEDDER_FILES",
    "FINDER",
    "MODELS",
    "READER",
    "VERIFIER",
    "ModelFile",
    "ensure",
    "folder",
    "judge_folder",
    "onnx_folder",
    "present",
    "sentence_transformer_folder",
]
