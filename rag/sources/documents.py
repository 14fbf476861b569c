"""A document that is looked at once and not indexed: what is to be checked."""

from datetime import UTC, datetime

from rag.config import FetchConfig
from rag.sources import ingest
from rag.sources.apart import page_of
from rag.sources.fetch import Fetched
from rag.sources.kinds import kind_of

_AS_WRITTEN = ("text", "markdown")


def text_at(uri: str, config: FetchConfig) -> str:
    """What a file or a web page says, read as a source is. Raises SourceFault."""
    if uri.startswith(("http://", "https://")):
        return ingest.read(uri, config).text
    return text_of(ingest.content(uri, config), uri)


def text_of(content: bytes, name: str) -> str:
    """What the bytes of a file called `name` say: plain text and Markdown to the letter, all else as it would be
    indexed. Raises SourceFault."""
    if kind_of(content, name) in _AS_WRITTEN:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass  # of another encoding, which reading it as a source finds out
    return page_of(Fetched(name, "", "", content, datetime.now(UTC).isoformat(timespec="seconds"))).text
