import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from eval import report, result
from eval.outcomes import Outcome
from eval.result import Result
from rag.errors import EvalFault
from rag.history import evaluations
from rag.history.statistics import rate

WRONG = "answered wrongly, of all"


def made(set_name: str, variant: str, rights: str, at="2026-11-22T00:00:00+00:00", language="zh", commit="abc1234"):
    """`rights`: an item each, + right, - wrong, . declined."""
    outcomes = [
        Outcome(f"{set_name[:6]}-{number}", language, mark == "+", mark != ".", mark == "-", 0.5 + number / 100)
        for number, mark in enumerate(rights)
    ]
    figures = {
        "answered rightly": rate(rights.count("+"), len(rights)),
        WRONG: rate(rights.count("-"), len(rights)),
    }
    return Result(
        set_name, variant, "", len(rights), figures, {"total": 20.0, "median": 2.0, "longest": 3.0},
        {"name": "reader<1>", "sha256": "x"}, "hash", "p", "c", "l", commit, at, outcomes,
    )  # fmt: skip


RUNS = [
    made("rgb-zh-noise-0.4", "loop", "+++++++++..."),
    made("rgb-zh-noise-0.4", "closed", "+----------."),
    made("rgb-zh-noise-0.8", "loop", "++++++......"),
    made("rgb-zh-noise-0.8", "closed", "+----------."),
    made("rgb-en-noise-0.4", "loop", "++++++++++..", language="en"),
]


def write(folder, runs=RUNS):
    for one in runs:
        result.write(one, folder)
    return result.latest(folder)


def test_the_newest_result_of_each_set_and_variant_counts(tmp_path):
    old = made("seeds", "loop", "----", at="2026-01-01T00:00:00+00:00", commit="zzzzzzz")
    new = made("seeds", "loop", "++++", at="2026-11-01T00:00:00+00:00", commit="aaaaaaa")
    assert write(tmp_path, [new, old]) == [new]


def test_a_result_is_read_as_it_was_written(tmp_path):
    assert write(tmp_path) == sorted(RUNS, key=lambda one: (one.set, one.name))
    (tmp_path / "x.json").write_text('{"set": "x"}', "utf-8")
    with pytest.raises(EvalFault, match=r"x\.json is not a result"):
        result.latest(tmp_path)


def test_variants_stand_side_by_side(tmp_path):
    rows = report.headlines(write(tmp_path))
    assert rows[0] == ["set", "figure", "n", "closed book", "whole loop"]
    row = next(row for row in rows if row[0] == "rgb-zh-noise-0.4")
    assert row[3].startswith("8.3%") and row[4].startswith("75.0%")
    english = next(row for row in rows if row[0] == "rgb-en-noise-0.4")
    assert english[3] == ""  # not run, and not shown as nought


def test_the_page_is_told_what_vouch_did_before_what_it_is_held_against(tmp_path):
    results = write(tmp_path)
    path = evaluations.write(report.summarised(results), tmp_path)
    summary = evaluations.read(path)
    assert summary == report.summarised(results) and result.latest(tmp_path) == results
    head, *rows = summary.table("headlines")
    assert head == ("set", "figure", "n", "whole loop", "closed book")
    assert {row[0] for row in rows} == set(summary.sets()) == {one.set for one in RUNS}
    english = summary.table("headlines", ["rgb-en-noise-0.4"])
    assert [row[0] for row in english[1:]] == ["rgb-en-noise-0.4"] and "closed book" not in english[0]
    assert summary.table("headlines", ["none of these"]) == []
    surest = next(one for one in summary.curves if (one.set, one.variant) == ("rgb-zh-noise-0.4", "closed"))
    # Ten wrong answers of eleven, and the one that is right has the lowest probability.
    assert surest.risk[0][1] == 1.0 and surest.risk[-1] == (1.0, round(10 / 11, 4))


def test_a_damaged_summary_names_the_remedy_and_a_missing_one_is_none(tmp_path):
    path = tmp_path / evaluations.NAME
    assert evaluations.read(path) is None
    for text in ("{", "[]", '{"results": []}'):
        path.write_text(text, "utf-8")
        with pytest.raises(EvalFault, match=r"eval\.report --summary"):
            evaluations.read(path)


def test_the_page_shows_the_newest_results_in_git():
    assert evaluations.read(evaluations.FILE).results == tuple(one.file_name for one in result.latest(result.FOLDER))


def test_the_loop_is_compared_with_the_closed_book_by_language(tmp_path):
    rows = report.changes(write(tmp_path))
    zh = next(row for row in rows if row[0] == "all, zh")
    # Twelve questions, each asked at two noises. Closed: items 1 to 10 wrong; loop: none wrong. -10/12 = -83.3 points.
    assert zh[1] == "12" and zh[5].startswith("-83.3 [")
    assert not any(row[0] == "all, en" for row in rows)  # English has no closed book here
    one = next(row for row in rows if row[0] == "rgb-zh-noise-0.4")
    # right: 9 - 1 of 12 = +66.7; discordant 8 : 0, McNemar p = 2 / 2**8 = .008
    assert one[3].startswith("+66.7 [") and one[4] == "0.008"


def test_the_page_is_whole_and_fetches_nothing(tmp_path):
    page = report.page(write(tmp_path))
    assert "<script" not in page and not re.search(r"(?:src|href)=", page)
    assert "reader&lt;1&gt;" in page and "reader<1>" not in page
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    titles = [ElementTree.fromstring(picture).get("aria-label") for picture in pictures]
    assert {"Answered rightly by noise", "Risk and coverage", "Reliability"} <= set(titles)
    assert "Chinese beside English: whole loop" in titles
    HTMLParser().feed(page)


def test_noise_is_drawn_in_its_order(tmp_path):
    noise = report.pictures(write(tmp_path, list(reversed(RUNS))))[0]
    line = re.search(r'<polyline points="([^"]+)"', noise)
    across = [float(point.split(",")[0]) for point in line[1].split()]
    assert across == sorted(across)


def invoke(*arguments):
    return CliRunner().invoke(report.app, list(map(str, arguments)), catch_exceptions=False)


def test_the_readme_block_is_replaced_and_nothing_else(tmp_path):
    write(tmp_path / "results")
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", "utf-8")
    for _ in range(2):
        assert invoke("--results", tmp_path / "results", "--readme", "--readme-file", readme).exit_code == 0
    text = readme.read_text("utf-8")
    assert text.startswith(f"before\n{report.BEGIN}\n| set |") and text.endswith(f"{report.END}\nafter\n")
    assert "old" not in text and text.count("| set |") == 2 + 1
    readme.write_text("no marks", "utf-8")
    with pytest.raises(EvalFault, match="Put them in"):
        invoke("--results", tmp_path / "results", "--readme", "--readme-file", readme)


def test_without_results_it_says_how_to_make_one(tmp_path):
    with pytest.raises(EvalFault, match=r"python -m eval\.run"):
        invoke("--results", tmp_path)
