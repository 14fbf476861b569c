"""Pages that are no pages: a test for robots or a notice in the way of the article, or nothing but a menu."""

import re

from rag.sources import kinds, markup
from rag.sources.charset import decode
from rag.sources.fetch import Fetched
from rag.types import Page

_HTML = ("text/html", "application/xhtml+xml")
_WIDGETS = re.compile(rb"g-recaptcha|h-captcha|cf-turnstile|cf-challenge|challenge-platform|geetest", re.I)
_WORDS = re.compile(
    r"captcha|verify (?:that )?you are (?:a )?human|are you a robot|not a robot|unusual traffic|just a moment"
    r"|security check|验证码|安全验证|人机验证|滑块验证|拖动滑块|访问过于频繁|异常流量",
    re.I,
)
_NOTICES = re.compile(
    r"(?:enable|requires?|turn on|without) (?:java ?script|cookies)|java ?script (?:is|to be) (?:disabled|required)"
    r"|(?:down|offline) for (?:\w+ )?maintenance|(?:site|page|service) is (?:\w+ )?under(?:going)? (?:\w+ )?maintenance"
    r"|(?:log|sign) ?in to (?:continue|read|view)|page (?:you are looking for )?(?:was|is|could) not (?:be )?found"
    r"|(?:启用|开启|打开|不支持)\s*javascript|(?:系统|网站)(?:正在)?(?:维护|升级)|登录后(?:查看|阅读|继续)|页面(?:不存在|未找到)",
    re.I,
)
_NOTICE_LENGTH = 300  # characters; a longer page says more than that it is not there
_SHORT = 600  # characters; a longer text is an article that speaks of such tests, or has one in a form
_LEAST_PROSE = 60  # characters that are no link, without which a page of links has no article
_LEAST_LINKS = 8
_PROGRAM = 200  # characters; with more than that a page says something without its scripts
_MOST_BYTES = 2_000_000


def barrier(fetched: Fetched, page: Page) -> str:
    """A sentence on why `page`, extracted from `fetched`, is not what was asked for; "" where it is."""
    if page.media_type not in _HTML:
        return ""
    if len(page.text) < _SHORT and (_WORDS.search(f"{page.title}\n{page.text}") or _guarded(fetched, page)):
        return (
            f"{fetched.url} shows a test for robots (a captcha) in place of the page. Open it in a browser, save the "
            "page and add the file."
        )
    if len(page.text) < _NOTICE_LENGTH and (notice := _NOTICES.search(f"{page.title}\n{page.text}")):
        return (
            f"{fetched.url} shows a notice in place of the page (“{notice.group()}”). Open it in a browser; if the "
            "page shows there, save it and add the file."
        )
    if _all_links(fetched, page):
        return f"{fetched.url} is all navigation: it holds links and no article. Open one of the pages it links to."
    return ""


def is_program(fetched: Fetched) -> bool:
    """Whether a page only runs as a program: it has scripts and says hardly anything without them. A test for robots
    and a notice of something else (a login, a page that is not there) are none."""
    content = fetched.content
    if b"<script" not in content.lower() or len(content) > _MOST_BYTES:
        return False
    if kinds.kind_of(content, fetched.url, fetched.media_type) != "html" or _WIDGETS.search(content):
        return False
    root = markup.parse(decode(content, fetched.charset, uri=fetched.url, markup=True))
    if root is None:
        return False
    title = str(root.findtext(".//title") or "")
    for unseen in list(root.iter("script", "style", "noscript", "template", "head")):
        unseen.drop_tree()
    said = " ".join(str(root.text_content()).split())
    notice = _NOTICES.search(said)
    other = notice and "script" not in notice.group().lower()
    return len(said) < _PROGRAM and not other and not _WORDS.search(f"{title}\n{said}")


def _guarded(fetched: Fetched, page: Page) -> bool:
    return len(page.text) < _SHORT // 3 and _WIDGETS.search(fetched.content) is not None


def _all_links(fetched: Fetched, page: Page) -> bool:
    """Whether what was taken for the article is nothing but the texts of links."""
    root = markup.parse(decode(fetched.content, fetched.charset, uri=fetched.url, markup=True))
    if root is None:
        return False
    links = {" ".join(str(link.text_content()).split()) for link in root.iterfind(".//a[@href]")}
    if len(links) < _LEAST_LINKS:
        return False
    spans = page.body or ((0, len(page.text)),)
    lines = (line.strip(" •|-·") for start, end in spans for line in page.text[start:end].split("\n"))
    return sum(len(line) for line in lines if " ".join(line.split()) not in links) < _LEAST_PROSE
