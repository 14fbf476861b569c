"""The string table is whole: both languages, the same marks, nothing missing and nothing left over."""

import re
import string
from pathlib import Path

import pytest

from app import words
from app.words import WORDS, from_locale, of_text, say
from app.words_ask import ASKING
from app.words_notes import NOTING
from app.words_pages import PAGES
from rag.checking.split import claims

BUILT = (  # the rest of these keys is a variable
    "step ", "why ", "way ", "list ", "view ", "standing ", "leg ", "build ", "quality view ", "measure ", "by ",
    "drift ", "evaluations ", "budget ", "vote ", "chose ", "reader origin ", "reader can ", "order ", "remedy ",
    "test ", "remark ", "source ", "has ", "earlier ",
)  # fmt: skip
FILES = sorted((Path(__file__).parents[2] / "app").glob("*.py"))
TABLE = next(path for path in FILES if path.stem == "words").read_text("utf-8")
SOURCES = [path.read_text("utf-8") for path in FILES if not path.stem.startswith("words")]


def marks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_it_with_the_same_marks(key):
    english, chinese = WORDS[key]
    assert english and chinese
    assert marks(english) == marks(chinese)
    assert not re.search("[\u4e00-\u9fff]", english)


def test_no_key_is_in_two_tables():
    others = len(ASKING) + len(PAGES) + len(NOTING)
    assert len({*ASKING, *PAGES, *NOTING}) == others
    assert len(WORDS) == len(re.findall(r'^    "[^"]+": \(', TABLE, re.MULTILINE)) + others


def test_every_key_that_the_page_names_is_there():
    named = {key for source in SOURCES for key in re.findall(r'say\(\s*\w+,\s*"([^"]+)"', source)}
    assert named
    assert named <= set(WORDS)


def test_no_key_is_left_over():
    whole = "\n".join(SOURCES)
    built = {key for key in WORDS if key.startswith(BUILT)} | {"demo begins", "fetching begins", "removed"}
    unused = [key for key in WORDS if key not in built and f'"{key}"' not in whole]
    assert unused == []


def test_every_action_of_a_step_has_a_word():
    actions = ("search", "open", "find", "scroll", "back", "keep", "finish", "abstain", "setback")
    assert {f"step {action}" for action in actions} <= set(WORDS)


def test_every_reason_not_to_check_a_sentence_has_a_word():
    reasons = {claim.why for claim in claims("# T\n\nWhy? It rained.") if claim.why}
    assert reasons == {"heading", "question"}
    assert {f"why {reason}" for reason in reasons} <= set(WORDS)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh", "zh"), ("ZH-TW", "zh"), ("en-GB", "en"), ("d", "en"), (None, "en")],
)
def test_the_browser_chooses_the_language(locale, language):
    assert from_locale(locale) == language


def test_other_languages_are_spoken_to_in_english():
    assert (of_text("zh"), of_text("en"), of_text("ru"), of_text("")) == ("zh", "en", "en", "en")


def test_a_sentence_is_filled_in():
    assert "3" in say("zh", "chunks", count=3)


def test_no_part_of_the_table_overwrites_another():
    parts = [
        part for name, part in vars(words).items() if name.isupper() and isinstance(part, dict) and part is not WORDS
    ]
    keys = [key for part in parts for key in part]
    assert parts and len(keys) == len(set(keys))
    own = re.findall(r'^    "([^"]+)": \(', Path(words.__file__).read_text("utf-8"), re.M)
    assert not set(own) & set(keys)
