"""On which page of a PDF, or slide, a sentence stands."""

import io

from rag.browsing.quotes import locate, quote
from rag.sources.extract import extract
from rag.types import Locator, Page
from tests.sources import made_sources as made
from tests.sources.made_sources import SENTENCES


def place(text: str, page: Page) -> Locator | None:
    return quote(1, locate(text, page), page).locator


def test_pages_without_text_count_and_a_sentence_may_stand_on_two() -> None:
    page = extract(
        made.pdf(
            [
                [(72, 700, SENTENCES[0])],
                [],
                [(72, 700, "The keeper counted every ship that came round the point, and the inter-")],
                [(72, 700, "national lamp was lit again."), (72, 600, SENTENCES[1])],
                [],
            ]
        ),
        "a.pdf",
    )
    assert place(SENTENCES[0], page) == Locator("page", 1, 1)
    assert place("The keeper counted every ship", page) == Locator("page", 3, 3)
    assert place("and the international lamp was lit again.", page) == Locator("page", 3, 4)
    assert place(SENTENCES[1], page) == Locator("page", 4, 4)
    assert len(page.page_starts) == 5


def test_hidden_slides_count() -> None:
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    for words in SENTENCES[:3]:
        slide = show.slides.add_slide(show.slide_layouts[6])
        slide.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1)).text_frame.text = words
    show.slides[1]._element.set("show", "0")
    out = io.BytesIO()
    show.save(out)
    page = extract(out.getvalue(), "a.pptx")
    assert page.text == f"{SENTENCES[0]}\n\n{SENTENCES[2]}"
    assert place(SENTENCES[2], page) == Locator("slide", 3, 3)


def test_what_has_no_pages_has_no_place_among_them() -> None:
    page = extract(SENTENCES[0].encode(), "a.txt")
    assert place(SENTENCES[0], page) is None
