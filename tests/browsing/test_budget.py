import pytest

from rag.browsing.browser import Browser
from rag.browsing.budget import Budget
from rag.config import ReadingConfig
from rag.errors import OverBudget
from rag.generation.reader import ScriptedReader
from rag.types import Page

PAGE = Page("u:p", "One two three four five six seven eight nine ten. " * 20)


class Costly(ScriptedReader):
    def tokens(self) -> tuple[int, int]:
        return 1000, 100


def spent(browser: Browser, reader: ScriptedReader | None = None, **limits) -> str:
    return Budget(ReadingConfig(**limits), reader or ScriptedReader(), (2.0, 10.0)).spent(browser)


def test_each_budget_ends_a_run_and_says_which_it_was():
    browser = Browser("q?", quote_tokens=60)
    assert spent(browser) == ""
    browser.read(PAGE)
    assert spent(browser, steps=1) == "1 actions"
    browser.keep(PAGE.text[:130])
    assert spent(browser) == "60 quoted tokens"
    other = Browser("q?")
    assert spent(other, seconds=1e-9) == "1e-09 seconds"
    assert spent(other, Costly(), money=0.003) == "0.003 in money"
    assert spent(other, Costly(), money=0.0031) == ""


def test_tokens_and_money_add_up_over_a_run():
    budget = Budget(ReadingConfig(), Costly(), (2.0, 10.0))
    assert budget.tokens() == (1000, 100) and budget.tokens() == (2000, 200)
    assert budget.money() == pytest.approx(0.009)


def test_a_quote_longer_than_what_is_left_is_not_kept():
    browser = Browser("q?", quote_tokens=100)
    browser.read(PAGE)
    with pytest.raises(OverBudget):
        browser.keep(PAGE.text)
    browser.keep("One two three")
    assert len(browser.quotes) == 1 and browser.quotable < 100
