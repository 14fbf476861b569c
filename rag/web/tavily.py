"""Tavily (docs.tavily.com/documentation/api-reference/endpoint/search): asked with JSON, its key goes as a bearer's."""

from collections.abc import Mapping
from typing import Any

from rag.web.results import Asked, Form, Result, published

_MOST = 20


def ask(address: str, asked: Asked) -> Mapping[str, Any]:
    wanted: dict[str, Any] = {"query": asked.query, "max_results": min(asked.count, _MOST), "search_depth": "basic"}
    if asked.blocked:
        wanted["exclude_domains"] = list(asked.blocked)
    if asked.since:
        wanted["start_date"] = str(asked.since)
    return {"method": "POST", "url": address, "json": wanted, "headers": {"Authorization": f"Bearer {asked.key}"}}


def read(told: Any) -> list[Result]:
    return [
        Result(str(one["url"]), str(one.get("title") or ""), str(one.get("content") or ""),
               published(one.get("published_date")))
        for one in told["results"]
    ]  # fmt: skip


TAVILY = Form("tavily", ask, read, "https://api.tavily.com/search")
