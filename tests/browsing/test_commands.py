import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.browsing.commands import CONTROVERSIAL, NONSENSE, UNTOLD, command, grammar, parse
from rag.types import Abstain, Back, Click, Find, Finish, Invalid, Keep, Open, Scroll, Search, Top

texts = st.text(min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)
actions = st.one_of(
    texts.map(Search), texts.map(Find), texts.map(Keep), st.integers(0, 9999).map(Click), st.integers(0, 99).map(Open),
    st.sampled_from([-3, -2, -1, 1, 2, 3]).map(Scroll), texts.map(Abstain),
    st.sampled_from([Top(), Back(), Finish(), Abstain(NONSENSE), Abstain(CONTROVERSIAL), Abstain(UNTOLD)]),
)  # fmt: skip


@given(actions)
def test_every_action_is_a_line_that_says_it(action):
    line = command(action)
    assert "\n" not in line and parse(line) == action


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("Search 静湖 海拔", Search("静湖 海拔")),
        ("Clicked on link 12", Click(12)),
        ("Find in page: ferry", Find("ferry")),
        ("Quote: opened━1931", Keep("opened━1931")),
        ("Scrolled down 2", Scroll(2)),
        ("scrolled up 3", Scroll(-3)),
        ("Top", Top()),
        ("Back", Back()),
        ("End: Answer", Finish()),
        ("End: Nonsense", Abstain(NONSENSE)),
        ("End: Controversial", Abstain(CONTROVERSIAL)),
        ("End: Abstain", Abstain(UNTOLD)),
    ],
)
def test_the_commands_of_the_paper(line, action):
    assert parse(line) == action


@pytest.mark.parametrize("line", ["", "Quote:", "Search", "Scrolled down 4", "Scrolled down", "rm -rf /", "End: maybe"])
def test_anything_else_is_invalid(line):
    assert parse(line) == Invalid(line)


def test_the_grammar_offers_what_can_be_done_and_nothing_else():
    bare, full = grammar(False, [], False, False), grammar(True, [3, 17], True, True)
    assert "Quote" not in bare and '"Answer"' not in bare and "Clicked" not in bare and "Back" not in bare
    assert re.search(r'"Clicked on link " \("3" \| "17"\)', full)
    assert '"Answer"' in full and '"Quote: "' in full and '"Back"' in full
