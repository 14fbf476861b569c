"""Rerankers: a small ONNX model made here, and the shipped server in both forms of /rerank."""

import onnx
import pytest
from onnx import TensorProto, helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from rag import wiring
from rag.config import Config, SearchConfig
from rag.errors import ModelFault
from rag.generation.fake_server import served
from rag.index.rerank import MOST_TOKENS, at_address, cross_encoder

PASSAGES = ["The tower is high.", "Salt was carried along the salt road.", "A salt museum."]


@pytest.fixture
def folder(tmp_path):
    """A model that adds up the numbers of the tokens it is given, laid out as on the hub."""
    words = {"[UNK]": 0, "salt": 1, "road": 10, "museum": 100}
    tokenizer = Tokenizer(WordLevel(words, "[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    given = [
        helper.make_tensor_value_info(name, TensorProto.INT64, [1, None]) for name in ("input_ids", "attention_mask")
    ]
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["seen"]),
        helper.make_node("Cast", ["seen"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["numbers"], ["logits"], keepdims=1),
    ]
    scores = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1])
    graph = helper.make_graph(nodes, "toy", given, [scores])
    (tmp_path / "onnx").mkdir()
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(tmp_path / "onnx" / "model.onnx"))
    return tmp_path


def test_a_local_model_reads_the_question_with_each_passage_and_cuts_long_ones(folder):
    score = cross_encoder(str(folder))
    assert score("salt", ["salt road", "museum", "tower"]) == [12.0, 101.0, 1.0]
    assert score("museum", ["salt " * 9999]) == [100 + MOST_TOKENS - 1]
    assert score("salt", []) == []


@pytest.mark.parametrize("mode", ["good", "tei"])
def test_an_address_gives_scores_in_the_order_of_the_passages_in_either_form(mode):
    with served() as server:
        search = SearchConfig(reranker="toy", reranker_address=f"{server.address(mode)}/rerank")
        score = wiring.reranker(Config(search=search))
        for _ in range(2):
            assert score("the salt road", PASSAGES) == [1.0, 2.0, 1.0]
        assert len(server.asked) == (2 if mode == "good" else 3)


def test_an_address_without_a_reranker_says_so():
    with served() as server, pytest.raises(ModelFault, match=r"search\.reranker_address"):
        at_address(server.address("403"), "toy")("why", PASSAGES)
    with pytest.raises(ModelFault, match="2 tries failed"):
        at_address("http://127.0.0.1:9/v1", "toy", tries=2, pause_seconds=0.01)("why", PASSAGES)
