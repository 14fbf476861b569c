"""multilingual-e5-small as a folder for sentence-transformers, from the weights that the package index has: where the
model hub is out of reach, that library has no other."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from rag.errors import ModelFault
from rag.models import weights
from rag.models.embedder import PASSAGE_PREFIX, QUERY_PREFIX
from rag.models.files import ensure, quiet
from rag.models.files import folder as models_folder
from rag.models.origins import Progress, room_for
from rag.models.registry import EMBEDDER, EMBEDDER_TOKENIZER, EMBEDDER_WEIGHTS

TORCH_BYTES = 700_000_000  # what making it needs, with some to spare


def sentence_transformer_folder(progress: Progress = quiet) -> Path:
    """The same model as a plain sentence-transformers folder, float32 (470 MB); needs torch.

    Raises ModelFault where torch or sentence-transformers is not installed.
    """
    made = models_folder() / f"{EMBEDDER}-torch"
    if (made / "modules.json").exists():
        return made
    source, tokenizer = ensure(EMBEDDER_WEIGHTS, progress), ensure(EMBEDDER_TOKENIZER, progress)
    made.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(made.with_name(made.name + ".lock")):
        if not (made / "modules.json").exists():
            room_for(made.parent, TORCH_BYTES)
            temporary = made.with_name(f"{made.name}.{os.getpid()}")
            _save(weights.read(source), tokenizer, temporary)
            if made.exists():
                shutil.rmtree(made)  # half of a folder, left by an interruption
            temporary.replace(made)
    return made


_TORCH_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_TORCH_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def torch_name(name: str) -> str:
    """BERT's name in transformers for a tensor of the weights file."""
    if name in _TORCH_EMBEDDINGS:
        return _TORCH_EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_TORCH_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def _save(read: weights.Weights, tokenizer: Path, made: Path) -> None:
    try:
        from safetensors.numpy import save_file
    except ImportError as error:
        raise ModelFault("embedder.needs_torch") from error
    shape = read.shape
    made.mkdir(parents=True)
    sizes = {
        "emb.word": (shape.vocabulary, shape.hidden),
        "emb.pos": (shape.positions, shape.hidden),
        "emb.type": (shape.token_types, shape.hidden),
    }
    tensors: dict[str, NDArray[np.float32]] = {}
    for name in read.entries:
        values = read.floats(name)
        if name in sizes:
            values = values.reshape(sizes[name])
        elif name.endswith(".w") and "ln" not in name:
            values = values.reshape(len(read.floats(name[:-1] + "b")), -1)
        tensors[torch_name(name)] = values
    save_file(tensors, made / "model.safetensors", metadata={"format": "pt"})
    bert = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.ffn,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": 1,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    _write_json(made / "config.json", bert)
    shutil.copyfile(tokenizer, made / "tokenizer.json")
    special = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    special |= {"unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.positions,
        "model_input_names": ["input_ids", "attention_mask"],
    }
    _write_json(made / "tokenizer_config.json", settings | special)
    no_pooler = {"add_pooling_layer": False}  # mean pooling has no use for it, and its weights are not there
    _write_json(
        made / "sentence_bert_config.json",
        {"max_seq_length": shape.positions, "do_lower_case": False, "model_args": no_pooler},
    )
    pooling = {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True}
    _write_json(made / "1_Pooling" / "config.json", pooling)
    prompts = {"query": QUERY_PREFIX, "passage": PASSAGE_PREFIX, "document": PASSAGE_PREFIX}
    _write_json(made / "config_sentence_transformers.json", {"prompts": prompts, "similarity_fn_name": "cosine"})
    steps = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    modules = [
        {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for at, (path, kind) in enumerate(steps)
    ]
    (made / "2_Normalize").mkdir()
    _write_json(made / "modules.json", modules)


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1), "utf-8")
