"""Asking a search service: one request with a deadline, and a sentence for each way in which it fails."""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from rag.config import WebConfig
from rag.errors import ConfigFault, NothingFound, Unreachable
from rag.web.results import Asked, Form, Result, today
from rag.web.services import FORMS

_LONGEST_QUERY = 400  # characters; Brave and Tavily take no more
_MOST_BYTES = 5_000_000
_PATIENCE = 2.0  # seconds that a service may ask to wait and be waited for
_AGENT = "Vouch/0.2 (+local reading tool)"
_CAPTCHA = re.compile(rb"captcha|unusual traffic|are you a robot|\xe9\xaa\x8c\xe8\xaf\x81\xe7\xa0\x81", re.I)


@dataclass(slots=True)
class WebSearch:
    """A search service that finds pages of the live web. `not_before` (of time.monotonic()): it asked to be left alone
    until then, and is."""

    form: Form
    address: str
    key: str = ""
    timeout_seconds: float = 8.0
    fresh_days: int = 0
    blocked: tuple[str, ...] = ()
    not_before: float = field(default=0.0, init=False)

    @property
    def name(self) -> str:
        return self.form.name

    def search(self, query: str, count: int) -> list[Result]:
        """At most `count` results, best first, each address once, without blocked hosts and what is known to be older
        than `fresh_days`. Raises Unreachable, also where nothing is found."""
        since = today() - timedelta(days=self.fresh_days) if self.fresh_days else None
        asked = Asked(_shortened(query), count, self.key, since, self.blocked)
        try:
            found = self.form.read(self._answer(asked))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Unreachable("web.other_form", name=self.name, address=self.address, error=repr(error)) from error
        once = {result.url: result for result in reversed(found) if self._is_wanted(result, since)}
        kept = [result for result in found if once.get(result.url) is result][:count]
        if not kept:
            code = "web.nothing_new" if since else "web.nothing_found"
            raise NothingFound(code, name=self.name, days=self.fresh_days, query=asked.query)
        return kept

    def _is_wanted(self, result: Result, since: Any) -> bool:
        try:
            host = (urlsplit(result.url).hostname or "").lower()
        except ValueError:  # "http://[" is no address
            return False
        blocked = any(host == name.lower() or host.endswith(f".{name.lower()}") for name in self.blocked)
        fresh = since is None or result.dated is None or result.dated >= since
        return result.url.startswith(("http://", "https://")) and fresh and not blocked

    def _answer(self, asked: Asked) -> Any:
        """Its JSON. Raises Unreachable."""
        for attempt in (1, 2):
            self._check_turn()
            response, body = self._send(asked)
            wait = _retry_after(response)
            if response.status_code != 429:
                break
            self.not_before = time.monotonic() + wait
            if attempt == 2 or wait > _PATIENCE:
                self._check_turn(always=True)
            time.sleep(wait)
        if response.is_redirect:
            raise Unreachable(
                "web.redirects", name=self.name, address=self.address, target=response.headers.get("location")
            )
        if response.status_code in (401, 403):
            raise Unreachable("web.refused", name=self.name, address=self.address, remedy=self.form.forbidden)
        is_page = "html" in response.headers.get("content-type", "")
        if is_page and _CAPTCHA.search(body):
            raise Unreachable("web.captcha", name=self.name, address=self.address)
        if not response.is_success:
            raise Unreachable(
                "web.failed",
                name=self.name,
                address=self.address,
                status=f"{response.status_code} {response.reason_phrase}",
            )
        if is_page:
            raise Unreachable("web.not_json", name=self.name, address=self.address)
        return httpx.Response(200, content=body).json()

    def _check_turn(self, always: bool = False) -> None:
        left = self.not_before - time.monotonic()
        if left > _PATIENCE or always:
            raise Unreachable("web.too_often", name=self.name, seconds=f"{max(1.0, left):.0f}")

    def _send(self, asked: Asked) -> tuple[httpx.Response, bytes]:
        """The response with its whole body, within the time for all of it. Redirects are not followed: the key would
        go with them."""
        deadline = time.monotonic() + self.timeout_seconds
        headers = {"User-Agent": _AGENT, "Accept": "application/json"}
        body = bytearray()
        try:
            with httpx.Client(headers=headers, timeout=self.timeout_seconds, trust_env=False) as client:
                request = client.build_request(**self.form.ask(self.address, asked))
                response = client.send(request, stream=True)
                try:
                    for piece in response.iter_bytes():
                        body += piece
                        if time.monotonic() > deadline or len(body) > _MOST_BYTES:
                            raise httpx.ReadTimeout("it sent too much, or too slowly", request=request)
                finally:
                    response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                "web.silent", name=self.name, address=self.address, error=error or type(error).__name__
            ) from error
        return response, bytes(body)


def web_search(config: WebConfig, key: str) -> WebSearch:
    """The service that [web] names. Raises ConfigFault where it names none, or lacks its address or its key."""
    if not config.engine:
        raise ConfigFault("web.no_engine", known=", ".join(FORMS))
    form = FORMS.get(config.engine)
    if form is None:
        raise ConfigFault("config.choice", key="web.engine", value=config.engine, known=", ".join(FORMS))
    address = config.address or form.address
    if not address.startswith(("http://", "https://")):
        raise ConfigFault("web.no_address", address=address, engine=form.name)
    if form.needs_key and not key:
        raise ConfigFault("web.needs_key", engine=form.name)
    return WebSearch(form, address, key, config.timeout_seconds, config.fresh_days, config.blocked)


def _shortened(query: str) -> str:
    one_line = " ".join(query.split())
    if len(one_line) <= _LONGEST_QUERY:
        return one_line
    return one_line[:_LONGEST_QUERY].rsplit(" ", 1)[0]


def _retry_after(response: httpx.Response) -> float:
    """Seconds, by RFC 9110, 10.2.3; a minute where it says nothing that can be read."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 60.0
