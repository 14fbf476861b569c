"""The live web behind the seam of an engine: a search service finds pages, they are read, cut, ranked and made hits.

What a run sees is what it sees of an index: chunks with their cosines, over pages whose whole text is at hand. Snippets
of the service are never hits, since only what stands in a page that was read can be quoted.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np

from rag.errors import Setback, SourceFault, Unreachable
from rag.index.index import Index
from rag.index.search import fuse
from rag.index.words import terms
from rag.messages import english
from rag.protocols import Embedder, SearchEngine, Vectors
from rag.sources.chunk import chunk
from rag.sources.visit import Visitor
from rag.text.passage import passages
from rag.types import Chunk, Hit, Page
from rag.web.results import Result, published, today
from rag.web.search import WebSearch

K1, B = 1.2, 0.75  # of BM25 (Robertson and Zaragoza 2009)


@dataclass(slots=True)
class LiveEngine:
    """The live web, for one run. Pages that one of its searches has read are not read again by the next.

    `results` pages are read for a search; `tokens` is the aim of a chunk; at most `chunks` of them are embedded, those
    with most of the query's words and the first ones of each page. Pages dated before `fresh_days` ago are left out.
    """

    web: WebSearch
    visitor: Visitor
    embedder: Embedder
    results: int = 5
    tokens: int = 200
    chunks: int = 96
    rrf: int = 60
    fresh_days: int = 0
    _pages: dict[str, Page] = field(default_factory=dict)
    _failed: dict[str, str] = field(default_factory=dict)
    _chunks: dict[str, list[Chunk]] = field(default_factory=dict)
    _vectors: dict[str, Vectors] = field(default_factory=dict)
    _setbacks: list[Setback] = field(default_factory=list)

    def search(self, query: str, k: int) -> list[Hit]:
        """At most `k` chunks of the pages that the service finds, best first; [] for a blank query.

        Raises Unreachable where the service fails or finds nothing, or none of its pages can be read. Pages that
        could not be read are in `setbacks`, each once.
        """
        if not query.strip():
            return []
        found = self.web.search(query, 2 * self.results)
        read = self._read(found)
        if not read:
            raise Unreachable("web.none_readable", count=len(found), name=self.web.name)
        return self._ranked(query, read)[:k]

    def open(self, uri: str) -> Page:
        """The page as it was read, or read now where no search has found it: a link that is followed. Raises
        Unreachable."""
        self._visit([uri])
        if uri not in self._pages:
            raise Unreachable(self._failed[uri])
        return self._pages[uri]

    def has(self, uri: str) -> bool:
        """Whether this run has read the page."""
        return uri in self._pages

    def setbacks(self) -> list[Setback]:
        """What could not be read since this was last asked."""
        told = list(self._setbacks)
        self._setbacks.clear()
        return told

    def _read(self, found: Sequence[Result]) -> list[Page]:
        """The first `results` pages of those found that can be read, in their order; one that fails gives its place to
        the next."""
        urls = [result.url for result in found]
        self._visit(urls[: self.results], tell=True)
        lacking = self.results - sum(url in self._pages for url in urls[: self.results])
        self._visit(urls[self.results : self.results + lacking], tell=True)
        pages = (self._pages[url] for url in urls if url in self._pages)
        return list({page.uri: page for page in pages}.values())[: self.results]

    def _visit(self, urls: Sequence[str], tell: bool = False) -> None:
        """Read those that were not yet tried."""
        new = [url for url in urls if url not in self._pages and url not in self._failed]
        for url, page in self.visitor.visit(new):
            why = str(page) if isinstance(page, SourceFault) else self._stale(page)
            if isinstance(page, SourceFault) or why:
                self._failed[url] = why
                if tell:
                    self._setbacks.append(Unreachable(why))
            else:
                self._pages[url] = self._pages[page.uri] = page

    def _stale(self, page: Page) -> str:
        written = published(page.date)
        if not self.fresh_days or written is None or written >= today() - timedelta(days=self.fresh_days):
            return ""
        return english("web.too_old", uri=page.uri, date=written, days=self.fresh_days)

    def _ranked(self, query: str, pages: Sequence[Page]) -> list[Hit]:
        """Both legs over the chunks of `pages`, fused as an index fuses them."""
        by_page = [self._cut(page) for page in pages]
        titles = {page.uri: page.title for page in pages}
        every = [piece for pieces in by_page for piece in pieces]
        texts = [text for page, pieces in zip(pages, by_page, strict=True) for text in passages(page, pieces)]
        scores, coverage = word_scores(query, texts)
        chosen = _worth_embedding(by_page, scores, self.chunks)
        cosines = self._embedded([texts[at] for at in chosen]) @ self.embedder.queries([query])[0]
        dense = [chosen[place] for place in np.argsort(-cosines, kind="stable")]
        worded = sorted((at for at in chosen if scores[at] > 0), key=lambda at: -scores[at])
        fused = fuse(dense, worded, self.rrf, min(1.0, 2 * coverage))
        cosine = dict(zip(chosen, cosines.tolist(), strict=True))
        dense_rank = {at: rank for rank, at in enumerate(dense, 1)}
        text_rank = {at: rank for rank, at in enumerate(worded, 1)}
        return [
            Hit(every[at], titles[every[at].uri], score, dense_rank[at], text_rank.get(at), cosine[at])
            for at, score in fused
        ]

    def _cut(self, page: Page) -> list[Chunk]:
        if page.sha256 not in self._chunks:
            limit = self.embedder.max_tokens
            self._chunks[page.sha256] = chunk(page, self.embedder.token_ends, min(self.tokens, limit), limit)
        return self._chunks[page.sha256]

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension); no text is embedded twice in a run."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(new, self.embedder.passages(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])


@dataclass(slots=True)
class FusedEngine:
    """An index and the live web as one engine, for one run. Where the web fails, the index answers alone and `setbacks`
    tells why. Of a page that both have, the live one counts: it is the newer."""

    index: SearchEngine
    live: LiveEngine
    rrf: int = 60
    _setbacks: list[Setback] = field(default_factory=list)

    def search(self, query: str, k: int) -> list[Hit]:
        """At most `k` hits of both, by their cosines and by the rank each gave them."""
        try:
            web = self.live.search(query, k)
        except Unreachable as setback:
            self._setbacks.append(setback)
            web = []
        read = {hit.chunk.uri for hit in web}
        own = [hit for hit in self.index.search(query, k) if hit.chunk.uri not in read]
        every = [*own, *web]
        by_cosine = sorted(range(len(every)), key=lambda at: -(every[at].cosine or 0.0))
        places = [*enumerate(range(len(own))), *((rank, len(own) + rank) for rank in range(len(web)))]
        by_rank = [at for _, at in sorted(places)]
        return [replace(every[at], score=score) for at, score in fuse(by_cosine, by_rank, self.rrf, 1.0)][:k]

    def open(self, uri: str) -> Page:
        """Raises Unreachable."""
        if self.live.has(uri):
            return self.live.open(uri)
        try:
            return self.index.open(uri)
        except Unreachable:
            if _is_web(uri):
                return self.live.open(uri)
            raise

    def setbacks(self) -> list[Setback]:
        told = [*self.live.setbacks(), *self._setbacks]
        self._setbacks.clear()
        return told


def keep(pages: Iterable[Page], index: Index, tokens: int) -> list[tuple[str, str]]:
    """Put web pages that were read live (an answer's `pages`) into `index` as they were read; nothing is fetched.

    `tokens` is the aim of a chunk (config.chunk.tokens). Gives (uri, "added" or "replaced") of each; pages that are no
    web pages, or stand in the index already as they are, are left alone. Raises IndexFault.
    """
    known = {page.uri: page.sha256 for page in index.pages()}
    new = [page for page in pages if _is_web(page.uri) and known.get(page.uri) != page.sha256]
    limit = index.embedder.max_tokens
    pairs = ((page, chunk(page, index.embedder.token_ends, min(tokens, limit), limit)) for page in new)
    return [(uri, outcome) for uri, outcome in index.put(pairs)]


def _is_web(uri: str) -> bool:
    return uri.startswith(("http://", "https://"))


def word_scores(query: str, texts: Sequence[str]) -> tuple[list[float], float]:
    """(BM25 of each text, the share of the query by idf that the best one holds). 0 where no word is shared."""
    bags = [Counter(terms(text)) for text in texts]
    seen = Counter(term for bag in bags for term in bag)
    mean = sum(map(Counter.total, bags)) / max(1, len(bags)) or 1.0
    wanted = {term: math.log(1 + (len(bags) - seen[term] + 0.5) / (seen[term] + 0.5)) for term in set(terms(query))}

    def score(bag: Counter[str]) -> float:
        length = K1 * (1 - B + B * bag.total() / mean)
        return sum(idf * bag[term] * (K1 + 1) / (bag[term] + length) for term, idf in wanted.items() if term in bag)

    scores = [score(bag) for bag in bags]
    if not any(scores):
        return scores, 0.0
    best = bags[scores.index(max(scores))]
    return scores, sum(idf for term, idf in wanted.items() if term in best) / sum(wanted.values())


def _worth_embedding(by_page: Sequence[Sequence[Chunk]], scores: Sequence[float], most: int) -> list[int]:
    """Places of at most `most` chunks, in order: half by their words, the rest the first ones of every page in turn, so
    that a page in another language than the query is looked at as well."""
    if len(scores) <= most:
        return list(range(len(scores)))
    worded = sorted(range(len(scores)), key=lambda at: -scores[at])[: most // 2]
    chosen = {at for at in worded if scores[at] > 0}
    starts = [sum(map(len, by_page[:number])) for number in range(len(by_page))]
    for depth in range(max(map(len, by_page))):
        for start, pieces in zip(starts, by_page, strict=True):
            if depth < len(pieces) and len(chosen) < most:
                chosen.add(start + depth)
    return sorted(chosen)
