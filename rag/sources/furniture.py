"""Which spans of a flattened page are its article; the rest is furniture: menus, adverts, lists of other posts.

Pages saved as text have lost their tags, so this goes by what lines look like: buttons and counters, headings over
lists of other posts, a block in another script at the head or the tail. What it leaves out stays in the page's text,
but is never found or quoted, so it keeps whatever could be the article's: headings, lists, tables, references.

Each rule here was taken out by itself and the loss measured, on pages whose article is known and on saved articles.
Only wording that announces or operates a page is a cue, in the languages that questions are asked in; no site's name.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.text.language import language
from rag.types import Span

_SHORT = 80  # widths: a Chinese character is two wide
_LONG = 160
_HEAD_LINES = 40  # furniture above an article is shorter than this
_FULL_STOP = re.compile(r"[。！；…]|\.(?:\s|[\"”’」)）]|$)")
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000](?=[\u4e00-\u9fff])")

# Headings over a list of other pages. They take their list with them, wherever they stand.
_LIST_HEADS = (
    r"(?:相关|延伸|推荐|扩展|拓展|更多|热门|热点|最新|往期|本系列|同系列|系列|相關|推薦|熱門)的?"
    r"(?:精选|精彩|热门|相关|后续|其他|其它)?"
    r"(?:阅读|博客|博文|文章|新闻|报道|回顾|好文|閱讀|新聞|報導)",
    r"猜你(?:也|还)?喜欢|猜你喜歡|你可能(?:也|还)?(?:会)?(?:喜欢|感兴趣)(?:的.{0,4})?|看了.{0,6}还看了?|后续文章",
    r"(?:related|recommended|similar|popular|trending|latest|recent|featured|more|other)\s+"
    r"(?:posts?|articles?|stories|reads?|reading|news|coverage)",
    r"you (?:may|might|'ll|will) (?:also )?(?:like|enjoy|be interested in)|(?:read|up) next|read (?:more|also)",
    r"most (?:read|popular|viewed|shared)|what to read next|recommended for you",
)
# Headings that mean the same at the end of a page, but could be an article's own further up.
_END_HEADS = (
    r"(?:相关|推荐|更多|精彩|热门|最新|为你|为您)的?(?:推荐|链接|内容|资讯|话题|帖子|主题|视频|专题|內容|連結)",
    r"(?:大家|网友)(?:都|还)?在看|热(?:门|榜|搜|评)(?:排行|榜单?|推荐)?|(?:阅读|点击|新闻)排行榜?|友情链接",
    r"(?:全部|热门|最新|网友|精彩)?(?:评论|留言)(?:区|列表)?|参与讨论|发表评论|我要评论|写下你的评论|[上下]一?篇(?:文章)?",
    r"(?:related|recommended|popular|trending|latest|more)\s+(?:content|links?|topics?|videos?|from .{1,40})",
    r"recommended|trending|more (?:on|in) this.{0,20}|editors?['’]? picks?|don['’]t miss",
    r"(?:previous|next|older|newer) (?:posts?|articles?|story)|(?:\d+ )?comments?(?: \(\d+\))?",
    r"leave a (?:comment|reply)",
)
# Buttons and notices. A line that is nothing but one of these.
_LABELS = (
    r"转载|原创|举报|收藏|关注|点赞|分享(?:到.{0,6})?|评论|打赏|赞赏|登录|注册|登录/注册",
    r"返回(?:顶部|首页|列表)?|复制链接|扫一扫|微信|微博|朋友圈|下载|展开(?:全文)?|收起",
    r"阅读(?:全文|更多|原文)|查看(?:全文|更多|原文)|加载更多|字号|打印|纠错|大中小|首页|导航|菜单|目录导航",
    r"跳到内容|全文完|正文完|關注|收藏本文|广告|廣告|无广告|赞助|推广",
    r"(?:app|应用|客户端)(?:内)?打开|(?:打开|下载)(?:app|应用|客户端)",
    r"sign (?:in|up)|log ?in|register|subscribe(?: now)?|follow(?: us)?|open (?:in|the) app|(?:get|download) the app",
    r"share(?: this)?(?: (?:article|post|story|page))?|tweet|pin it|print|email|save|copy link|facebook",
    r"twitter|linkedin|whatsapp|telegram|menu|search|home|close|skip to (?:main )?content|back to top",
    r"(?:show|load|view|see) (?:more|less|all)|listen to this article|all rights reserved|privacy policy",
    r"terms of (?:use|service)|cookie (?:policy|settings)|contact us|about us|continue reading",
    r"advertis(?:e)?ments?|sponsored(?: content)?|promoted|(?:story|article) continues below.{0,20}",
)
# Placeholders and counters: "64x64", "14 KiB", "415 天前", "3 min read", "阅读 1.2万".
_COUNTED = "阅读|浏览|点击|评论|点赞|收藏|转发|分享|views?|reads?|likes?|shares?|comments?|claps?|retweets?"
_COUNTERS = (
    r"\d{2,4} ?[x×] ?\d{2,4}(?: ?px)?",
    r"\d+(?:[.,]\d+)? ?(?:[KMG]i?B|bytes?|字节)",
    r"\d+ ?(?:秒|分钟|小时|天|周|个?月|年|日) ?(?:钟)?以?前",
    r"(?:about |an? |\d+ ?)(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s? ago",
    r"\d+ ?(?:min(?:ute)?s?|分钟) ?(?:read|阅读|读完)",
    rf"(?:{_COUNTED}|热度)(?:量|数|次数)?[:： ]*[\d.,]+ ?(?:[kKwW万千]\+?)?",
    rf"[\d.,]+ ?[kKwW万千]?\+? ?(?:次)?(?:{_COUNTED}|人已读)",
)
# Instructions to the visitor, at the start of a short line.
_INSTRUCTIONS = (
    r"长按.{0,8}(?:识别|图片|二维码|保存|复制|转发)",
    r"扫(?:码|描|一扫).{0,12}(?:关注|下载|二维码|阅读|加|进|入)|扫描?(?:上方|下方|左侧|右侧)?二维码",
    r"点击.{0,8}(?:右上角|左上角|蓝字|阅读原文|关注|订阅|下载|在看|分享|展开)",
    r"(?:在|用|使用|选择).{0,6}浏览器(?:中|里)?(?:打开|访问|阅读)|(?:微信|QQ).{0,8}(?:限制|屏蔽).{0,20}",
    r"关注.{0,12}公众号|分享自.{1,20}|分享(?:到|至)(?:微信|微博|朋友圈|QQ)|转发(?:给|到)(?:朋友|好友|微信)",
    r"下载.{0,10}(?:App|APP|客户端)|请(?:启用|开启|打开) ?(?:javascript|js|cookie)",
    r"更多.{0,12}(?:资讯|精彩内容)(?:请|,|，|$)|点个?(?:赞|在看)|一键三连|求(?:关注|点赞)|加(?:微信|群|入).{0,8}(?:群|讨论)",
    r"(?:we use|this (?:site|website) uses) cookies|accept (?:all )?cookies|enable javascript",
    r"disable (?:your )?ad ?block|sign up (?:for|to) (?:our|the|receive).{0,40}|follow us on",
    r"subscribe to (?:our|the) .{0,40}(?:newsletter|channel|feed|list)|(?:join|get) our newsletter",
    r"share (?:this )?(?:on|via) (?:facebook|twitter|x|linkedin|whatsapp|email)|download (?:our|the) app",
    r"click here to (?:subscribe|sign|download|share)|your browser (?:does not|doesn['’]t) support",
)
# Headings whose lists belong to the article, whatever they look like.
_REFERENCE_HEADS = (
    r"参考(?:文献|资料|来源)?|參考(?:文獻|資料)|引用|注释|註釋|附录.{0,20}|附錄.{0,20}|脚注|尾注|名词解释|术语表|致谢",
    r"references?|bibliography|works cited|sources?|(?:foot|end)?notes?|appendix.{0,40}|glossary|further reading",
    r"see also|external links",
)


def _whole(*patterns: str) -> re.Pattern[str]:
    """A line that is nothing but one of these, and marks."""
    return re.compile(rf"^[\W_]*(?:{'|'.join(patterns)})[\W_]*$", re.I)


_LIST_HEAD = _whole(*_LIST_HEADS)
_END_HEAD = _whole(*_LIST_HEADS, *_END_HEADS)
# "推荐阅读:a title", all in one line.
_LIST_LINE = re.compile(
    r"^[\W_]*(?:(?:相关|延伸|推荐|扩展|拓展|往期|更多)(?:阅读|博客|博文|文章|新闻|链接|报道|回顾|推荐)"
    r"|[上下]一篇(?:文章)?|(?:相關|延伸|推薦)(?:閱讀|文章|新聞|報導)|read (?:more|also|next)"
    r"|related (?:articles?|posts?|story|stories|news)|(?:previous|next) (?:post|article|story))\s*[:：|丨]\s*\S",
    re.I,
)
_LABEL = _whole(*_LABELS, *_COUNTERS)
_INSTRUCTION = re.compile(
    rf"^[\W\d_]*(?:请|您?可以?|由于|因为?|立即|现在|欢迎|记得|please |to \w+, )?(?:{'|'.join(_INSTRUCTIONS)})", re.I
)
_REFERENCES = re.compile(rf"^[\W_\d]*(?:{'|'.join(_REFERENCE_HEADS)})[\W_]*$", re.I)
_REFERENCE_ITEM = re.compile(
    r"^\s*(?:[\[(【（]?\d{1,3}[\])】）.、]|\^|\*{1,2}\s|†)|\bdoi\b|ISBN|https?://|arXiv|et al\.", re.I
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    width: int
    after_blank: bool

    @property
    def is_certain(self) -> bool:
        """A button, a counter or an instruction: never a line of an article."""
        tight = _SPACED.sub("", self.text)
        return self.width <= _SHORT and bool(_LABEL.match(tight) or _INSTRUCTION.match(tight))

    @property
    def is_prose(self) -> bool:
        """A sentence or more. Sentences end in a stop; a title may end in a question mark."""
        return self.width > _LONG or (self.width > 24 and bool(_FULL_STOP.search(self.text)))

    @property
    def is_title_like(self) -> bool:
        return not (self.is_prose or _REFERENCES.match(self.text) or _REFERENCE_ITEM.match(self.text))


def article_spans(text: str) -> tuple[Span, ...]:
    """The spans of `text` that are its article, in order, without white space at their ends.

    The whole of it where nothing is furniture, and where what would be left is under a third of it.
    """
    lines = _lines(text)
    if not lines:
        return ()
    dropped = _foreign_ends(lines, language(text))
    dropped |= _announced_lists(lines, dropped)
    dropped |= _head(lines, dropped)
    dropped |= _tail(lines, dropped)
    times = Counter(line.text for line in lines)  # an advert's mark between paragraphs stands there again and again
    dropped |= {index for index, line in enumerate(lines) if times[line.text] > 2 and line.is_certain}
    kept = [index for index in range(len(lines)) if index not in dropped]
    if 3 * sum(lines[index].width for index in kept) < sum(line.width for line in lines):
        return ((lines[0].start, lines[-1].end),)
    spans: list[Span] = []
    for position, index in enumerate(kept):
        if position and kept[position - 1] == index - 1:
            spans[-1] = (spans[-1][0], lines[index].end)
        else:
            spans.append((lines[index].start, lines[index].end))
    return tuple(spans)


def _lines(text: str) -> list[_Line]:
    """The lines that hold anything, without white space at their ends."""
    lines: list[_Line] = []
    at = 0
    blank = True
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            start = at + raw.index(bare[0])
            width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in bare)
            lines.append(_Line(start, start + len(bare), bare, width, blank))
        blank = not bare
        at += len(raw) + 1
    return lines


def _foreign_ends(lines: Sequence[_Line], home: str) -> set[int]:
    """Lines at either end in another script than the article's, such as Korean headlines round a Chinese text.

    Latin is at home everywhere: names, abstracts and references are written in it. So is Chinese in Japanese.
    """
    at_home = {home, "en", ""} | ({"zh"} if home == "ja" else set())
    dropped: set[int] = set()
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        run: list[int] = []
        loose: list[int] = []
        foreign = 0
        for index in order:
            line = lines[index]
            if language(line.text) not in at_home and not _REFERENCE_ITEM.match(line.text):
                run += [*loose, index]
                loose, foreign = [], foreign + 1
            elif line.is_title_like and line.width <= 30 and len(loose) < 2:
                loose.append(index)  # a name or a number among the headlines
            else:
                break
        if foreign > 1:  # one line can be the title's translation; two are a block
            dropped.update(run)
    return dropped


def _announced_lists(lines: Sequence[_Line], dropped: set[int]) -> set[int]:
    """Lists of other posts under a heading that says so, with it."""
    found: set[int] = set()
    last_prose = max((index for index, line in enumerate(lines) if line.is_prose and index not in dropped), default=-1)
    for index, line in enumerate(lines):
        if index in found or index in dropped or line.width > _SHORT:
            continue
        if index > last_prose and _END_HEAD.match(line.text):
            found.update((index, *_until_references(lines, range(index + 1, len(lines)))))
        elif _LIST_HEAD.match(line.text):
            titles = _titles_under(lines, index)
            if titles:  # right above a paragraph it is a heading of the article's own
                found.update((index, *titles))
        elif _LIST_LINE.match(line.text) and line.is_title_like:
            found.add(index)
    return found


def _titles_under(lines: Sequence[_Line], head: int) -> list[int]:
    """The titles between a heading like "Related posts" and the article that goes on or starts below them."""
    prose = next((index for index in range(head + 1, len(lines)) if lines[index].is_prose), len(lines))
    titles = _until_references(lines, range(head + 1, prose))
    # The line right above the prose may be the article's own title or heading: it goes only if it is a list item too.
    if titles and not _is_one_of(lines, titles):
        titles.pop()
    # A gap ends a list whose own items stand close.
    for place, index in enumerate(titles):
        if place > 1 and lines[index].after_blank and not lines[titles[1]].after_blank:
            return titles[:place]
    return titles


def _until_references(lines: Sequence[_Line], indices: Iterable[int]) -> list[int]:
    result: list[int] = []
    for index in indices:
        if _REFERENCES.match(lines[index].text):
            break
        result.append(index)
    return result


def _is_one_of(lines: Sequence[_Line], titles: Sequence[int]) -> bool:
    """Whether the last of `titles` begins as most of the others do: the same bracket or bullet."""
    last = lines[titles[-1]].text[0]
    others = [lines[index].text[0] for index in titles[:-1]]
    return not last.isalnum() and bool(others) and others.count(last) >= 0.6 * len(others)


def _head(lines: Sequence[_Line], dropped: set[int]) -> set[int]:
    """Buttons, counters and instructions above the article's first paragraph, each by itself."""
    rest = [index for index in range(min(len(lines), _HEAD_LINES)) if index not in dropped]
    prose = (at for at, index in enumerate(rest) if lines[index].is_prose and not lines[index].is_certain)
    first = next(prose, len(rest) if len(rest) == _HEAD_LINES else 0)  # no prose at all: a list or a poem
    return {index for index in rest[:first] if lines[index].is_certain}


def _tail(lines: Sequence[_Line], dropped: set[int]) -> set[int]:
    """Everything from the topmost line below the prose that is certainly furniture, if only title-like lines lie
    between such lines."""
    rest = [index for index in range(len(lines)) if index not in dropped]
    tail: list[int] = []
    for index in reversed(rest):
        line = lines[index]
        if not line.is_certain and (line.is_prose or _REFERENCE_ITEM.match(line.text)):
            break
        tail.append(index)
    if len(tail) == len(rest):
        return set()  # no prose at all: a list or a poem
    top = len(lines)
    between = 0
    for index in tail:
        between = 0 if lines[index].is_certain else between + 1
        if between > 3:
            break
        top = index if lines[index].is_certain else top
    return {index for index in tail if index >= top}
