"""The nouns, in the order a question meets them. All frozen: a run is a list of them.

source (where from) -> page (extracted text) -> chunk (span of a page) -> hit (ranked chunk)
-> quote (verbatim span) -> sentence with citations -> verdict -> answer.

Offsets are in Python characters (code points) of ``Page.text``, half open: ``text[start:end]``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Span = tuple[int, int]


def sha256(text: str) -> str:
    """Hex SHA-256 of the UTF-8 bytes of `text`."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """``page.text[start:end]`` leads to `address`: a web address, or the path of a file, without a fragment."""

    start: int
    end: int
    address: str


@dataclass(frozen=True, slots=True)
class Heading:
    """``text[start:end]`` of a page is its line, `words` what it says; `level` is 1 for the outermost, at most 6."""

    start: int
    end: int
    level: int
    words: str


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in a document a span stands, as it is cited: from number `first` to `last`, counted from 1."""

    unit: Literal["page", "slide", "second"]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one source as it was read, with where and when.

    `body` holds the spans that are the article itself; menus, adverts and lists of related
    posts lie outside it. They stay in `text` (it is what was read) but are never chunked,
    so they can be neither found nor quoted. `links` are in the order of the text and do not overlap, and so are
    `headings`: those that the source marked and the text does not (`rag.text.headings.headings` gives all).
    `page_starts` are the offsets at which the pages of a PDF, the slides or the seconds of captions begin
    (`rag.text.locator`); one without text begins where the next one does. `file_sha256` is of the file that such pages
    can be drawn from.
    `left_out` says what of the source is not in `text` ("2 pictures"); it is told when the page is read, and not kept.
    `tags` are those that the source says itself, or its recipe.
    """

    uri: str
    text: str
    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    language: str = ""
    media_type: str = "text/plain"
    read_at: str = ""
    body: tuple[Span, ...] = ()
    links: tuple[Link, ...] = ()
    headings: tuple[Heading, ...] = ()
    page_starts: tuple[int, ...] = ()
    file_sha256: str = ""
    left_out: str = ""
    tags: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        return sha256(self.text)


@dataclass(frozen=True, slots=True)
class PageInfo:
    """A page in an index, without its text. `tags` are all of it: its own, and those given by hand."""

    uri: str
    title: str
    site: str
    date: str
    language: str
    media_type: str
    read_at: str
    sha256: str
    characters: int
    chunks: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which pages of an index a question is asked of; of what is left empty, all.

    `sources`: a page passes by one of them, which is its address or title, the beginning of its address (a folder, a
    site), or a shell pattern for either. `media_types`: likewise. `since` and `until`: its date, as much of YYYY-MM-DD
    as is given, both included; a page without a date passes neither. `tags`: it has one of them.
    """

    sources: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    tags: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a recipe got a page from, and what the source was known by when it was last looked at.

    `source` names the part of the recipe, `address` is what was asked for and `uri` the page it gave. A file has its
    size and times for an `etag`; `sha256` is of the bytes; `links` are those of a crawled page, for when it answers
    that it has not changed; `reading` says how bytes became text; `checked_at` is UTC, ISO 8601 to the microsecond.
    """

    source: str
    address: str
    uri: str
    etag: str = ""
    last_modified: str = ""
    sha256: str = ""
    reading: str = ""
    checked_at: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a page that the embedder can take whole: ``page.text[start:end] == text``.

    `heading` is the path of headings that it stands under, outermost first, as "outer › inner"; "" where the page's
    text marks none. See `rag.text.passage` for what is embedded and indexed of it.
    """

    uri: str
    page_sha256: str
    start: int
    end: int
    text: str
    heading: str = ""
    locator: Locator | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found by a search. Higher score is better; a rank (from 1) is None where that leg missed it. `about` is
    what goes before its text (`rag.text.passage.head`)."""

    chunk: Chunk
    title: str
    score: float
    dense_rank: int | None = None
    text_rank: int | None = None
    cosine: float | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim span of a kept page; the only thing that can be cited (as ``[id]``). `heading` is as of a Chunk and
    `date` its page's; either may be "". `about` goes before it wherever it is read (`rag.text.passage.head`).
    `superseded` names the later version of its page, "TITLE, DATE", that the same answer also quotes."""

    id: int
    text: str
    uri: str
    title: str
    page_sha256: str
    start: int
    end: int
    heading: str = ""
    date: str = ""
    about: str = ""
    locator: Locator | None = None
    superseded: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """P(a passage states the answer), and where the answer most probably stands: ``passage[start:end]``."""

    probability: float
    start: int = 0
    end: int = 0


Direction = Literal["more", "less"]
Kind = Literal["fact", "list", "explain", "summary", "compare", "chain", "count"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What kind of question it is, and the questions it is looked up by, in order: itself alone, or the sub-questions
    of a comparison or of a chain, where "#n" in a later one stands for the answer to the n-th."""

    kind: Kind
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extract:
    """The extractive answer: ``text[start:end]`` of quote number `quote`, and P(it states the answer)."""

    quote: int
    start: int
    end: int
    text: str
    probability: float


VERBATIM = "verbatim"  # the judge's name where a sentence is its quotes' own words: nothing is left to judge
COMPUTED = "computed"  # and where it was worked out from numbers that stand in its quotes
VerdictLabel = Literal["supported", "unsupported", "contradicted", "unjudged"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of one claim against quotes. `probability` is P(supported), None when unjudged."""

    label: VerdictLabel
    probability: float | None
    judge: str

    @property
    def refused(self) -> bool:
        """Judged, and not supported."""
        return self.label in ("unsupported", "contradicted")


@dataclass(frozen=True, slots=True)
class Input:
    """A number that a program starts from: the name it has there, "" where it has none, and the quote in which it
    stands; None where it stands in the question."""

    name: str
    value: str
    quote: int | None


@dataclass(frozen=True, slots=True)
class Computation:
    """How a number was worked out: the program that the sandbox ran, what it started from, what came out, with its
    unit."""

    program: str
    inputs: tuple[Input, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, its citations (quote ids) and what the check said. `revised_from` is what the reader
    wrote first, where that did not hold and was sent back. One with a `computation` cites its inputs; its verdict, by
    COMPUTED, says that they stand there and that the program gave the number, not that it is the right program."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    revised_from: str = ""
    computation: Computation | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a conflict: `text` stands in quote number `quote` to the letter, and ``text[start:end]`` is the part
    in dispute. `date` is when its page says it was written, `read_at` when it was read; either may be ""."""

    quote: int
    text: str
    start: int
    end: int
    source: str
    title: str = ""
    date: str = ""
    read_at: str = ""

    @property
    def value(self) -> str:
        return self.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sentences of different pages that cannot both be right. `probability` is P(one contradicts the other) by a
    second opinion, None where there was none."""

    left: Side
    right: Side
    probability: float | None = None

    @property
    def differs(self) -> str:
        """The two values, as "86米 / 92米"."""
        return f"{self.left.value} / {self.right.value}"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its n. With n = 0 there is no value, and it prints as a dash."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    def __str__(self) -> str:
        return f"{self.hits / self.n:.0%} ({self.hits}/{self.n})" if self.n else "–"


# --- what a policy may do -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Search:
    query: str


@dataclass(frozen=True, slots=True)
class Open:
    """Open the page of the hit with this rank (from 1)."""

    rank: int


@dataclass(frozen=True, slots=True)
class Click:
    """Follow the link with this number (from 1) in what is in view: of the results their rank, of a page its link."""

    link: int


@dataclass(frozen=True, slots=True)
class Find:
    text: str


@dataclass(frozen=True, slots=True)
class Scroll:
    """Move the window down by this many windows, 1 to 3; negative goes up."""

    windows: int


@dataclass(frozen=True, slots=True)
class Top:
    pass


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Keep:
    """Quote this text from the open page; it counts only where it stands verbatim."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Stop searching and answer. `probability` is P(the quotes answer the question) where it was weighed."""

    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Abstain:
    reason: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Invalid:
    """What a model said that is no action. It is not carried out, and costs a step like any other."""

    said: str


Action = Search | Open | Click | Find | Scroll | Top | Back | Keep | Finish | Abstain | Invalid

# --- what a run tells -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One action as carried out. `setback` says it failed and the run went round it. `command` is what was to be done,
    in the browser's own words (`rag.browsing.commands`)."""

    action: str
    detail: str
    seconds: float
    setback: bool = False
    hits: tuple[Hit, ...] = ()
    quote: Quote | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What kind of question it is taken for, and what is looked up for it."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Extracted:
    """The extractive answer, from small models alone, before the reader has written anything."""

    extract: Extract


@dataclass(frozen=True, slots=True)
class Wrote:
    """The next piece of the answer's draft, as the reader streams it."""

    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Sentence number `index` (from 0) of the answer has its verdict."""

    index: int
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a run. `draft` is what the reader wrote; `text` is what is published ("" when abstained);
    `auditor` names who reckoned its citation recall and precision; `stopped` is the budget that ended the reading, as
    "40 actions", "" where the policy ended it; `extract` is the extractive answer, None without a small judge."""

    question: str
    language: str
    status: Literal["answered", "abstained"]
    text: str
    reason: str
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    steps: tuple[Step, ...]
    pages: tuple[Page, ...]
    metrics: Mapping[str, Rate | float | int | None]
    timings: Mapping[str, float]
    index: Mapping[str, str] = field(default_factory=dict)
    config_sha256: str = ""
    prompts_sha256: str = ""
    auditor: str = ""
    draft: str = ""
    id: str = ""
    conflicts: tuple[Conflict, ...] = ()
    stopped: str = ""
    plan: Plan | None = None
    extract: Extract | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    answer: Answer


Event = Planned | Step | Extracted | Wrote | Judged | Answered
