"""What was fetched -> its page: the one way in for files, uploads, recipes and the live web, all as careful.

Formats that small files can make large (archives, pictures, PDF) and large texts are read in a process of its own with
limits on time and memory. A small text or web page is read here: starting a process takes longer than reading it.
"""

from rag.errors import SourceFault
from rag.sources import apart, kinds
from rag.sources.fetch import Fetched
from rag.types import Page

_TEXTS = ("text", "markdown", "html", "csv", "srt")
_SMALL = 500_000  # bytes


def page_of(fetched: Fetched) -> Page:
    """Raises SourceFault, a sentence with the remedy, where the content cannot be read, not within the limits, or is a
    captcha, a stub or a menu in place of the page."""
    small = len(fetched.content) < _SMALL
    if small and kinds.kind_of(fetched.content, fetched.url, fetched.media_type) in _TEXTS:
        return apart.read_here(fetched)
    if not fetched.content:
        raise SourceFault(f"{fetched.url} is empty. Check that it was saved or downloaded completely.")
    return apart.read(fetched)
