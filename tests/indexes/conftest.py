"""Recipes, a local web site that knows about ETags, and an embedder that counts."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from indexes import recipe
from indexes.rebuild import Report, rebuild
from indexes.recipe import Recipe
from rag.config import Config, EmbedderConfig, FetchConfig
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from tests.sources.local_site import Answer, Site, send, serve


class CountingEmbedder(HashEmbedder):
    """Remembers the passages it was asked to embed."""

    def __init__(self, dimension: int = 256) -> None:
        super().__init__(dimension)
        self.embedded: list[str] = []

    def passages(self, texts):
        self.embedded.extend(texts)
        return super().passages(texts)

    def queries(self, texts):
        return HashEmbedder(self.dimension).queries(texts)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made


@pytest.fixture
def config(tmp_path: Path, site: Site) -> Config:
    return Config(
        indexes=str(tmp_path / "built"),
        embedder=EmbedderConfig(kind="hash"),
        fetch=FetchConfig(allow_hosts=(site.host,), timeout_seconds=5.0),
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Recipe]:
    """TOML -> the recipe `notes`, whose folder is `tmp_path`; checks want room for nothing unless they say so."""

    def make(text: str, folder: str = "") -> Recipe:
        path = tmp_path / "notes.toml"
        if "[checks]" not in text:
            text += "\n[checks]\nfree_megabytes = 0\nmax_removed = 1.0\n"
        path.write_text(text, "utf-8")
        return recipe.read(path, folder)

    return make


@pytest.fixture
def run(config: Config, embedder: CountingEmbedder) -> Callable[..., Report]:
    def make(made_from: Recipe, **options) -> Report:
        return rebuild(made_from, config, options.pop("embedder", embedder), **options)

    return make


@pytest.fixture
def held(config: Config) -> Callable[[], dict[str, str]]:
    """Texts by the last part of their page's address, in the current build of `notes`, which must be whole."""

    def read() -> dict[str, str]:
        with Index.at(config.built / "notes", HashEmbedder()) as index:
            index.examine()
            return {page.uri.rpartition("/")[2]: index.page(page.uri).text for page in index.pages()}

    return read


def dated(body: bytes, date: str, media_type: str = "text/html") -> Answer:
    """Answers 304 to whoever names this Last-Modified."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.headers["If-Modified-Since"] == date:
            request.send_response(304)
            request.end_headers()
            return
        send(body, media_type, Last_Modified=date)(request)

    return answer


def article(title: str, sentence: str, *links: str) -> bytes:
    """A page with an article that says `sentence` a few times over, each time with a number, and links."""
    paragraphs = "".join(f"<p>{sentence} This is paragraph {number} of {title}.</p>" for number in range(4))
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article>"
        f"<ul>{anchors}</ul></body></html>"
    ).encode()
