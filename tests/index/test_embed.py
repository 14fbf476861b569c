"""Embedders: the shipped fake, an address over real HTTP, and the real local model (marked model)."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelFault
from rag.generation.fake_server import served
from rag.index import embed
from rag.index.hashed import estimated_ends
from rag.index.remembered import Remembered

MIXED = ["", "hello", "电话是谁发明的？", "Bell patented the telephone in 1876.", "東京は首都です。", "مصر", "a\ud800b"]


def assert_unit(vectors, count, dimension):
    assert vectors.shape == (count, dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


# --- HashEmbedder ---------------------------------------------------------------------------


def test_hashed_vectors_are_unit_and_in_order():
    embedder = embed.HashEmbedder()
    together = embedder.passages(MIXED)
    assert_unit(together, len(MIXED), 256)
    for vector, text in zip(together, MIXED, strict=True):
        assert np.array_equal(vector, embedder.queries([text])[0])


def test_shared_words_rank_first_in_both_scripts():
    embedder = embed.HashEmbedder()
    passages = embedder.passages(
        ["贝尔发明了电话。", "今天的天气很好。", "Bell invented the telephone.", "It rains today."]
    )
    ranked = (embedder.queries(["谁发明了电话？", "who invented the telephone"]) @ passages.T).argmax(axis=1)
    assert ranked.tolist() == [0, 2]


def test_hashed_vectors_are_the_same_in_another_process():
    code = (
        "from rag.index.embed import HashEmbedder; print(HashEmbedder().passages(['电话 telephone']).tobytes().hex())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert said == embed.HashEmbedder().passages(["电话 telephone"]).tobytes().hex()


@given(st.text())
def test_estimated_ends_cover_every_visible_character(text):
    ends = estimated_ends(text)
    assert all(before < after for before, after in pairwise(ends))
    last = ends[-1] if ends else 0
    assert not text[last:].strip()


def test_estimated_ends_count_characters_and_threes():
    assert estimated_ends("电话 abcdefg.") == [1, 2, 6, 9, 10, 11]


@given(st.lists(st.integers(0, 600), max_size=80), st.integers(1, 4000))
def test_every_text_is_in_one_batch_and_no_batch_is_too_large(lengths, tokens):
    made = embed.batches(lengths, tokens)
    assert sorted(at for batch in made for at in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= tokens for batch in made)


# --- remembered queries ---------------------------------------------------------------------


def test_a_query_asked_again_is_not_encoded_again_and_old_ones_go():
    asked = []

    def encode(texts):
        asked.append(list(texts))
        return np.array([[len(text)] for text in texts], np.float32).reshape(-1, 1)

    remembered = Remembered(2)
    assert remembered.through(["a", "bb", "a"], encode).tolist() == [[1], [2], [1]]
    assert remembered.through(["bb", "ccc"], encode).tolist() == [[2], [3]]
    assert remembered.through(["a"], encode).tolist() == [[1]]
    assert asked == [["a", "bb"], ["ccc"], ["a"]]
    assert remembered.through([], encode).shape == (0, 1)


# --- HttpEmbedder ---------------------------------------------------------------------------


class Api:
    """An embeddings API: answers in shuffled order, and first with the statuses in `trouble`."""

    def __init__(self):
        self.asked: list[dict] = []
        self.keys: list[str | None] = []
        self.trouble: list[int] = []
        self.reply: bytes | None = None
        self.dimension = 3
        self.address = ""

    def vector(self, text):
        return [float(len(text)), 4.0, *[0.0] * (self.dimension - 2)]


@pytest.fixture
def api() -> Iterator[Api]:
    state = Api()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(body)
            state.keys.append(self.headers.get("Authorization"))
            status = state.trouble.pop(0) if state.trouble else 200
            rows = [
                {"index": at, "object": "embedding", "embedding": state.vector(text)}
                for at, text in enumerate(body["input"])
            ]
            sent = state.reply or json.dumps({"data": rows[::-1], "path": self.path}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    state.address = f"http://127.0.0.1:{running.server_port}/v1"
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield state
    running.shutdown()
    running.server_close()


def over_http(api, **settings):
    return embed.HttpEmbedder(api.address, "toy", "secret", "query: ", "passage: ", pause_seconds=0.001, **settings)


def test_http_vectors_are_unit_in_order_and_in_batches(api):
    embedder = over_http(api, batch=2)
    assert embedder.dimension == 3
    assert embedder.name == f"toy@{api.address[7:-3]}"
    vectors = embedder.passages(["a", "bb", "ccc"])
    assert_unit(vectors, 3, 3)
    lengths = np.array([len("passage: ") + number for number in (1, 2, 3)])
    assert np.allclose(vectors[:, 0], lengths / np.hypot(lengths, 4))
    assert [body["input"] for body in api.asked[1:]] == [["passage: a", "passage: bb"], ["passage: ccc"]]
    assert set(api.keys) == {"Bearer secret"}
    assert embedder.passages([]).shape == (0, 3)


def test_http_queries_carry_their_prefix_and_are_remembered(api):
    embedder = over_http(api)
    first = embedder.queries(["why", "how"])
    assert np.array_equal(embedder.queries(["how"]), first[1:])
    assert [body["input"] for body in api.asked[1:]] == [["query: why", "query: how"]]


def test_http_asks_again_when_the_server_is_busy(api):
    embedder = over_http(api)
    api.trouble = [429, 503]
    assert_unit(embedder.passages(["a"]), 1, 3)
    assert len(api.asked) == 4


def test_http_gives_up_after_its_tries(api):
    embedder = over_http(api, tries=3)
    api.trouble = [500] * 3
    with pytest.raises(ModelFault, match=r"3 tries failed.*status 500.*embedder\.address"):
        embedder.passages(["a"])
    assert len(api.asked) == 4


def test_http_does_not_repeat_what_was_refused(api):
    api.trouble = [401]
    with pytest.raises(ModelFault, match="it answered 401"):
        over_http(api)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"<html>", "no JSON"),
        (b'{"data": []}', "shape"),
        (b'{"data": [{"index": 0, "embedding": [1, 2]}]}', "shape"),
        (b'{"data": [{"index": 0, "embedding": [0, 0, 0]}]}', "no length"),
    ],
)
def test_http_refuses_a_reply_that_is_none(api, reply, reason):
    embedder = over_http(api)
    api.reply = reply
    with pytest.raises(ModelFault, match=reason):
        embedder.passages(["a"])


def test_http_names_an_address_where_nothing_listens():
    with pytest.raises(ModelFault, match=r"http://127\.0\.0\.1:9/v1/embeddings.*ConnectError"):
        embed.HttpEmbedder("http://127.0.0.1:9/v1", "toy", tries=1)


def test_http_takes_text_that_utf8_cannot_carry(api):
    over_http(api).passages(["a\ud800b"])
    assert api.asked[-1]["input"] == ["passage: a\ufffdb"]


def test_ollama_gives_its_vectors_at_an_address_of_either_form():
    with served() as server:
        for address in (server.address("ollama"), server.address("ollama").removesuffix("/v1")):
            embedder = embed.OllamaEmbedder(address, "fake-vectors")
            assert embedder.dimension == 3 and embedder.name == f"fake-vectors@127.0.0.1:{server.server_port}"
            assert_unit(embedder.passages(["a", "bee"]), 2, 3)


# --- local ----------------------------------------------------------------------------------


def test_a_folder_without_a_model_is_a_fault_with_the_remedy(tmp_path):
    with pytest.raises(ModelFault, match="vouch models"):
        embed.local(tmp_path)


def test_a_damaged_model_is_a_fault_with_the_remedy(tmp_path):
    facts = {"name": "toy", "model_sha256": "0" * 64, "query_prefix": "", "passage_prefix": "", "max_tokens": 8}
    (tmp_path / "embedder.json").write_text(json.dumps(facts))
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelFault, match=r"model\.onnx does not load"):
        embed.local(tmp_path)


@pytest.fixture(scope="module")
def real():
    from rag import models

    return embed.local(models.onnx_folder(), threads=2)


def long(sentence, real, tokens=500):
    """`sentence` over and over until it holds about `tokens` tokens."""
    return sentence * (tokens // len(real.token_ends(sentence)))


SENTENCES = {
    "zh": "1876年，贝尔获得了电话的专利，他的助手在隔壁房间听到了第一句话。",
    "en": "In 1876 Bell was granted the patent for the telephone, and his assistant heard the first words next door. ",
    "ja": "1876年にベルは電話の特許を取得し、助手が隣の部屋で最初の言葉を聞いた。",
    "ru": "В 1876 году Белл получил патент на телефон, и его помощник услышал первые слова в соседней комнате. ",
    "ar": "في عام 1876 حصل بيل على براءة اختراع الهاتف وسمع مساعده الكلمات الأولى في الغرفة المجاورة. ",
}


@pytest.mark.model
def test_onnx_agrees_with_sentence_transformers(real):
    pytest.importorskip("sentence_transformers")
    from rag import models

    other = embed.SentenceTransformerEmbedder(models.sentence_transformer_folder(), "cpu")
    texts = [text for sentence in SENTENCES.values() for text in (sentence, long(sentence, real), sentence[:5])]
    assert (real.passages(texts) * other.passages(texts)).sum(axis=1).min() >= 0.99
    assert (real.queries(texts) * other.queries(texts)).sum(axis=1).min() >= 0.99
    assert [list(real.token_ends(text)) for text in texts] == [list(other.token_ends(text)) for text in texts]
    assert (real.dimension, real.max_tokens) == (other.dimension, other.max_tokens) == (384, 512)
    assert real.name != other.name


@pytest.mark.model
def test_a_vector_depends_on_its_text_alone(real):
    vectors = real.passages(MIXED)
    assert_unit(vectors, len(MIXED), 384)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda text: real.passages([text])[0], MIXED))
    assert np.array_equal(vectors, np.stack(alone))
    assert real.passages([]).shape == real.queries([]).shape == (0, 384)


@pytest.mark.model
def test_meaning_ranks_across_languages(real):
    passages = [*SENTENCES.values(), "今天天气很好，我们去公园散步。", "The recipe needs two eggs and flour."]
    scores = real.queries(["who invented the telephone?", "谁发明了电话？"]) @ real.passages(passages).T
    assert (scores[:, : len(SENTENCES)].min(axis=1) > scores[:, len(SENTENCES) :].max(axis=1)).all()


@pytest.mark.model
def test_text_beyond_the_model_is_cut_and_not_refused(real):
    assert_unit(real.passages([long(SENTENCES["zh"], real, 900)]), 1, 384)


@pytest.mark.model
def test_a_long_text_has_the_tokens_that_it_has_as_a_whole_but_for_one_at_a_seam(real):
    lines = "\n".join([*SENTENCES.values()] * 800)
    assert len(lines) > embed.PIECE
    whole = real._tokenizer.encode(lines, add_special_tokens=False)
    ends = list(real.token_ends(lines))
    assert len(set(ends) ^ {end for _, end in whole.offsets}) <= 2 and ends[-1] == len(lines)


@pytest.mark.model
def test_token_ends_ascend_and_reach_the_last_visible_character(real):
    for text in [*MIXED, *SENTENCES.values(), "👩‍👩‍👧‍👦 é ﬁ ①\n\n  x", "ab" * 50_000, "中文" * 50_000]:
        ends = list(real.token_ends(text))
        assert ends == sorted(ends)
        assert ends[-1:] == ([len(text)] if text.strip() else [])
