"""Who may come in, and who may change what: nobody is asked unless vouch.toml says so ([app]).

A password opens for one browser and is remembered there, as a token, for some days; with "oidc" it is Streamlit's own
login that asks, and vouch.toml that says which of those the provider knows are meant.
"""

import logging
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from app import clicks, gate, render, session
from app.words import Language, say
from rag.cli import passwords
from rag.config import AppConfig, Config
from rag.errors import ConfigFault, UsageFault

log = logging.getLogger("vouch.page")

COOKIE = "vouch_door"
PLACE, PLACE_SECONDS = "vouch_place", 600  # where somebody wanted to before the login led away from the page's address
PLACES = ("answer", "conversation")  # the parameters of an address that name one
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
FREE_GUESSES, PAUSE = 5, 30.0  # wrong passwords in a row, by anybody, before all wait so many seconds


@dataclass
class Guesses:
    """Wrong passwords in a row, by whoever: the page cannot tell visitors behind one proxy apart."""

    wrong: int = 0
    again_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fits(self, password: str, kept: str, now: float) -> bool | None:
        """None while nobody may guess; one guess at a time. Raises ConfigFault."""
        with self.lock:
            if now < self.again_at:
                return None
            right = passwords.fits(password, kept)
            self.wrong = 0 if right else self.wrong + 1
            if self.wrong >= FREE_GUESSES:
                self.wrong, self.again_at = 0, now + PAUSE
            return right


@st.cache_resource(show_spinner=False)
def _guesses(kept: str) -> Guesses:
    return Guesses()


def admits(config: Config, language: Language) -> bool:
    """Whether this visitor is in; where not, the way in is shown. Raises ConfigFault where there is none."""
    match config.app.login:
        case "":
            return True
        case "password":
            return _by_password(config.app, language)
        case "oidc":
            return _by_provider(config.app, language)
    raise ConfigFault("config.choice", key="app.login", value=config.app.login, known="password or oidc")


def may_change(config: Config) -> bool:
    """Whether this visitor may add, fetch again and remove sources, and make and change indexes."""
    return not config.app.read_only or (config.app.login == "oidc" and named(_email(), config.app.editors))


def may_name_paths(config: Config) -> bool:
    """Whether this visitor may have files of this machine read by naming their path: where nobody is asked for a login,
    only while the page is for this machine alone."""
    return config.app.server_files or not (config.app.login or gate.is_open())


def warn_if_open(config: Config, language: Language) -> None:
    """Say on the page that whoever reaches it may do all, where that may be anybody."""
    if not config.app.login and gate.is_open():
        log.warning("The page listens on %s and asks nobody for a login", st.get_option("server.address") or "all")
        st.html(render.notice(say(language, "open to all"), fault=True))


def require_change(config: Config) -> None:
    """Raises UsageFault: a button that is not drawn is no protection."""
    if not may_change(config):
        raise UsageFault("page.read_only")


def named(email: str, people: Sequence[str]) -> bool:
    """Whether an address is among `people`, which also names whole domains ("@example.org")."""
    address = email.strip().casefold()
    domain = address.rpartition("@")
    return bool(domain[0] and domain[2]) and any(
        address == one.strip().casefold() or f"@{domain[2]}" == one.strip().casefold() for one in people
    )


def way_out(config: Config, language: Language) -> None:
    """Who is in, and the button that ends it; nothing where nobody was asked."""
    mine = session.current()
    if not config.app.login:
        return
    if config.app.login == "oidc":
        st.html(render.faint(_email()))
    elif mine.remember:
        clicks.remember(COOKIE, mine.remember, passwords.DAYS * 86400)
    if st.button(say(language, "log out"), icon=":material/logout:", width="stretch", key="log-out"):
        mine.admitted, mine.leaving, mine.remember = False, True, ""
        if config.app.login == "oidc":
            st.logout()
        else:
            st.rerun()


def _by_password(app: AppConfig, language: Language) -> bool:
    mine = session.current()
    if mine.admitted:
        return True
    if mine.leaving:
        clicks.remember(COOKIE, "", 0)
    elif passwords.holds(str(st.context.cookies.get(COOKIE, "")), app.password):
        mine.admitted = True
        return True
    st.html(render.title("Vouch", say(language, "tagline")))
    with st.form("door", border=False):
        given = st.text_input(
            say(language, "password"), type="password", key=session.PASSWORD, autocomplete="current-password"
        )
        asked = st.form_submit_button(say(language, "log in"), type="primary", icon=":material/login:")
    if not asked:
        return False
    right = _guesses(app.password).fits(given, app.password, time.monotonic())
    if right:
        mine.admitted, mine.remember, mine.leaving = True, passwords.token(app.password), False
        st.rerun()
    st.html(render.notice(say(language, "too many guesses" if right is None else "wrong password"), fault=True))
    return False


def _by_provider(app: AppConfig, language: Language) -> bool:
    try:
        known = bool(st.user.is_logged_in)
    except AttributeError as error:
        raise ConfigFault("config.login") from error
    if known and named(_email(), app.people):
        _come_back()
        return True
    st.html(render.title("Vouch", say(language, "tagline")))
    if known:
        st.html(render.notice(say(language, "not invited", who=_email() or "?"), fault=True))
        if st.button(say(language, "log out"), icon=":material/logout:", key="log-out"):
            st.logout()
        return False
    _keep_place()
    if st.button(say(language, "log in"), type="primary", icon=":material/login:", key="log-in"):
        st.login()
    return False


def _keep_place() -> None:
    """The provider leads back to the page's bare address: the browser keeps what was asked for meanwhile."""
    for name in PLACES:
        if _TOKEN.fullmatch(value := st.query_params.get(name, "")):
            clicks.remember(PLACE, f"{name}.{value}", PLACE_SECONDS)
            return


def _come_back() -> None:
    """To what was asked for before the login; once, since a session's cookies are those that it began with."""
    mine = session.current()
    name, _, value = str(st.context.cookies.get(PLACE, "")).partition(".")
    if name not in PLACES or not _TOKEN.fullmatch(value):
        return
    clicks.remember(PLACE, "", 0)
    if not mine.returned and not any(place in st.query_params for place in PLACES):
        st.query_params[name] = value
    mine.returned = True


def _email() -> str:
    """The address the provider vouches for; "" where it says that nobody verified it."""
    verified = st.user.get("email_verified", True)
    return str(st.user.get("email") or "") if verified not in (False, "false") else ""
