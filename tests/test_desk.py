import pytest
from rag.desk import Desk

from rag.checking.verify import ReaderJudge
from rag.generation import translation as compose
from rag.generation.reader import ScriptedReader
from rag.text import language
from rag.types import Quote

WHERE = "Where does the tower stand?"
BANK = "The tower is on the left bank."
FERRY = "On the left bank rose the tower, near the ferry house."
WROTE = "The tower was put on the left bank."


def desk(question: str, *texts: str, reader: ScriptedReader) -> Desk:
    """Over quotes of `texts`, with a judge that supports from P = .25."""
    kept = [Quote(at, text, f"memory:{at}", "", "0" * 64, 0, len(text)) for at, text in enumerate(texts, 1)]
    return Desk(question, language(question), kept, ReaderJudge(reader, compose.verification, 0.25), reader)


@pytest.mark.parametrize(
    ("quote", "label"),
    [
        ("The Orrin bridge is old.", "unsupported"),
        ("It was for the Orrin bridge that masons came from the north.", "supported"),
        ("造桥的是北方的石匠。", "supported"),  # another language has other words
    ],
)
def test_what_stands_in_no_quote_holds_by_no_judges_word(quote: str, label: str):
    sure = desk("Who built the Orrin bridge?", quote, reader=ScriptedReader())
    assert sure.judged("The Orrin bridge was built by masons of the north.", [1]).verdict.label == label


def test_a_sentence_goes_to_the_quote_that_holds_its_names_whatever_the_judge_says_of_another():
    texts = "Quill Bridge is 90 metres long.", "Quill Bridge is the work of Anselm Vray."
    found = desk("Who designed the bridge?", *texts, reader=ScriptedReader()).judged(
        "Anselm Vray designed Quill Bridge.", [1]
    )
    assert (found.citations, found.verdict.label) == ((2,), "supported")


def test_a_sentence_that_is_its_quote_but_for_a_slip_holds_by_the_judges_word():
    question, quote = "How many crowns did the bridge cost?", "The bridge cost a hundred billion crowns."
    slipped = desk(question, quote, reader=ScriptedReader()).judged("The bridge cost one trillion crowns.", [1])
    assert slipped.verdict.label == "supported"


@pytest.mark.parametrize(
    ("first", "second", "cited"),
    [
        (0.3, 0.9, 2),  # a doubt gives way to a sure quote
        (0.3, 0.35, 1),  # and to no other doubt
        (0.1, 0.35, 2),  # but a refusal does
        (0.6, 0.9, 1),
    ],
)
def test_a_doubtful_sentence_goes_to_the_quote_that_is_surer_of_it(first: float, second: float, cited: int):
    reader = ScriptedReader(choices=[("is on the left", first), ("rose the tower", second)])
    found = desk(WHERE, BANK, FERRY, reader=reader).judged(WROTE, [1])
    assert (found.citations, found.verdict.probability) == ((cited,), {1: first, 2: second}[cited])


@pytest.mark.parametrize(("sure", "cited", "label"), [(0.9, (2,), "supported"), (0.1, (1,), "unsupported")])
def test_the_quote_with_the_whole_date_is_cited_only_if_it_supports_the_sentence(sure: float, cited: tuple, label: str):
    texts = "Jun 16, 1931: The bridge was opened to all on May 4.", "On 4 May 1931 the duke saw the bridge opened."
    reader = ScriptedReader(choices=[("the duke saw", sure), ("Jun 16", 0.1)])
    found = desk("When was the bridge opened?", *texts, reader=reader).judged("It was opened on May 4, 1931.", [1])
    assert (found.citations, found.verdict.label) == (cited, label)


def test_a_sentence_that_cites_no_quote_is_asked_for_again_over_those_with_its_words():
    reader = ScriptedReader(lambda prompt: "It stands far away. [2]" if "<quote 2>" in prompt.user else f"{BANK} [1]")
    _, told = desk(WHERE, BANK, "A gull sat there.", reader=reader).settled(WROTE, [7])
    assert (told.text, told.citations, told.revised_from) == (BANK, (1,), WROTE)
