"""Services that answer as Bing's Web Search API v7 did (webPages.value), which outlived it; some put that under "data"
and want the key as a bearer's."""

from collections.abc import Mapping
from typing import Any

from rag.web.results import Asked, Form, Result, published, today

_MOST = 50


def ask(address: str, asked: Asked) -> Mapping[str, Any]:
    params = {"q": asked.query, "count": min(asked.count, _MOST), "responseFilter": "Webpages"}
    if asked.since:
        params["freshness"] = f"{asked.since}..{today()}"
    headers = {"Ocp-Apim-Subscription-Key": asked.key, "Authorization": f"Bearer {asked.key}"} if asked.key else {}
    return {"method": "GET", "url": address, "params": params, "headers": headers}


def read(told: Any) -> list[Result]:
    """Without pages among what it found it leaves "webPages" out."""
    inner = told.get("data") or told
    return [
        Result(str(one["url"]), str(one.get("name") or ""), str(one.get("snippet") or ""),
               published(one.get("datePublished")))
        for one in (inner.get("webPages") or {}).get("value", ())
    ]  # fmt: skip


BING = Form("bing", ask, read, needs_key=False)
