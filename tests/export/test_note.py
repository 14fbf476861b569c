"""A note written out: one numbering of what it cites, one list of sources, and the same words in Word and in a PDF."""

import io

import docx
import pypdfium2
import pytest
from docx.oxml.ns import qn
from markdown_it import MarkdownIt

from rag.export.note import note_as_markdown
from rag.export.paper import FORMS, Run, as_docx, as_pdf, blocks
from rag.sources.extract import extract


def quote(number, text, start=0, **told):
    place = {
        "page_sha256": "p1",
        "start": start,
        "end": start + len(text),
        "locator": None,
        "date": "",
        "superseded": "",
    }
    return {"id": number, "text": text, "source": "https://example.org/a", "title": "灯塔", **place, **told}


def answer(question, sentences, quotes, **told):
    page = {"sha256": "p1", "author": "Ann", "site": "", "date": "2024-01-02", "read_at": "2026-11-24T10:00"}
    return {
        "id": question, "question": question, "language": "en", "status": "answered", "quotes": quotes,
        "sentences": [{"text": text, "citations": cited, "verdict": verdict} for text, cited, verdict in sentences],
        "sources": [page], **told,
    }  # fmt: skip


LIT, TALL = quote(1, "It was lit in 1861."), quote(1, "It is 40 m tall.", 20)
FIRST = answer("When was it lit?", [("In 1861.", [1], "supported")], [LIT])
SECOND = answer(
    "How tall is it?",
    [("1861. It is 40 m tall.", [1], "supported"), ("It was lit in 1862.", [2], "contradicted")],
    [TALL, LIT | {"id": 2}],
)
ENTRIES = [
    ("answer", FIRST),
    ("text", {"text": "My **own** words."}),
    ("answer", SECOND),
    ("quote", {"answer": "x", "question": "Q", "quote": quote(7, "- 塔<b>高</b>四十米", 90)}),
]


def words_of(written):
    return "\n".join(line.text for line in docx.Document(io.BytesIO(written)).paragraphs)


def test_what_is_cited_is_numbered_across_the_note_and_listed_once():
    told = note_as_markdown("The tower", ENTRIES)
    assert "In 1861. \\[1\\]" in told
    assert "1861\\. It is 40 m tall. \\[2\\]" in told  # no list of one item
    assert "It was lit in 1862. \\[1\\] (**contradicted**)" in told
    sources = told.split("## Sources")[1]
    assert [sources.count(f"\\[{number}\\]") for number in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert "“It was lit in 1861.”" in sources and "written 2024-01-02, read 2026-11-24" in sources
    assert "My **own** words." in told


def test_nothing_from_outside_is_markup():
    lines = list(blocks(note_as_markdown("*T*", [ENTRIES[3]])))
    assert lines[0].level == 1 and lines[0].runs[0].text == "*T*"
    cited = next(line for line in lines if line.quoted)
    assert "".join(run.text for run in cited.runs) == "- 塔<b>高</b>四十米 [1]" and not cited.sign


@pytest.mark.parametrize(
    "own",
    [
        "so:\n```\ncode",
        "so:\n~~~~ py\n```\ncode",
        "```",
        "<!-- aside",
        "a <!--\nb",
        "<script>\n`x",
        "<b>`<i>`\n\n<?x",
        "```\n<a>",
    ],
)
def test_what_a_person_writes_does_not_swallow_what_comes_after(own):
    tokens = MarkdownIt("commonmark").parse(note_as_markdown("n", [("text", {"text": own}), ENTRIES[0]]))
    assert "When was it lit?" in [one.content for one in tokens if one.type == "inline"]
    assert not any(each.type.startswith("html") for one in tokens for each in (one, *(one.children or ())))


@pytest.mark.parametrize(
    "own",
    ["`<b>` and ``a ` <i>``", "```html\n<b>\n```", "x\n\n    <b>", "<https://a.org/x>, <a@b.org>", "1 < 2 <3", "\\<b>",
     "- ```\n  <b>"],
)  # fmt: skip
def test_a_persons_code_and_addresses_stay_as_they_are(own):
    assert own in note_as_markdown("n", [("text", {"text": own}), ENTRIES[0]])


def test_signs_that_no_word_file_holds_are_left_out_also_where_markdown_makes_them():
    assert words_of(as_docx("a&#12;b <https://a.b/%01>\n", "t")) == "ab https://a.b/"


def test_the_sign_of_an_empty_item_is_not_the_next_lines():
    assert [(line.sign, line.runs[0].text) for line in blocks("- one\n-\n\nafter")] == [("•", "one"), ("", "after")]


def test_an_answer_that_was_refused_says_so_and_cites_nothing():
    refused = answer("Who?", [("Ann.", [1], "unsupported")], [LIT], status="abstained", reason="Nothing was found.")
    told = note_as_markdown("n", [("answer", refused)])
    assert "Nothing was found." in told and "Ann." not in told and "Sources" not in told


def test_markdown_is_read_line_by_line_with_its_styles():
    told = list(
        blocks("# H\n\n1. one\n2. two ~~out~~ **in**\n   - deep\n\n> said\n\n[web](https://a.org) [no](file:///a)")
    )
    assert [(line.level, line.sign, line.depth, line.quoted) for line in told] == [
        (1, "", 0, False), (0, "1.", 1, False), (0, "2.", 1, False), (0, "•", 2, False), (0, "", 0, True),
        (0, "", 0, False),
    ]  # fmt: skip
    assert Run("out", struck=True) in told[2].runs and Run("in", bold=True) in told[2].runs
    assert [run.link for run in told[5].runs if "w" in run.text] == ["https://a.org"]
    assert not any(run.link.startswith("file") for line in told for run in line.runs)


def test_changes_are_words_own_revisions():
    written = docx.Document(
        io.BytesIO(as_docx("It is ~~40%~~ **45%** of **all**.\n\nAs **before**.\n", "t", revisions=True))
    )
    body = written.element.body
    words = (qn("w:t"), qn("w:delText"))
    changes = [*body.iter(qn("w:ins"), qn("w:del"))]
    revised = [(one.tag.rpartition("}")[2], "".join(text.text for text in one.iter(*words))) for one in changes]
    assert revised == [("del", "40%"), ("ins", "45%"), ("ins", "all")]
    assert {one.get(qn("w:author")) for one in changes} == {"Vouch"}
    assert words_of(as_docx("As **before**.", "t")) == "As before."
    out = io.BytesIO()
    written.save(out)
    assert extract(out.getvalue(), "a.docx").text == "It is 45% of all.\nAs before."  # all of them accepted


@pytest.mark.parametrize("language", ["English words", "中文的笔记，灯塔建于一八六一年"])
def test_word_and_pdf_say_what_the_markdown_says(language):
    told = note_as_markdown(
        language, [*ENTRIES, ("text", {"text": "1. one\n2. ~~two~~ \x00\n\n![picture](http://x/y.png)"})]
    )
    said = "".join("".join(run.text for run in line.runs) for line in blocks(told))
    word = words_of(as_docx(told, language))
    assert all(part in word for part in ("It was lit in 1861.", "My own words.", "四十米", "2.\u00a0", "picture"))
    paper = pypdfium2.PdfDocument(as_pdf(told, language))
    printed = "".join(paper[at].get_textpage().get_text_bounded() for at in range(len(paper)))
    squeezed = "".join(printed.split())
    assert language.replace(" ", "") in squeezed and "“Itwaslitin1861.”" in squeezed and "四十米" in squeezed
    assert len(squeezed) >= len("".join(said.split()))


def test_every_form_writes_a_file_of_its_kind():
    begin = {"md": b"# T", "docx": b"PK", "pdf": b"%PDF"}
    assert set(FORMS) == set(begin)
    assert all(form.write("# T\n", "T").startswith(begin[ending]) for ending, form in FORMS.items())
