"""Every fault a visitor can meet is said in the interface's language, with its remedy; the original stands beneath."""

import ast
import re
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from app import faults, render, render_ask
from app.words_faults import FAULTS, SETBACKS
from rag import errors
from rag.config import REPOSITORY
from rag.types import Step
from tests.app.conftest import SOON, shown
from tests.app.test_page import ask

COMMAND_LINE = {  # nobody meets these on the page
    *(f"rag/{name}.py" for name in ("__main__", "cli/commands", "cli/kept", "cli/resident", "models/origins")),
    *(f"rag/answering/{name}.py" for name in ("recording", "replay")),
    *(f"indexes/{name}.py" for name in ("build", "migrate", "recipe")),
    "rag/index/scattered.py",
    "rag/history/statistics.py",
}
SETBACK = {one.__name__ for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.Setback)}
SOURCES = [path for room in ("rag", "app", "indexes") for path in sorted((REPOSITORY / room).rglob("*.py"))]
CHINESE = re.compile("[\u4e00-\u9fff]")


def constant(node: ast.expr) -> str:
    """What is certain of a sentence: its parts in braces are left out."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(constant(part) for part in parts)
        case ast.BinOp(left=left, right=right):
            return constant(left) + constant(right)
        case ast.Call(func=ast.Attribute(value=inside)):
            return constant(inside)
    return ""


def raised(setbacks: bool = False) -> Iterator[tuple[str, str]]:
    """Every sentence of a fault (or else a setback) in the code, with what is certain of it."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
            fault = named and named.endswith("Fault") and named != "OriginFault"
            if (named in SETBACK if setbacks else fault) and node.args:
                yield path.relative_to(REPOSITORY).as_posix(), constant(node.args[0]).strip()


def test_every_fault_has_its_words_in_chinese():
    met = [said for path, said in raised() if said and path not in COMMAND_LINE]
    assert len(met) > 100
    assert [said for said in met if not any(fragment in said for fragment in FAULTS)] == []


def test_no_words_are_left_over():
    whole = "".join(
        re.sub(r'"\s*\n\s*f?"', "", path.read_text("utf-8")) for path in SOURCES if path.stem != "words_faults"
    )
    assert [fragment for fragment in (*FAULTS, *SETBACKS) if fragment not in whole] == []
    assert [said for said in (*FAULTS.values(), *SETBACKS.values()) if not CHINESE.search(said)] == []


def test_every_setback_has_its_words_in_chinese_and_keeps_its_own():
    met = [said for _, said in raised(setbacks=True) if re.search("[a-z]", said)]
    assert len(met) > 25
    assert [said for said in met if not any(fragment in said for fragment in (*SETBACKS, *FAULTS))] == []
    step = Step("setback", "“<b>” does not stand in Salt.", 0.1, setback=True)
    for shown_as in (render.steps, lambda language, taken: render_ask.trail(language, taken, 0)):
        assert "页面里没有这段原话（“&lt;b&gt;” does not stand in Salt.）" in shown_as("zh", [step])
        assert "页面" not in shown_as("en", [step]) and "does not stand in Salt" in shown_as("en", [step])


def test_english_is_said_as_it_is_and_chinese_has_the_original_beneath():
    fault = "https://a.example/<b> answers 404 Not Found. Check the address: the page is not there."
    assert faults.explained("en", fault) == (fault, "")
    said, original = faults.explained("zh", fault)
    assert said == "这个网址上没有这一页。请检查网址。" and original == fault
    assert "&lt;b&gt;" in faults.notice("zh", fault) and "<b>" not in faults.notice("zh", fault)
    assert faults.explained("zh", "Nobody foresaw this.") == ("出错了，原因如下：", "Nobody foresaw this.")
    assert "刷新页面" in faults.explained("zh", "")[0]


def in_chinese(site, page: str = "app/main.py") -> AppTest:
    test = AppTest.from_file(str(REPOSITORY / page), default_timeout=SOON)
    test.session_state["language"] = "zh"
    return test.run()


def test_a_reader_that_fails_is_told_in_chinese_in_the_conversation(make_site):
    site = make_site([["never", "never"]], [])
    html = shown(ask(in_chinese(site), "When was the lighthouse lit?"))
    assert "脚本里没有对应的回复。" in html and "The script has no reply" in html


@pytest.mark.parametrize(
    ("settings", "told"),
    [("fetch = 3", "有一项的类型不对"), ('moon = "full"', "有不认识的项"), ("index = ", "配置文件的格式不对")],
)
def test_a_wrong_configuration_is_told_in_chinese(site, settings, told):
    file = site.folder / "vouch.toml"
    file.write_text(f"{settings}\n{file.read_text('utf-8')}", "utf-8")
    test = in_chinese(site)
    assert told in shown(test) and "vouch.toml" in shown(test) and not test.exception


def test_a_source_that_cannot_be_read_is_told_in_chinese(site, tmp_path):
    from rag import wiring
    from rag.answering.adding import add

    locked = tmp_path / "broken.pdf"
    locked.write_bytes(b"%PDF-1.4 and nothing else")
    with wiring.index(site.config, "books", wiring.embedder(site.config)) as index:
        list(add([str(locked)], index, site.config))
    test = AppTest.from_function(sources_page, default_timeout=SOON)
    test.session_state["language"] = "zh"
    html = shown(test.run())
    assert "文件已损坏，无法读取。请换一份完好的副本。" in html and "Get a fresh copy." in html


def sources_page() -> None:
    from app import sources
    from rag.config import load

    sources.page(load())
