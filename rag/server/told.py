"""An answer for those who show one text, and a conversation as they send it."""

from collections.abc import Iterable

from rag.answering.conversation import Exchange
from rag.errors import UsageFault
from rag.messages import say
from rag.types import Answer


def text(made: Answer) -> str:
    """The answer with its marks and what they stand for, or why there is none."""
    if made.status == "abstained":
        return say(made.language, "refused.answer", reason=made.reason)
    cited = {number for sentence in made.sentences for number in sentence.citations}
    listed = [f"[{quote.id}] {quote.title or quote.uri} — {quote.uri}" for quote in made.quotes if quote.id in cited]
    return "\n".join([made.text, "", *listed]) if listed else made.text


def tokens(made: Answer) -> tuple[int, int]:
    """(of the prompts, of the replies) of the whole run; 0 where the reader does not count."""
    prompt, output = (made.metrics.get(name) for name in ("prompt_tokens", "output_tokens"))
    return prompt if isinstance(prompt, int) else 0, output if isinstance(output, int) else 0


def conversation(said: Iterable[tuple[str, str]]) -> tuple[str, list[Exchange]]:
    """(the last question, what was asked and answered before) of (role, text) pairs, of which those of "user" and
    "assistant" count. Raises UsageFault where the last is no question."""
    turns = [(role, words.strip()) for role, words in said if role in ("user", "assistant")]
    if not turns or turns[-1][0] != "user" or not turns[-1][1]:
        raise UsageFault("server.no_question")
    earlier: list[Exchange] = []
    for role, words in turns[:-1]:
        if role == "user":
            earlier.append(Exchange(words))
        elif earlier:
            earlier[-1] = Exchange(earlier[-1].question, words)
    return turns[-1][1], earlier
