"""What is a later version of a text, and what only looks like one."""

from dataclasses import replace

import pytest

from rag.text.versions import is_older, replaces, same_passage
from rag.types import Page

RULES = (
    "The reading room opens at nine. Bags are left at the door. A reader may have {0} books at once. "
    "Pencils are allowed, pens are not. Photographs are taken without flash."
)
OLD = Page("file:///2021.txt", RULES.format("four"), "House rules", date="2021-05-01")
NEW = Page("file:///2024.txt", RULES.format("six"), "House Rules", date="2024-02")


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        ("2021", "2022-01-01", True),
        ("2022-01", "2022-01-31", False),
        ("2022-01-31", "2022", False),
        ("2022-05-01T08:00:00", "2022-05-02", True),
        ("", "2022", False),
        ("2024", "May 5", False),
        ("0000-13-45", "2022", False),
        ("2021-5-1", "2022", False),
        ("2022", "", False),
    ],
)
def test_a_date_is_before_another_as_far_as_both_are_known(one, other, older):
    assert is_older(one, other) is older
    assert not is_older(other, one) or not older


def test_the_same_rules_with_another_number_are_a_later_version():
    assert replaces(NEW, OLD) and not replaces(OLD, NEW)


@pytest.mark.parametrize(
    "other",
    [
        replace(OLD, title="House rules of the map room"),
        replace(OLD, title=""),
        replace(OLD, date=""),
        replace(OLD, date="2024"),
        replace(OLD, text=NEW.text),
        replace(OLD, text="The kitchen opens at six. Bags are left at the door. Nobody may bring books."),
    ],
    ids=["another title", "no title", "no date", "the same date", "the same text", "another text"],
)
def test_what_misses_one_of_the_conditions_is_none(other):
    assert not replaces(NEW, replace(other, title=other.title))


def test_only_what_the_article_says_is_held_against_the_other():
    def note(page: Page, head: str) -> Page:
        text = f"{head}\n{page.text}"
        return replace(page, text=text, body=((len(head) + 1, len(text)),))

    one, other = note(NEW, "--- Written in the new office by many hands. ---"), note(OLD, "--- By hand. ---")
    assert replaces(one, other)
    assert not replaces(replace(one, body=()), replace(other, text=f"Other words. {other.text[20:]}", body=((0, 13),)))


def test_two_forms_filled_in_are_no_versions():
    def invoice(number: int, to: str, total: str, date: str) -> Page:
        text = f"Invoice number {number}.\nTo {to}.\nTotal: {total} crowns.\nPayable within thirty days."
        return Page(f"file:///{number}", text, "Invoice", date=date)

    assert not replaces(invoice(8, "Ines Tolland", "1,120", "2024-02-02"), invoice(7, "Ada Kemble", "84", "2024-01-01"))


def test_passages_about_other_things_of_one_text_are_not_the_same():
    assert same_passage("A reader may have four books at once.", "A reader may have six books at once.")
    assert not same_passage("A reader may have four books at once.", "Photographs are taken without flash.")
