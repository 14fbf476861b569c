"""LlamaIndex as it comes, for `benchmarks.peers`: a line of JSON in, a line out, in an environment of its own."""

import json
import sys
import urllib.request
from typing import Any


def main() -> None:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.llms.openai_like import OpenAILike

    told: dict[str, Any] = json.loads(sys.stdin.readline())

    def vectors(texts: list[str], query: bool) -> list[list[float]]:
        body = json.dumps({"texts": texts, "query": query}).encode()
        with urllib.request.urlopen(urllib.request.Request(told["embeddings"], body)) as reply:
            found: list[list[float]] = json.load(reply)
        return found

    class Embeddings(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            return vectors([query], True)[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return vectors([text], False)[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return vectors(texts, False)

    reader = OpenAILike(
        model=told["model"], api_base=told["address"], api_key=told["key"], is_chat_model=True, temperature=0.0,
        context_window=4096, max_tokens=180, timeout=600, max_retries=0,
    )  # fmt: skip
    index = VectorStoreIndex.from_documents(
        [Document(text=page["text"], metadata={"uri": page["uri"].rsplit("/", 1)[-1]}) for page in told["pages"]],
        embed_model=Embeddings(),
        transformations=[SentenceSplitter(chunk_size=told["chunk"], chunk_overlap=0)],
    )
    engine = index.as_query_engine(llm=reader)
    say({"ready": True})
    for line in sys.stdin:
        found = engine.query(json.loads(line)["question"])
        say({"answer": str(found), "contexts": [source.node.get_content() for source in found.source_nodes]})


def say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
