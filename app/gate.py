"""What stands before Streamlit's own web addresses: files are taken from visitors who may add them, and how many
visitors and how much memory there are is told to nobody."""

import ipaddress
import re

import streamlit as st
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)")
_CLOSED = ("/_stcore/metrics", "/_stcore/agent/")
_welcome: set[str] = set()  # sessions that may upload


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _may_pass(scope["path"], scope["method"]):
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)


def _may_pass(path: str, method: str) -> bool:
    if any(part in path for part in _CLOSED):
        return False
    upload = _UPLOAD.search(path)
    return upload is None or method == "OPTIONS" or upload[1] in _welcome


def take_uploads(may: bool) -> None:
    """Whether files of the visitor whose page is being drawn are taken from now on."""
    context = get_script_run_ctx()
    if context is None:
        return
    if may:
        _welcome.add(context.session_id)
    else:
        _welcome.discard(context.session_id)


def is_open() -> bool:
    """Whether others than this machine can reach the page."""
    if not st.runtime.exists():
        return False  # there is no server
    address = str(st.get_option("server.address") or "")
    try:
        return not ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address != "localhost"
