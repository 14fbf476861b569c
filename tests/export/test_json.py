"""A check's tracked changes, as a reader of Markdown (and so Word and a PDF) takes them."""

import pytest

from rag.export.json import marked
from rag.export.paper import blocks
from rag.facts import Change, Check


def changed(text, *changes):
    """`changes` are (what stands there, what comes in its stead); an insertion names what it follows, after a "+"."""
    made = []
    for old, new in changes:
        at = text.index(old.removeprefix("+"))
        start, end = (at + len(old) - 1,) * 2 if old.startswith("+") else (at, at + len(old))
        made.append(Change(start, end, new))
    return marked(Check(text, "en", (), tuple(made), (), (), (), {}, {}))


def read(markdown):
    """The words that are plain, struck and strong, in order; white space left out."""
    told = []
    for block in blocks(markdown):
        assert not (block.level or block.sign or block.depth or block.quoted)
        for run in block.runs:
            style = "struck" if run.struck else "strong" if run.bold else "plain"
            if words := "".join(run.text.split()):
                if told and told[-1][0] == style:
                    words = told.pop()[1] + words
                told.append((style, words))
    return told


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("A。B。", [("+A。", "[1]"), ("+B。", "[2]")],
         [("plain", "A。"), ("strong", "[1]"), ("plain", "B。"), ("strong", "[2]")]),
        ("占40%以上。", [("40%", "45%")], [("plain", "占"), ("struck", "40%"), ("strong", "45%"), ("plain", "以上。")]),
        ("书名是《x》，不错。", [("《x》", "《y》")],
         [("plain", "书名是"), ("struck", "《x》"), ("strong", "《y》"), ("plain", "，不错。")]),
        ("他是《x》的作者。", [("《x》", "")], [("plain", "他是"), ("struck", "《x》"), ("plain", "的作者。")]),
        ("a word and more", [("+word", "[1]")], [("plain", "aword"), ("strong", "[1]"), ("plain", "andmore")]),
        ("Built in 1913, they say.", [("1913", "1931"), ("+say.", " [1]")],
         [("plain", "Builtin"), ("struck", "1913"), ("strong", "1931"), ("plain", ",theysay."), ("strong", "[1]")]),
        ("It is very old.", [(" very", "")], [("plain", "Itis"), ("struck", "very"), ("plain", "old.")]),
        ("He saw *it* (all).", [("(all)", "~none~\n")],
         [("plain", "Hesaw*it*"), ("struck", "(all)"), ("strong", "~none~"), ("plain", ".")]),
        ("甲  乙", [("  ", "")], [("plain", "甲乙")]),
    ],
)  # fmt: skip
def test_exactly_the_changed_words_are_struck_or_strong(text, changes, expected):
    assert read(changed(text, *changes)) == expected


def test_a_checked_text_keeps_its_lines_and_makes_no_structure():
    text = "Title\n-----\nMore\n===\n    indented\n\n- one\n1. two\r\n\t+ three\n  "
    shown = changed(text, ("one", "1. uno"))
    assert read(shown)[1:3] == [("struck", "one"), ("strong", "1.uno")]
    lines = [line for block in blocks(shown) for line in "".join(run.text for run in block.runs).split("\n")]
    assert lines == ["Title", "-----", "More", "===", "indented", "- one 1. uno", "1. two", "+ three"]
