"""Whose conversations these are: the account's where there is a login, else the browser's, by a secret in a cookie.

Only a hash of either is written anywhere. Without cookies a conversation is kept for as long as the page is open.
"""

import re
import secrets

import streamlit as st

from app import clicks, session
from rag.types import sha256

COOKIE = "vouch_visitor"
DAYS = 365
_SECRET = re.compile(r"[A-Za-z0-9_-]{22,64}")


def owner() -> str:
    """By whom this visitor's conversations are kept."""
    if st.user.get("is_logged_in"):
        return "account:" + sha256(f"{st.user.get('iss', '')} {st.user.get('sub') or st.user.get('email')}")
    return "browser:" + sha256(_secret())


def _secret() -> str:
    mine = session.current()
    if not mine.secret:
        given = str(st.context.cookies.get(COOKIE, ""))
        mine.secret = given if _SECRET.fullmatch(given) else secrets.token_urlsafe(24)
    return mine.secret


def remember() -> None:
    """Leave the secret with the browser, where it has none yet."""
    if not st.user.get("is_logged_in") and COOKIE not in st.context.cookies:
        clicks.remember(COOKIE, _secret(), DAYS * 86400)
