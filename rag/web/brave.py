"""Brave Search (api-dashboard.search.brave.com/app/documentation): its key goes in X-Subscription-Token."""

from collections.abc import Mapping
from typing import Any

from rag.web.results import Asked, Form, Result, published, today

_MOST = 20


def ask(address: str, asked: Asked) -> Mapping[str, Any]:
    params = {"q": asked.query, "count": min(asked.count, _MOST), "text_decorations": "false"}
    if asked.since:
        params["freshness"] = f"{asked.since}to{today()}"
    headers = {"X-Subscription-Token": asked.key}
    return {"method": "GET", "url": address, "params": params, "headers": headers}


def read(told: Any) -> list[Result]:
    """Without pages among what it found it leaves "web" out."""
    return [
        Result(str(one["url"]), str(one.get("title") or ""), str(one.get("description") or ""),
               published(one.get("page_age")))
        for one in told.get("web", {}).get("results", ())
    ]  # fmt: skip


BRAVE = Form("brave", ask, read, "https://api.search.brave.com/res/v1/web/search")
