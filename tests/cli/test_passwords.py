"""The page's password: kept so that it cannot be read back, and a token that ends."""

import pytest

from rag.cli import passwords
from rag.errors import ConfigFault

KEPT = passwords.keep("correct horse 马")


def test_only_the_password_fits_and_no_two_lines_are_alike():
    assert passwords.fits("correct horse 马", KEPT)
    assert not passwords.fits("correct horse 牛", KEPT) and not passwords.fits("", KEPT)
    assert passwords.keep("correct horse 马") != KEPT and "horse" not in KEPT


@pytest.mark.parametrize(
    "line", ["", "correct horse", "scrypt$15$8$1$00$", "scrypt$40$8$1$00$" + "0" * 64, "md5$1$1$1$00$00"]
)
def test_what_is_no_line_is_a_fault_that_names_the_command(line):
    with pytest.raises(ConfigFault, match="vouch password"):
        passwords.fits("correct horse", line)


def test_a_token_holds_for_its_days_and_for_its_password():
    shown = passwords.token(KEPT, now=1000.0)
    assert passwords.holds(shown, KEPT, now=1000.0 + passwords.DAYS * 86400 - 1)
    assert not passwords.holds(shown, KEPT, now=1000.0 + passwords.DAYS * 86400 + 1)
    assert not passwords.holds(shown, passwords.keep("correct horse 马"), now=1000.0)


@pytest.mark.parametrize("shown", ["", ".", "9" * 20, "99999999999.", "99999999999.abc", "٣٣.x", "-1.x"])
def test_what_was_never_given_out_does_not_hold(shown):
    assert not passwords.holds(shown, KEPT, now=0.0)
