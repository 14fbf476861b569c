"""What a configuration may say: a number that makes no sense is told with its key, before anything is done with it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import _BOUNDS, Config, expanded, load
from rag.errors import ConfigFault

SENSELESS = (
    "[chunk]\ntokens = 0", "[chunk]\ntokens = -3", "[search]\nrrf = -1", "[search]\nk = -5",
    "[fetch]\ntimeout_seconds = nan", "[fetch]\ntimeout_seconds = inf", "[fetch]\nmax_megabytes = -1",
    "[fetch]\nmax_megabytes = nan", "[fetch]\nmax_redirects = -1", '[fetch]\nuser_agent = "Vöuch"',
    '[fetch]\nuser_agent = "a\\r\\nCookie: b"', "[reading]\nsteps = 0", "[reading]\nview_tokens = 0",
    "[reader]\nwindow = 0", "[reader]\ntimeout_seconds = -1.0", "[checking]\nrisk = 7.0", "[ledger]\ndays = 99999999",
    "[web]\nfresh_days = 99999999", "[facts]\nsupported = nan",
)  # fmt: skip


@pytest.mark.parametrize("said", SENSELESS)
def test_a_value_that_makes_no_sense_is_told_with_its_key(tmp_path: Path, said: str) -> None:
    file = tmp_path / "vouch.toml"
    file.write_text(said, "utf-8")
    with pytest.raises(ConfigFault) as told:
        load(file)
    table, _, line = said.partition("\n")
    assert f"{table.strip('[]')}.{line.split()[0]}" in str(told.value) and str(file) in str(told.value)


def test_every_bound_is_of_a_key_whose_default_lies_within() -> None:
    for name, (least, most) in _BOUNDS.items():
        table, key = name.split(".")
        assert least <= getattr(getattr(Config(), table), key) <= most


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_configuration_or_a_fault(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "vouch.toml"
    file.write_text(text, "utf-8", errors="surrogatepass")
    try:
        load(file)
    except ConfigFault as fault:
        assert str(file) in str(fault)


VALUES = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(max_size=5), st.lists(st.text(max_size=3), max_size=2)
)
KEYS = [
    (table, key)
    for table in ("reader", "fetch", "web", "chunk", "search", "reading", "checking", "facts", "alarms", "ledger")
    for key in getattr(Config(), table).__dataclass_fields__
]


@given(st.sampled_from(KEYS), VALUES)
def test_any_value_of_any_key_is_taken_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, key: tuple[str, str], value: object
) -> None:
    import json

    said = str(value) if isinstance(value, float) else json.dumps(value)
    file = tmp_path_factory.getbasetemp() / "vouch.toml"
    file.write_text(f"[{key[0]}]\n{key[1]} = {said}\n", "utf-8", errors="surrogatepass")
    try:
        load(file).fingerprint()
    except ConfigFault as fault:
        assert str(file) in str(fault)


def test_a_tilde_is_a_home_and_what_is_no_user_a_name():
    assert expanded("~/papers") == Path.home() / "papers"
    assert expanded("~nobody of this name/papers") == Path("~nobody of this name/papers")
