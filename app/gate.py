"""What stands before Streamlit's own web addresses: files are taken from visitors who may add them, how many visitors
and how much memory there are is told to nobody, and a view's own address opens it without a wrong turn."""

import ipaddress
import json
import re
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)")
_CLOSED = ("/_stcore/metrics", "/_stcore/agent/")
VIEWS = ("check", "sources", "table", "notebook", "quality", "compare", "settings")
"""The last part of the address of each but the first, which is at the root."""

# Streamlit's script cannot know whether the page lies under a path, so at /sources it asks for /sources/_stcore/health
# before /_stcore/health, and the browser's console tells of it. Told where the page lies, it does not have to try.
_WHERE = """<script>{
  const path = location.pathname.split("/");
  if (VIEWS.includes(path.pop())) window.__streamlit = { BACKEND_BASE_URL: `${location.origin}${path.join("/")}/` };
}</script>""".replace("VIEWS", json.dumps(VIEWS))

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
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].rpartition("/")[2] in VIEWS:
            await HTMLResponse(_opening(), headers={"cache-control": "no-cache"})(scope, receive, send)
            return
        await self._app(scope, receive, send)


@cache
def _opening() -> str:
    """Streamlit's own document, told where the page lies."""
    own = Path(st.__file__).with_name("static") / "index.html"
    return own.read_text("utf-8").replace("<head>", f"<head>{_WHERE}", 1)


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
