"""The demo's example questions over the real models: each is answered rightly from the right page, or declined."""

import json
from dataclasses import replace

import pytest

from eval.grade import right
from indexes import demo
from rag import wiring
from rag.answering.recording import answer
from rag.config import Config

pytestmark = pytest.mark.model
EXAMPLES = json.loads(demo.EXAMPLES.read_text("utf-8"))


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    config = replace(Config(), indexes=str(tmp_path_factory.mktemp("built")))
    embedder = wiring.embedder(config)
    demo.build(config, embedder)
    with wiring.index(config, demo.NAME, embedder) as index:
        yield wiring.parts(config, index, wiring.reader(config))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["question"][:24])
def test_each_example_is_answered_rightly_from_its_page(example, parts):
    *_, last = answer(example["question"], parts)
    made = last.answer
    if not example["answers"]:
        assert made.status == "abstained", made.text
        return
    assert made.status == "answered", made.reason
    assert right(made.text, example["answers"]), made.text
    cited = {quote.uri.rpartition("/")[2] for quote in made.quotes if quote.id in made.sentences[0].citations}
    assert cited <= set(example["pages"]), made.text
