import re

from hypothesis import given
from hypothesis import strategies as st

from rag.export.bibtex import bibtex
from rag.export.json import answer_as_markdown
from rag.export.paper import blocks
from rag.messages import say


def source(number: int, **changes) -> dict:
    named = {"source": f"https://www.example.org/{number}", "title": "A title", "author": "", "site": "", "date": ""}
    return {**named, "language": "en", "read_at": "2026-11-24T10:00:00+00:00", "sha256": f"h{number}", **changes}


def answer(*found: dict, **changes) -> dict:
    quotes = [
        {
            "id": at, "text": "Some *words*.", "source": each["source"], "title": each["title"],
            "page_sha256": each["sha256"], "start": 3, "end": 16,
        }
        for at, each in enumerate(found, 1)
    ]  # fmt: skip
    sentences = [{"text": "Some *words*.", "citations": [1], "verdict": "supported", "probability": 0.9, "judge": "r"}]
    return {
        "id": "abc", "question": "What <b>is</b> it?", "language": "en", "status": "answered", "reason": "",
        "answer": "Some *words*.[1]", "sentences": sentences, "quotes": quotes, "sources": list(found), "conflicts": [],
        "index": {"name": "work"}, "at": "2026-11-24T11:00:00+00:00", **changes,
    }  # fmt: skip


def test_a_source_has_its_title_author_date_address_and_the_day_it_was_read():
    written = bibtex(
        answer(source(1, author="Ada Kemble; Bo Li", date="2024-05-06", site="Lights & Co", title="50% #1"))
    )
    assert written == (
        "@misc{exampleorg2024,\n  author = {{Ada Kemble} and {Bo Li}},\n  title = {{50\\% \\#1}},\n"
        "  organization = {{Lights \\& Co}},\n  year = {2024},\n  month = may,\n"
        "  howpublished = {\\url{https://www.example.org/1}},\n  url = {https://www.example.org/1},\n"
        "  urldate = {2026-11-24},\n  note = {Accessed 2026-11-24},\n  language = {english}\n}\n"
    )


def test_chinese_titles_stay_and_files_have_an_address():
    written = bibtex(answer(source(1, source="/家/茶 园.txt", title="雁枕茶园", language="zh", author="李 白")))
    assert "title = {{雁枕茶园}}" in written and "author = {{李 白}}" in written and "language = {chinese}" in written
    assert "url = {file:///%E5%AE%B6/%E8%8C%B6%20%E5%9B%AD.txt}" in written and "@misc{source,\n" in written


def test_a_page_quoted_twice_is_one_entry_and_keys_differ():
    written = bibtex(answer(source(1), source(1), source(2), source(3)))
    assert re.findall(r"@misc\{([^,]+),", written) == ["exampleorg", "exampleorg-2", "exampleorg-3"]


def test_the_pages_slides_and_times_that_are_quoted_are_named():
    book, talk, film = source(1), source(2), source(3)
    given = answer(book, book, book, talk, film, film)
    places = (
        ("page", 12, 13),
        ("page", 3, 3),
        ("page", 12, 13),
        ("slide", 4, 4),
        ("second", 752, 760),
        ("second", 6, 6),
    )
    for quote, (unit, first, last) in zip(given["quotes"], places, strict=True):
        quote["locator"] = {"unit": unit, "first": first, "last": last}
    written = bibtex(given)
    assert written.count("pages = {3, 12--13}") == 1 and "note = {Slides 4; Accessed 2026-11-24}" in written
    assert "note = {At 0:05, 12:31--12:39; Accessed 2026-11-24}" in written
    assert "pp. 12–13" in answer_as_markdown(given) and "第 12–13 页" in answer_as_markdown({**given, "language": "zh"})


def test_several_answers_have_each_source_once_and_their_keys_differ():
    written = bibtex(answer(source(1), source(2)), answer(source(2), source(3)))
    assert re.findall(r"@misc\{([^,]+),", written) == ["exampleorg", "exampleorg-2", "exampleorg-3"]


def test_an_answer_of_before_sources_were_kept_still_has_titles_and_addresses():
    older = answer(source(1))
    del older["sources"]
    written = bibtex(older)
    assert "title = {{A title}}" in written and "Accessed 2026-11-24" in written and "author" not in written


@given(text=st.text(max_size=40))
def test_no_text_breaks_out_of_its_field(text):
    [entry] = bibtex(answer(source(1, title=text, author=text, site=text, source=f"https://h/{text}"))).split("\n@")
    depth = 0
    for sign in re.sub(r"\\[{}]", "", entry):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"(?<!\\)[#$&](?![^{}]*\}\}?,\n  (?:url|urldate|note))", entry.split("howpublished")[0])


def test_an_answer_as_markdown_escapes_what_comes_from_outside_and_names_its_sources():
    written = answer_as_markdown(answer(source(1, author="Ada", date="2024-05-06")))
    assert written.startswith("# What \\<b\\>is\\</b\\> it?\n\nSome \\*words\\*.\\[1\\]\n")
    assert "1. Some \\*words\\*. \\[1\\] — **supported** (0.90)" in written
    assert "written 2024-05-06, read 2026-11-24, characters 3–16" in written and "Ada" in written


def test_an_abstention_in_chinese_says_so():
    told = answer(language="zh", status="abstained", answer="", reason="not found in your sources", sentences=[])
    assert say("zh", "refused.answer", reason="not found in your sources") in answer_as_markdown(told)
    assert bibtex(told) == ""


def test_an_address_of_the_web_leads_there_and_nothing_else_does():
    odd = ["https://a.org/x y", "javascript:alert(1)", "file:/etc/a<b>", "https://a.org/>*x*"]
    written = answer_as_markdown(answer(source(1), *(source(at, source=one) for at, one in enumerate(odd, 2))))
    links = [run.link for block in blocks(written) for run in block.runs if run.link]
    assert links == ["https://www.example.org/1"]
