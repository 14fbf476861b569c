"""Text with a mark at the start of each page but the first -> the text, and where its pages begin."""

from itertools import accumulate

from rag.sources.charset import clean

PAGE_MARK = "\f"


def paged(text: str) -> tuple[str, tuple[int, ...]]:
    """Cleaned page by page, so that the offsets hold for the text as it is kept."""
    pages = [clean(page) for page in text.split(PAGE_MARK)]
    return "".join(pages), tuple(accumulate(map(len, pages[:-1]), initial=0))
