"""Questions that rest on a wrong figure, against pages that know the right one; and questions that rest on none."""

import json
from pathlib import Path

import pytest
from rag.checking.premise import refuted

from rag.types import Page, Quote

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
EN = Page(
    "memory:bridge",
    "The Orrin bridge was opened on 4 May 1931 after three years of work. It is 812 metres long and employs 40"
    " keepers.",
    title="Orrin bridge",
)
ZH = Page("memory:lake", "静湖大桥于1931年5月通车，全长812米。现任守桥人马晚棠2019年7月上任。", title="静湖大桥")


def quoted(page: Page) -> list[Quote]:
    return [Quote(1, page.text, page.uri, page.title, page.sha256, 0, len(page.text))]


@pytest.mark.parametrize(
    ("question", "page", "ours", "theirs"),
    [
        ("Why was the Orrin bridge opened in 1929?", EN, "1929", "1931"),
        ("What happened when the Orrin bridge was opened in 1945?", EN, "1945", "1931"),
        ("Why does the Orrin bridge employ 90 keepers?", EN, "90", "40"),
        ("静湖大桥1958年通车后有什么变化?", ZH, "1958", "1931"),
        ("静湖大桥守桥人2011年7月上任后做了什么?", ZH, "2011", "2019"),
    ],
)
def test_a_wrong_figure_is_found(question: str, page: Page, ours: str, theirs: str) -> None:
    found = refuted(question, quoted(page), {page.sha256: page})
    assert found and (found.ours, found.theirs) == (ours, theirs)


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("Why was the Orrin bridge opened in 1931?", EN),
        ("When was the Orrin bridge opened?", EN),
        ("How many keepers does the Orrin bridge employ?", EN),
        ("Why was the Lund harbour closed in 1929?", EN),
        ("静湖大桥1931年通车后有什么变化?", ZH),
        ("为什么1958年龙渡镇发了大水?", ZH),
        ("静湖大桥有多长?", ZH),
        ("When was the Orrin bridge widened, in 1958 or in 1960?", EN),
        ("静湖大桥是1958年还是1960年通车的?", ZH),
        # which year is asked about, not when it was
        ("2023年五一湖边游客人次", Page("memory:visits", "五一假期，湖边游客人次超过2019年同期水平，创下新高。")),
        (
            "2023 holiday visits to the lake",
            Page("memory:lake", "There were more holiday visits to the lake than in 2019."),
        ),
    ],
)
def test_a_right_question_or_one_about_something_else_is_left_alone(question: str, page: Page) -> None:
    assert refuted(question, quoted(page), {page.sha256: page}) is None


def test_a_figure_that_some_page_knows_is_not_called_wrong() -> None:
    other = Page("memory:other", "Some say that it was opened in 1929.")
    pages = {page.sha256: page for page in (EN, other)}
    assert refuted("Why was the Orrin bridge opened in 1929?", quoted(EN), pages) is None


def test_evidence_never_refutes_the_question_that_it_answers() -> None:
    """Every question of the fixture against the very evidence written down for it."""
    rows = [json.loads(line) for line in (FIXTURES / "questions.jsonl").read_text("utf-8").splitlines()]
    alarmed = []
    for row in rows:
        evidence = row["evidence"] if isinstance(row["evidence"], str) else " ".join(row["evidence"])
        page = Page("memory:evidence", evidence)
        if evidence and refuted(row["question"], quoted(page), {page.sha256: page}):
            alarmed.append(row["question"])
    assert alarmed == []
