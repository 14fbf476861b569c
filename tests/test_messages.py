"""The catalogue of what goes wrong is whole: both languages, the parameters that the code gives, nothing left over."""

import ast
import pickle
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from rag import errors
from rag.config import REPOSITORY
from rag.errors import IndexFault, UsageFault
from rag.messages import Message, catalogue, english, find, say, translate

CODES = sorted(catalogue())
CHINESE = re.compile("[\u4e00-\u9fff]")
RAISED = {name for name, kind in vars(errors).items() if isinstance(kind, type)} | {"fault"}  # of a Schema
SPOKEN = {"english": 0, "say": 1}  # function -> place of the code among its arguments
COMMAND_LINE = (  # nobody meets these on the page, and they are said in English
    "eval/", "rag/__main__.py", "rag/cli/", "rag/answering/recording.py", "rag/answering/replay.py", "indexes/build.py",
    "indexes/migrate.py", "indexes/recipe.py", "rag/index/scattered.py", "rag/models/origins.py",
    "rag/history/statistics.py",
)  # fmt: skip
FILES = [path for room in ("rag", "app", "indexes", "eval") for path in sorted((REPOSITORY / room).rglob("*.py"))]
SOURCES = {path.relative_to(REPOSITORY).as_posix(): path.read_text("utf-8") for path in FILES}


def marks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def calls() -> Iterator[tuple[str, ast.expr, ast.Call]]:
    """(file, what is said, the call) of everything that raises or says something."""
    for file, text in SOURCES.items():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = SPOKEN.get(name, 0 if name in RAISED else None)
            if place is not None and len(node.args) > place and not (name == "say" and file.startswith("app/")):
                yield file, node.args[place], node


def codes(said: ast.expr) -> list[str]:
    """The codes that an expression may be; none for a sentence."""
    constants = [node.value for node in ast.walk(said) if isinstance(node, ast.Constant)]
    return [text for text in constants if isinstance(text, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", text)]


def sample(said: ast.expr) -> str:
    """The sentence with something for each part that is only known when it is said."""
    match said:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(sample(part) for part in parts)
        case ast.BinOp(left=left, right=right):
            return sample(left) + sample(right)
        case ast.Call(func=ast.Attribute(value=inside, attr="rstrip")):
            return sample(inside)
        case ast.FormattedValue():
            return "does not exist"
    return ""


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_it_with_the_same_parameters(code):
    words = catalogue()[code]
    assert set(words) == {"en", "zh"} and CHINESE.search(words["zh"]) and not CHINESE.search(words["en"])
    assert marks(words["en"]) == marks(words["zh"])


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_is_known_again(code):
    parameters = {name: f"/{name} [1.5] é" for name in marks(catalogue()[code]["en"])}
    assert find(english(code, **parameters)) == Message(code, parameters)
    assert all(value in translate("zh", english(code, **parameters)) for value in parameters.values())


def test_every_code_that_is_raised_is_in_the_catalogue_with_its_parameters():
    found = [(file, code, call) for file, said, call in calls() for code in codes(said)]
    assert len({code for _, code, _ in found}) > 120
    for file, code, call in found:
        given = {keyword.arg for keyword in call.keywords}
        wanted = marks(catalogue()[code]["en"]) if code in catalogue() else None
        assert wanted is not None and (None in given or wanted <= given), (file, call.lineno, code)


def test_every_sentence_that_the_page_can_show_is_in_the_catalogue():
    plain = [
        (file, sample(said))
        for file, said, call in calls()
        if not codes(said) and not file.startswith(COMMAND_LINE) and not isinstance(said, ast.Name | ast.Attribute)
    ]
    assert [told for told in plain if re.search("[a-z]{3}", told[1]) and find(told[1]) is None] == []


def test_no_words_are_left_over():
    whole = "\n".join(SOURCES.values())
    sentences = {message.code for _, said, _ in calls() if (message := find(sample(said)))}
    texts = "".join(node.value for text in SOURCES.values() for node in ast.walk(ast.parse(text)) if is_text(node))
    unused = [code for code in CODES if f'"{code}"' not in whole and code not in sentences]
    assert [
        code for code in unused if max(re.split(r"\{\w+\}|\. ", catalogue()[code]["en"]), key=len) not in texts
    ] == []


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_a_fault_says_its_words_and_its_code():
    fault = IndexFault("index.missing", path="/a/{b}", remedy=english("index.add_again", folder="/a", name="a"))
    assert fault.code == "index.missing" and str(fault).startswith("/a/{b} is missing. Move the folder /a away")
    again = pickle.loads(pickle.dumps(fault))
    assert (type(again), again.code, str(again)) == (IndexFault, fault.code, str(fault))
    plain = UsageFault("Nothing in the catalogue says this.")
    assert (plain.code, str(plain)) == ("", "Nothing in the catalogue says this.")


def test_a_remedy_is_said_in_the_language_of_the_sentence():
    remedy = english("index.add_again", folder="/a", name="a")
    told = english("file.unusable", what=english("file.ledger"), path="/l", error="disk I/O error", remedy=remedy)
    assert translate("en", told) == told
    said = translate("zh", told)
    assert said.startswith("账本（/l）") and "disk I/O error" in said and not re.search("Move|folder|ledger", said)
    assert translate("zh", "Somebody else's words.") == ""


def test_a_parameter_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        english("index.missing", path="/a")
    with pytest.raises(KeyError):
        say("zh", "no.such_code")
