"""SearXNG (docs.searxng.org/dev/search_api.html): a metasearch engine that anybody may run. No key; its settings must
allow the format json."""

from collections.abc import Mapping
from typing import Any

from rag.errors import Unreachable
from rag.web.results import Asked, Form, Result, published, today

_RANGES = ((1, "day"), (31, "month"), (366, "year"))


def ask(address: str, asked: Asked) -> Mapping[str, Any]:
    params = {"q": asked.query, "format": "json"}
    if asked.since:
        days = (today() - asked.since).days
        params |= dict([("time_range", name) for most, name in _RANGES if days <= most][:1])
    url = address.rstrip("/")
    return {"method": "GET", "url": url if url.endswith("/search") else f"{url}/search", "params": params}


def read(told: Any) -> list[Result]:
    found = [
        Result(str(one["url"]), str(one.get("title") or ""), str(one.get("content") or ""),
               published(one.get("publishedDate")))
        for one in told["results"]
    ]  # fmt: skip
    silent = [": ".join(map(str, pair)) for pair in told.get("unresponsive_engines") or ()]
    if not found and silent:
        raise Unreachable("web.engines_silent", engines="; ".join(silent))
    return found


SEARXNG = Form(
    "searxng", ask, read, needs_key=False, forbidden="Add json to search.formats in the settings.yml of SearXNG."
)
