from rag.cli.doctor import faiss_distributions, searching
from rag.config import Config, EmbedderConfig, SearchConfig
from rag.generation.fake_server import served


def test_two_faiss_distributions_are_refused_with_the_remedy():
    assert faiss_distributions({"faiss-cpu": "1.15.1"}).ok
    both = faiss_distributions({"faiss-cpu": "1.15.1", "faiss-gpu": "1.15.1"})
    assert not both.ok and "pip uninstall -y faiss-cpu faiss-gpu" in both.remedy
    assert not faiss_distributions({}).ok


def test_an_embedder_and_a_reranker_on_this_machine_are_asked_and_a_missing_key_is_a_finding():
    with served() as server:
        embedder = EmbedderConfig("ollama", "fake-vectors", server.address("ollama"))
        search = SearchConfig(reranker="toy", reranker_address=server.address("good"))
        assert [check.ok for check in searching(Config(embedder=embedder, search=search))] == [True, True]
        lost = SearchConfig(reranker_address=server.address("403"), reranker_key_env="VOUCH_NO_SUCH_KEY")
        (check,) = searching(Config(search=lost))
        assert not check.ok and "VOUCH_NO_SUCH_KEY" in check.remedy
