"""RAGAS' faithfulness, for `benchmarks.peers`: a line of JSON in, a line of JSON out. Runs in its own environment."""

import asyncio
import json
import sys
from typing import Any


def main() -> None:
    from langchain_core.exceptions import OutputParserException
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr
    from ragas.dataset_schema import SingleTurnSample
    from ragas.exceptions import RagasException
    from ragas.llms import LangchainLLMWrapper
    from ragas.metrics import Faithfulness
    from ragas.run_config import RunConfig

    told: dict[str, Any] = json.loads(sys.stdin.readline())
    judge = ChatOpenAI(
        model=told["model"], base_url=told["address"], api_key=SecretStr(told["key"]), temperature=0, timeout=600,
        max_completion_tokens=700,
    )  # fmt: skip
    metric = Faithfulness(llm=LangchainLLMWrapper(judge), max_retries=1)
    metric.init(RunConfig(timeout=600, max_retries=1))
    say({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        sample = SingleTurnSample(
            user_input=asked["question"], response=asked["answer"], retrieved_contexts=asked["contexts"]
        )
        try:
            score = float(asyncio.run(metric.single_turn_ascore(sample)))
            say({"faithfulness": None if score != score else score})  # NaN: it made no statements
        except (RagasException, OutputParserException) as error:  # the judge's words were not the JSON it asked for
            say({"faithfulness": None, "error": f"{type(error).__name__}: {error}"})


def say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
