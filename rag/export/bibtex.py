"""The sources of an answer as BibTeX: one @misc each, for LaTeX, Zotero and the like."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote, urlsplit

from rag.text.locator import numbered

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LANGUAGES = {"zh": "chinese", "en": "english"}
_DATE = re.compile(r"(\d{4})(?:\D(\d{1,2}))?")
_ESCAPED = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "#$%&_{}"},
        "\\": "\\textbackslash{}",
        "~": "\\textasciitilde{}",
        "^": "\\textasciicircum{}",
    }
)
_SAFE_IN_URL = "/:?#[]@!$&'()*+,;=%-._~"  # all that may stand in an address; the rest is percent-encoded
_SAFE_IN_PATH = "/:-._~"


def bibtex(*answers: Mapping[str, Any]) -> str:
    """The sources that answers (objects of `ask --json`) quote, each once, in the order of their first quotes.

    What comes from a page is escaped for LaTeX; titles stand in double braces, so that no style changes their case;
    texts in Chinese stay as they are (the file is UTF-8). Citation keys are plain ASCII and all different.
    """
    keys = set[str]()
    found = dict[str, Mapping[str, Any]]()
    for answer in answers:
        found |= {sha256: source for sha256, source in sources(answer).items() if sha256 not in found}
    places = _places(kept for answer in answers for kept in answer["quotes"])
    return "\n".join(_entry(source, _key(source, keys), places.get(sha, {})) for sha, source in found.items())


def sources(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What is known of each quoted page, by the hash of its text, in the order of its first quote: title and address
    only, of answers that were kept before authors and dates were."""
    known = {source["sha256"]: source for source in answer.get("sources", ())}
    found = dict[str, Mapping[str, Any]]()
    for kept in answer["quotes"]:
        found.setdefault(
            kept["page_sha256"],
            known.get(
                kept["page_sha256"], {"source": kept["source"], "title": kept["title"], "read_at": answer.get("at", "")}
            ),
        )
    return found


def _places(quotes: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """By the hash of a page: the numbers of its pages, slides or times that are quoted ("3, 12--13"), by their unit."""
    found: dict[str, dict[str, set[tuple[int, int]]]] = {}
    for kept in quotes:
        if where := kept.get("locator"):
            units = found.setdefault(kept["page_sha256"], {})
            units.setdefault(where["unit"], set()).add((where["first"], where["last"]))
    return {
        sha: {
            unit: ", ".join(
                "--".join(numbered(unit, number) for number in dict.fromkeys(pair)) for pair in sorted(numbers)
            )
            for unit, numbers in units.items()
        }
        for sha, units in found.items()
    }


def _entry(source: Mapping[str, Any], key: str, places: Mapping[str, str]) -> str:
    fields = ",\n".join(f"  {name} = {value}" for name, value in _fields(source, places))
    return f"@misc{{{key},\n{fields}\n}}\n"


def _fields(source: Mapping[str, Any], places: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    address, read = str(source["source"]), str(source.get("read_at", ""))[:10]
    if author := source.get("author"):
        yield "author", "{" + " and ".join(f"{{{_plain(name)}}}" for name in re.split(r"\s*;\s*", author) if name) + "}"
    yield "title", f"{{{{{_plain(source.get('title') or PurePath(address).name or address)}}}}}"
    if site := source.get("site"):
        yield "organization", f"{{{{{_plain(site)}}}}}"
    if found := _DATE.search(str(source.get("date", ""))):
        yield "year", f"{{{found.group(1)}}}"
        if found.group(2) and 1 <= int(found.group(2)) <= 12:
            yield "month", MONTHS[int(found.group(2)) - 1]
    if "page" in places:
        yield "pages", f"{{{places['page']}}}"
    url = _url(address)
    yield "howpublished", f"{{\\url{{{url}}}}}"
    yield "url", f"{{{url}}}"
    if read:
        yield "urldate", f"{{{read}}}"
    told = {"slide": "Slides {}", "second": "At {}"}
    notes = [words.format(places[unit]) for unit, words in told.items() if unit in places]
    notes += [f"Accessed {read}"] if read else []
    if notes:
        yield "note", f"{{{'; '.join(notes)}}}"
    if named := LANGUAGES.get(str(source.get("language", ""))):
        yield "language", f"{{{named}}}"


def _url(address: str) -> str:
    """The address with nothing in it that LaTeX or BibTeX would read as its own; that of a file as file://…"""
    if re.match(r"[a-z][a-z0-9+.-]+:", address, re.IGNORECASE):
        return quote(address, safe=_SAFE_IN_URL)
    return f"file://{quote(address, safe=_SAFE_IN_PATH)}"


def _plain(text: str) -> str:
    return " ".join(str(text).split()).translate(_ESCAPED)


def _key(source: Mapping[str, Any], taken: set[str]) -> str:
    """The host or the file's name and the year, in ASCII letters and digits; "source" where nothing is left."""
    address = str(source["source"])
    host = (urlsplit(address).hostname or "").removeprefix("www.") if "://" in address else PurePath(address).stem
    found = _DATE.search(str(source.get("date", "")))
    stem = "".join(re.findall(r"[a-z0-9]+", host.lower()))[:24] or "source"
    key, tries = f"{stem}{found.group(1) if found else ''}", 1
    while key in taken:
        tries += 1
        key = f"{stem}{found.group(1) if found else ''}-{tries}"
    taken.add(key)
    return key
