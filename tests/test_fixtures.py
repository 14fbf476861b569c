"""The corpus, the questions over it and the questions over the seed articles say what their README promises."""

import json
import os
import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval.grade import fold, found
from rag.text.language import language

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures"
CORPUS = FIXTURES.parent.parent / "indexes" / "demo_corpus"
OPEN_QUESTIONS = ROOT / "eval" / "questions" / "open.jsonl"
SEED_QUESTIONS = ROOT / "eval" / "questions" / "seeds.jsonl"
SEEDS = Path(os.environ.get("VOUCH_DATA", ROOT.parent / "shared" / "data")) / "seeds"
ADVERT_BRANDS = ("晴禾", "Brightmoor")
OPEN_KINDS = {"why", "how", "comparison", "list", "summary", "definition"}
KINDS = {"who", "when", "how many", "why", "where", "how", "which", "list", "comparison", "definition"}


def read_rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def source_of(path: Path) -> str:
    """The file's text, decoded strictly by the charset it declares; UTF-8 where it declares none."""
    raw = path.read_bytes()
    declared = re.search(rb"charset=[\"']?([\w-]+)", raw[:2000]) if path.suffix == ".html" else None
    return raw.decode(declared.group(1).decode("ascii") if declared else "utf-8")


class Stripper(HTMLParser):
    """Collects what stands between tags, scripts and styles left out."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.comments: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.silent += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def stripped(path: Path) -> Stripper:
    stripper = Stripper()
    stripper.feed(source_of(path))
    stripper.close()
    return stripper


def text_of(path: Path) -> str:
    return "".join(stripped(path).pieces) if path.suffix == ".html" else source_of(path)


def squash(text: str) -> str:
    return re.sub(r"\s+", "", text)


def plain(text: str) -> str:
    """The form in which answers are compared: no case, spaces or punctuation, full-width digits made plain."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


PAGES = {path.name: text_of(path) for path in sorted(CORPUS.iterdir())}
SQUASHED = {name: squash(text) for name, text in PAGES.items()}
QUESTIONS = read_rows(FIXTURES / "questions.jsonl")
CONTRADICTIONS = read_rows(FIXTURES / "contradictions.jsonl")
INJECTIONS = read_rows(FIXTURES / "injections.jsonl")
SEED_ROWS = read_rows(SEED_QUESTIONS)
OPEN_ROWS = read_rows(OPEN_QUESTIONS)
ANSWERABLE = [row for row in QUESTIONS if row["answerable"]]


def named(rows: list[dict]) -> list:
    return [pytest.param(row, id=row["id"]) for row in rows]


def counted(rows: list[dict]) -> Counter:
    return Counter((row["language"], row["answerable"]) for row in rows)


def test_there_are_as_many_as_promised():
    assert len(PAGES) >= 24
    assert counted(QUESTIONS) == {("zh", True): 20, ("en", True): 20, ("zh", False): 10, ("en", False): 10}
    assert len(CONTRADICTIONS) == 6
    assert Counter(row["language"] for row in INJECTIONS) == {"zh": 2, "en": 2}
    assert counted(SEED_ROWS) == {("zh", True): 20, ("en", True): 5, ("zh", False): 5, ("en", False): 3}
    assert counted(OPEN_ROWS) == {("zh", True): 30, ("en", True): 30}
    assert Counter(row["kind"] for row in OPEN_ROWS) == dict.fromkeys(OPEN_KINDS, 10)
    assert sum(set(row["pages"]) <= set(PAGES) for row in OPEN_ROWS) == 40


def test_half_the_pages_are_chinese_and_all_formats_are_there():
    languages = Counter(language(text) for text in PAGES.values())
    assert set(languages) == {"zh", "en"}
    assert min(languages.values()) >= 12
    formats = Counter(Path(name).suffix for name in PAGES)
    assert formats[".html"] > len(PAGES) / 2
    assert set(formats) == {".html", ".md", ".txt", ".csv", ".srt"}


@pytest.mark.parametrize(("name", "charset"), [("shifei-dam.html", "gbk"), ("salt-museum.html", "big5")])
def test_old_charsets_are_declared_and_really_used(name: str, charset: str):
    raw = (CORPUS / name).read_bytes()
    assert f"charset={charset}" in raw[:2000].decode("ascii", "ignore").replace('"', "")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert language(raw.decode(charset)) == "zh"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_neither_a_stub_nor_a_book(name: str):
    words = re.findall(r"[A-Za-z']+", PAGES[name])
    size = len(words) + len(re.findall("[\u4e00-\u9fff]", PAGES[name]))
    assert 200 <= size <= 1500
    assert "\ufffd" not in PAGES[name]


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".html")])
def test_a_saved_page_has_something_to_leave_out(name: str):
    source = source_of(CORPUS / name)
    assert re.search(r'<meta name="author" content="[^"]+"', source)
    assert re.search(r'content="20\d\d-\d\d-\d\d', source)
    assert any(brand in PAGES[name] for brand in ADVERT_BRANDS)


def test_ids_are_unique():
    every = [row["id"] for row in QUESTIONS + CONTRADICTIONS + INJECTIONS + SEED_ROWS + OPEN_ROWS]
    assert [name for name, count in Counter(every).items() if count > 1] == []


@pytest.mark.parametrize("row", named(QUESTIONS + SEED_ROWS + OPEN_ROWS))
def test_a_question_has_the_promised_shape(row: dict):
    assert set(row) == {"id", "language", "question", "answerable", "answers", "pages", "evidence", "kind"}
    assert row["kind"] in KINDS | OPEN_KINDS
    assert row["pages"]
    assert language(row["question"]) == row["language"]
    assert bool(row["answers"]) == bool(row["evidence"]) == row["answerable"]
    assert all(group and all(plain(alternative) for alternative in group) for group in row["answers"])


OVER_THE_CORPUS = ANSWERABLE + [row for row in OPEN_ROWS if set(row["pages"]) <= set(PAGES)]


@pytest.mark.parametrize("row", named(OVER_THE_CORPUS))
def test_evidence_stands_in_the_page(row: dict):
    for evidence in row["evidence"]:
        assert any(squash(evidence) in SQUASHED[page] for page in row["pages"])
        assert not any(brand in evidence for brand in ADVERT_BRANDS)


@pytest.mark.parametrize("row", named(ANSWERABLE + OPEN_ROWS + [row for row in SEED_ROWS if row["answerable"]]))
def test_evidence_answers_the_question_and_the_question_does_not_answer_itself(row: dict):
    evidence, question = plain("".join(row["evidence"])), plain(row["question"])
    for group in row["answers"]:
        assert any(plain(alternative) in evidence for alternative in group)
    given_away = [any(plain(alternative) in question for alternative in group) for group in row["answers"]]
    assert not all(given_away)


@pytest.mark.parametrize("row", named(OPEN_ROWS))
def test_an_open_question_has_a_few_key_points(row: dict):
    assert 2 <= len(row["answers"]) <= 5 and row["kind"] in OPEN_KINDS
    alternatives = [fold(alternative) for group in row["answers"] for alternative in group]
    assert len(set(alternatives)) == len(alternatives)
    evidence, points = "\n".join(row["evidence"]), row["answers"]
    assert found(evidence, points) == len(points)  # by the grader itself, which minds where numbers end


@pytest.mark.parametrize("row", named([row for row in QUESTIONS if not row["answerable"]]))
def test_a_question_without_an_answer_names_pages_on_its_topic(row: dict):
    assert set(row["pages"]) <= set(PAGES)
    assert not any(squash(row["question"]) in text for text in SQUASHED.values())


def test_four_questions_cross_the_languages_each_way():
    crossings = Counter(
        (row["language"], language(PAGES[row["pages"][0]]))
        for row in ANSWERABLE
        if language(PAGES[row["pages"][0]]) != row["language"]
    )
    assert crossings == {("zh", "en"): 4, ("en", "zh"): 4}


@pytest.mark.parametrize("row", named(CONTRADICTIONS))
def test_a_contradiction_is_two_statements_on_two_pages(row: dict):
    assert set(row) == {"id", "language", "topic", "pages", "statements", "values", "question"}
    first, second = row["pages"]
    for page, statement, value in zip(row["pages"], row["statements"], row["values"], strict=True):
        assert squash(statement) in SQUASHED[page]
        assert value in statement
    assert squash(row["statements"][0]) not in SQUASHED[second]
    assert squash(row["statements"][1]) not in SQUASHED[first]
    assert row["values"][0] not in row["statements"][1]
    assert row["values"][1] not in row["statements"][0]


def test_no_question_asks_for_what_two_pages_dispute():
    disputed = [squash(statement) for row in CONTRADICTIONS for statement in row["statements"]]
    asked = [squash(evidence) for row in OVER_THE_CORPUS for evidence in row["evidence"]]
    assert [(a, b) for a in disputed for b in asked if a in b or b in a] == []


@pytest.mark.parametrize("row", named(INJECTIONS))
def test_an_injection_is_in_its_page_and_its_marker_nowhere_else(row: dict):
    assert set(row) == {"id", "language", "page", "place", "instruction", "marker", "question", "answers"}
    assert squash(row["instruction"]) in SQUASHED[row["page"]]
    assert row["marker"] in row["instruction"]
    assert [name for name in PAGES if row["marker"] in source_of(CORPUS / name)] == [row["page"]]
    assert row["marker"] not in row["question"]
    for group in row["answers"]:
        assert any(plain(alternative) in plain(PAGES[row["page"]]) for alternative in group)
        assert not any(plain(alternative) in plain(row["instruction"]) for alternative in group)


def test_one_injection_hides_in_a_comment_and_in_an_invisible_block():
    row = next(row for row in INJECTIONS if "comment" in row["place"])
    page = stripped(CORPUS / row["page"])
    assert any(row["instruction"] in comment for comment in page.comments)
    assert re.search(r'display:none"[^>]*>' + re.escape(row["instruction"]), source_of(CORPUS / row["page"]))


def test_one_injection_closes_a_fence():
    row = next(row for row in INJECTIONS if "fence" in row["place"])
    before, after = PAGES[row["page"]].split(row["instruction"])
    assert "</source>" in before and "```" in before
    assert "<source>" in after


@pytest.mark.skipif(not SEEDS.is_dir(), reason=f"the seed articles are not in {SEEDS}; set VOUCH_DATA to their folder")
@pytest.mark.parametrize("row", named(SEED_ROWS + [row for row in OPEN_ROWS if row not in OVER_THE_CORPUS]))
def test_seed_evidence_stands_in_the_article(row: dict):
    articles = [(SEEDS / page).read_text(encoding="utf-8") for page in row["pages"]]
    for evidence in row["evidence"]:
        assert len(evidence) < 80
        assert any(evidence in article for article in articles)


@pytest.mark.parametrize("file", ["conversations.jsonl", "conversations_held_out.jsonl"])
def test_conversations_are_five_in_each_language_with_two_follow_ups_each(file: str) -> None:
    rows = read_rows(FIXTURES / file)
    assert Counter(row["language"] for row in rows) == {"zh": 5, "en": 5} and len({row["id"] for row in rows}) == 10
    for row in rows:
        first, *follow_ups = row["turns"]
        assert len(follow_ups) == 2 and "terms" not in first
        for turn in row["turns"]:
            assert turn["question"] and turn["answer"] and language(turn["question"]) == row["language"]
        for turn in follow_ups:
            assert turn.get("alone") or all(turn["terms"])
