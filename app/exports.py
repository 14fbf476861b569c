"""In which forms an answer can be taken along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.export.bibtex import bibtex
from rag.export.json import answer_as_markdown, as_json
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Form:
    ending: str
    media_type: str
    write: Callable[[Sequence[Answer]], str | bytes]


def _pdf(given: Sequence[Answer]) -> bytes:
    from rag.export.paper import as_pdf  # its library takes a fifth of the page's imports, and few take a PDF along

    return as_pdf(_markdown(given), given[0].question if given else "Vouch")


def _markdown(given: Sequence[Answer]) -> str:
    return "\n".join(answer_as_markdown(as_json(one)) for one in given)


FORMS: Mapping[str, Form] = {
    "Markdown": Form("md", "text/markdown", _markdown),
    "PDF": Form("pdf", "application/pdf", _pdf),
    "BibTeX": Form("bib", "application/x-bibtex", lambda given: bibtex(*map(as_json, given))),
}
