"""An HTML page -> its article, by trafilatura: main text, title, author, date, site; no menus, no adverts."""

import copy
import re
from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase

from lxml import etree, html  # type: ignore[import-untyped]

from rag.sources import links, markup, outline, pictures
from rag.sources.charset import clean
from rag.sources.office import counted
from rag.types import Page

_LEAST_SIDE = 20  # pixels: a smaller frame counts visitors
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)
# A shorter line may well be said twice; a longer one was laid out twice.
_LONG = 40
# Elements that say in their class or id that they are adverts, inside the article element too.
_ADVERT_NAMES = ("ad", "ads", "advert", "adverts", "advertisement", "adsbygoogle", "sponsored", "guanggao")
_LOWER = f"translate(normalize-space(@{{}}), '{ascii_uppercase}', '{ascii_lowercase}')"
_NAMED = " or ".join(
    f"contains(concat(' ', {_LOWER.format(attribute)}, ' '), ' {name} ')"
    for attribute in ("class", "id")
    for name in _ADVERT_NAMES
)
_ADVERTS = f"//*[not(self::html or self::body or self::main or self::article)][{_NAMED}]"


def read_webpage(text: str, uri: str, find: Callable[[str], bytes | None] | None = None) -> Page:
    """The article of a page, a paragraph a line. `text` is "" where there is none. `find` gives the picture behind a
    `src`; without it, those that the page holds or that lie beside its file.

    Where trafilatura finds no article (a page of a few lines has none), all the text that the page
    shows is taken; the furniture rules of the caller still apply to it.
    """
    import trafilatura
    from trafilatura.settings import set_date_params

    tree = markup.parse(text)
    if tree is None:
        return Page(uri, "")
    url = uri if uri.startswith(("http://", "https://")) else None
    seen = pictures.Pictures()
    pictures.write_in(tree, seen, find or (lambda src: pictures.behind(src, uri)))
    shown = copy.deepcopy(tree)
    markup.prepare(shown)
    left_out = ", ".join(filter(None, (counted(_frames(shown), "embedded frame"), seen.left_out)))
    _make_article(shown)
    found = trafilatura.bare_extraction(
        etree.tostring(shown, encoding="unicode", method="html"),
        url=url,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        prune_xpath=_ADVERTS,
        # A page's date is one that it gives as its date: a year that its text mentions is none.
        date_extraction_params=set_date_params(extensive=False),
    )
    if found is None or isinstance(found, dict):
        article = clean(markup.flatten_tree(shown))
        headings = outline.placed(outline.marks(tree), article)
        return Page(
            uri,
            article,
            title=_plain_title(text),
            links=links.of_webpage(tree, article, uri),
            headings=headings,
            left_out=left_out,
        )
    article = clean(_without_repeats(found.text or "") or markup.flatten_tree(shown))
    return Page(
        uri,
        article,
        title=" ".join((found.title or _plain_title(text)).split()),
        author=found.author or "",
        date=found.date or "",
        site=found.sitename or "",
        links=links.of_webpage(tree, article, uri),
        headings=outline.placed(outline.marks(tree), article),
        left_out=left_out,
    )


def _frames(root: "etree._Element") -> int:
    """How many other pages a page shows within itself, beside its menus: they are sources of their own."""
    frames = (
        one for one in root.iter("iframe") if one.get("src", "").strip() and not one.get("src", "").startswith("about")
    )
    return sum(
        next(one.iterancestors("nav", "aside", "footer", "header"), None) is None
        and all(not one.get(side, "").isdecimal() or int(one.get(side)) > _LEAST_SIDE for side in ("width", "height"))
        for one in frames
    )


def _make_article(root: "etree._Element") -> None:
    """Put what stands in the body itself into an article: trafilatura leaves lists out that stand there."""
    body = root.find("body")
    if body is None or not (body.findall("p") and body.xpath("ul|ol")) or root.xpath("//article|//main"):
        return
    article = html.Element("article")
    article.text, body.text = body.text, None
    article.extend(list(body))
    body.append(article)


def _plain_title(text: str) -> str:
    match = _TITLE.search(text)
    return " ".join(markup.flatten(match.group(1)).split()) if match else ""


def _without_repeats(text: str) -> str:
    """Long lines once each: pages carry the same paragraph for the screen, for printing and for machines."""
    lines = text.split("\n")
    seen: set[str] = set()
    kept = []
    for line in lines:
        if len(line) >= _LONG and line in seen:
            continue
        seen.add(line)
        kept.append(line)
    return "\n".join(kept)
