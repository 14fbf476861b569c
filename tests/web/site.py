"""A web of our own on 127.0.0.1: a small site and a search server that speaks the forms of SearXNG, Brave, Tavily and
Bing. The tests use it; by hand:

    python -m tests.web.site --port 8700        # prints what to put into vouch.toml, and runs until Ctrl-C
    vouch ask --web "When was the Lantern Bridge reopened?"
"""

import argparse
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rag.text.terms import terms
from tests.sources.local_site import Answer, Site, drip, flood, redirect, send, serve, tagged
from tests.web import town

KEY = "open sesame"
FORMS = {"searxng": "/searxng", "brave": "/brave", "tavily": "/tavily", "bing": "/bing"}
TROUBLE = "trouble"  # a query that finds pages which cannot be read, each in its own way
PRIVATE = "http://10.255.255.1/router"


@dataclass(frozen=True)
class Found:
    path: str
    title: str
    text: str
    date: str


DOCUMENTS = (
    *(Found(path, title, " ".join(lines), date) for path, (title, lines, date) in town.ARTICLES.items()),
    Found("/report.pdf", "Water report", " ".join(town.WATER), "2024-01-10"),
    Found("/moved/cable-car", "Orsel cable car, old address", " ".join(town.CABLE_CAR), ""),
)
BAD = (
    "/missing", "/slow", "/huge", "/loop", "/wall", "/", "/data.bin", "/shut/secret", "/busy", "/archive/tram",
)  # fmt: skip


def build(site: Site) -> None:
    """Put all pages and the search server on `site`."""
    for path in town.ARTICLES:
        charset = "gbk" if path == "/zh/festival" else "utf-8"
        page = town.article(path, charset)
        site.pages[path] = tagged(page, f'"{hash(page) & 0xFFFF:x}"', f"text/html; charset={charset}")
    site.pages |= {
        "/": send(town.home()),
        "/report.pdf": send(town.report(), "application/pdf"),
        "/moved/cable-car": redirect("/guide/cable-car"),
        "/robots.txt": send(b"User-agent: *\nDisallow: /shut/\n", "text/plain"),
        "/slow": drip(30),
        "/huge": flood,
        "/loop": redirect("/loop"),
        "/wall": send(town.CAPTCHA),
        "/data.bin": send(bytes(range(256)) * 40, "application/octet-stream"),
        "/shut/secret": send(town.article("/news/lantern-bridge")),
        "/busy": send(b"slow down", "text/plain", 429, Retry_After="30"),
        FORMS["searxng"] + "/search": _searxng(site),
        FORMS["brave"]: _brave(site),
        FORMS["tavily"]: _tavily(site),
        FORMS["bing"]: _bing(site),
        "/limited/search": send(b"{}", "application/json", 429, Retry_After="30"),
        "/guarded/search": send(town.CAPTCHA),
        "/webpage/search": send(town.home()),
        "/forbidden/search": send(b"no json here", "text/plain", 403),
        "/strange/search": send(b'{"answer": 42}', "application/json"),
        "/away/search": redirect("/searxng/search"),
        "/drip/search": drip(30),
        "/silent/search": send(
            json.dumps({"results": [], "unresponsive_engines": [["google", "CAPTCHA"]]}).encode(), "application/json"
        ),
    }


def ranked(query: str, count: int) -> list[Found]:
    """The pages that share most with the query, each word weighed by how rare it is."""
    bags = [Counter(terms(f"{page.title} {page.text}")) for page in DOCUMENTS]
    seen = Counter(term for bag in bags for term in bag)
    wanted = {term: math.log(1 + len(bags) / seen[term]) for term in set(terms(query)) if term in seen}
    scores = [sum(weight for term, weight in wanted.items() if term in bag) for bag in bags]
    order = sorted(range(len(bags)), key=lambda at: -scores[at])
    return [DOCUMENTS[at] for at in order if scores[at] > 0][:count]


def _results(site: Site, query: str, count: int) -> list[tuple[str, Found]]:
    if query == TROUBLE:
        pages = [Found(path, path, "", "") for path in BAD]
        return [*((site.url(page.path), page) for page in pages), (PRIVATE, Found("", "router", "", ""))]
    return [(site.url(page.path), page) for page in ranked(query, count)]


def _parameters(request: BaseHTTPRequestHandler) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def _searxng(site: Site) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        told = _parameters(request)
        if told.get("format") != "json":
            return send(b"<html><body>a page for people</body></html>")(request)
        found = _results(site, told["q"], 20)
        rows = [
            {"url": url, "title": page.title, "content": page.text[:80], "publishedDate": f"{page.date}T00:00:00"
             if page.date else None, "engine": "local"}
            for url, page in found
        ]  # fmt: skip
        return _json(request, {"query": told["q"], "results": rows, "unresponsive_engines": []})

    return answer


def _brave(site: Site) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.headers.get("X-Subscription-Token") != KEY:
            return send(b'{"type": "ErrorResponse"}', "application/json", 401)(request)
        told = _parameters(request)
        found = _results(site, told["q"], int(told["count"]))
        rows = [
            {"url": url, "title": page.title, "description": page.text[:80], "page_age": page.date or None}
            for url, page in found
        ]
        return _json(request, {"type": "search", **({"web": {"results": rows}} if rows else {})})

    return answer


def _tavily(site: Site) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.command != "POST" or request.headers.get("Authorization") != f"Bearer {KEY}":
            return send(b'{"detail": {"error": "Unauthorized"}}', "application/json", 401)(request)
        told = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        found = _results(site, told["query"], told["max_results"])
        rows = [{"url": url, "title": page.title, "content": page.text[:80], "score": 0.5} for url, page in found]
        return _json(request, {"query": told["query"], "results": rows})

    return answer


def _bing(site: Site) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.headers.get("Ocp-Apim-Subscription-Key") != KEY:
            return send(b'{"error": {"code": "401"}}', "application/json", 401)(request)
        told = _parameters(request)
        found = _results(site, told["q"], int(told["count"]))
        rows = [
            {"url": url, "name": page.title, "snippet": page.text[:80],
             **({"datePublished": f"{page.date}T00:00:00.0000000Z"} if page.date else {})}
            for url, page in found
        ]  # fmt: skip
        return _json(request, {"_type": "SearchResponse", **({"webPages": {"value": rows}} if rows else {})})

    return answer


def _json(request: BaseHTTPRequestHandler, told: Mapping[str, Any]) -> None:
    send(json.dumps(told).encode(), "application/json")(request)


@contextmanager
def web(port: int = 0) -> Iterator[Site]:
    with serve(port) as site:
        build(site)
        yield site


def settings(site: Site, engine: str = "searxng", key_env: str = "") -> str:
    """The tables of a vouch.toml that searches this web."""
    key = f'key_env = "{key_env}"\n' if key_env else ""
    return (
        f'[web]\nengine = "{engine}"\naddress = "{site.url(FORMS[engine])}"\n{key}delay = 0.0\n'
        f'timeout_seconds = 3.0\nmax_megabytes = 2.0\n[fetch]\nallow_hosts = ["{site.host}"]\n'
    )


def main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8700)
    parser.add_argument("--engine", choices=FORMS, default="searxng")
    told = parser.parse_args(words)
    with web(told.port) as site:
        key_env = "" if told.engine == "searxng" else "WEB_KEY"
        sys.stdout.write(settings(site, told.engine, key_env))
        sys.stdout.write(f"\n# export WEB_KEY='{KEY}'\n" if key_env else "\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main(sys.argv[1:])
