from rag.cli.doctor import faiss_distributions


def test_two_faiss_distributions_are_refused_with_the_remedy():
    assert faiss_distributions({"faiss-cpu": "1.15.1"}).ok
    both = faiss_distributions({"faiss-cpu": "1.15.1", "faiss-gpu": "1.15.1"})
    assert not both.ok and "pip uninstall -y faiss-cpu faiss-gpu" in both.remedy
    assert not faiss_distributions({}).ok
