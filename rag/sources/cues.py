"""Words by which the furniture of saved pages is known, in the languages that pages here come in.

Only wording that announces or operates a page belongs here: a heading over a list of other posts, a
button, an instruction to the visitor. Nothing in it names a site.
"""

import re

# Headings over a list of other pages. They take their list with them, wherever they stand.
_LIST_HEADS = (
    # Chinese
    r"(?:相关|延伸|推荐|扩展|拓展|更多|热门|热点|最新|往期|本系列|同系列|系列|相關|推薦|熱門)的?"
    r"(?:精选|精彩|热门|相关|后续|其他|其它)?"
    r"(?:阅读|博客|博文|文章|新闻|报道|回顾|好文|閱讀|新聞|報導)",
    r"猜你(?:也|还)?喜欢|猜你喜歡|你可能(?:也|还)?(?:会)?(?:喜欢|感兴趣)(?:的.{0,4})?|看了.{0,6}还看了?|后续文章",
    # English
    r"(?:related|recommended|similar|popular|trending|latest|recent|featured|more|other)\s+"
    r"(?:posts?|articles?|stories|reads?|reading|news|coverage)",
    r"you (?:may|might|'ll|will) (?:also )?(?:like|enjoy|be interested in)|(?:read|up) next|read (?:more|also)",
    r"most (?:read|popular|viewed|shared)|what to read next|recommended for you",
    # Japanese, Korean, Russian, Arabic, French, German, Spanish
    r"関連(?:記事|リンク|ニュース|する記事)|おすすめ(?:の)?記事|(?:人気|最新|新着)(?:の)?記事",
    r"あわせて読みたい|こちらもおすすめ",
    r"(?:관련|추천|인기|최신|많이 본) ?(?:기사|글|뉴스|포스트|게시물)|함께 보면 좋은 글",
    r"(?:читайте|смотрите) также|похожие (?:статьи|записи|новости)",
    r"(?:مقالات|مواضيع|أخبار|مواد) ذات صلة|اقرأ أيضا?ً?ا?",
    r"(?:articles?|sujets?) (?:similaires?|liés?|connexes?)|(?:à|a) lire (?:aussi|également)|lire aussi",
    r"(?:ähnliche|verwandte|weitere) (?:artikel|beiträge)|das könnte (?:sie|dich) auch interessieren",
    r"art[ií]culos? relacionad[oa]s?|tambi[eé]n te puede interesar|lea tambi[eé]n",
)

# Headings that mean the same at the end of a page, but could be an article's own further up.
_END_HEADS = (
    r"(?:相关|推荐|更多|精彩|热门|最新|为你|为您)的?(?:推荐|链接|内容|资讯|话题|帖子|主题|视频|专题|內容|連結)",
    r"(?:大家|网友)(?:都|还)?在看|热(?:门|榜|搜|评)(?:排行|榜单?|推荐)?|(?:阅读|点击|新闻)排行榜?|友情链接",
    r"(?:全部|热门|最新|网友|精彩)?(?:评论|留言)(?:区|列表)?|参与讨论|发表评论|我要评论|写下你的评论",
    r"[上下]一?篇(?:文章)?",
    r"(?:related|recommended|popular|trending|latest|more)\s+(?:content|links?|topics?|videos?|from .{1,40})",
    r"recommended|trending|more (?:on|in) this.{0,20}|editors?['’]? picks?|don['’]t miss",
    r"(?:previous|next|older|newer) (?:posts?|articles?|story)|(?:\d+ )?comments?(?: \(\d+\))?",
    r"leave a (?:comment|reply)|популярное|(?:материалы )?по теме",
)

# Buttons, counters' names and notices. A line that is nothing but one of these.
_LABELS = (
    r"转载|原创|举报|收藏|关注|点赞|分享(?:到.{0,6})?|评论|打赏|赞赏|登录|注册|登录/注册",
    r"返回(?:顶部|首页|列表)?|复制链接|扫一扫|微信|微博|朋友圈|下载|展开(?:全文)?|收起",
    r"阅读(?:全文|更多|原文)|查看(?:全文|更多|原文)|加载更多|字号|打印|纠错|大中小|首页|导航|菜单|目录导航",
    r"跳到内容|全文完|正文完|關注|收藏本文",
    r"sign (?:in|up)|log ?in|register|subscribe(?: now)?|follow(?: us)?",
    r"share(?: this)?(?: (?:article|post|story|page))?|tweet|pin it|print|email|save|copy link|facebook",
    r"twitter|linkedin|whatsapp|telegram|menu|search|home|close|skip to (?:main )?content|back to top",
    r"(?:show|load|view|see) (?:more|less|all)|listen to this article|all rights reserved|privacy policy",
    r"terms of (?:use|service)|cookie (?:policy|settings)|contact us|about us",
    r"シェア(?:する)?|ツイート|保存|ログイン|会員登録|공유(?:하기)?|구독(?:하기)?|로그인|회원가입",
    r"поделиться|подписаться|войти",
)

# The same, of adverts and apps: these stand between paragraphs too.
_ADVERTS = (
    r"广告|廣告|無廣告|赞助|推广|広告|광고|реклама|(?:app|应用|客户端)(?:内)?打开|打开(?:app|应用|客户端)",
    r"下载(?:app|应用|客户端)",
    r"advertis(?:e)?ments?|sponsored(?: content)?|promoted|open (?:in|the) app|get the app",
    r"download (?:the )?app|continue reading",
    r"(?:story|article) continues below(?: (?:this )?advertisement)?",
)

# Instructions to the visitor, at the start of a short line.
_INSTRUCTIONS = (
    r"长按.{0,8}(?:识别|图片|二维码|保存|复制|转发)",
    r"扫(?:码|描|一扫).{0,12}(?:关注|下载|二维码|阅读|加|进|入)|扫描?(?:上方|下方|左侧|右侧)?二维码",
    r"点击.{0,8}(?:右上角|左上角|蓝字|阅读原文|关注|订阅|下载|在看|分享|展开)",
    r"(?:在|用|使用|选择).{0,6}浏览器(?:中|里)?(?:打开|访问|阅读)|(?:微信|QQ).{0,8}(?:限制|屏蔽).{0,20}",
    r"关注.{0,12}公众号|分享自.{1,20}|分享(?:到|至)(?:微信|微博|朋友圈|QQ)|转发(?:给|到)(?:朋友|好友|微信)",
    r"下载.{0,10}(?:App|APP|客户端)|请(?:启用|开启|打开) ?(?:javascript|js|cookie)",
    r"更多.{0,12}(?:资讯|精彩内容)(?:请|,|，|$)|点个?(?:赞|在看)|一键三连|求(?:关注|点赞)",
    r"加(?:微信|群|入).{0,8}(?:群|交流群|讨论)",
    r"(?:we use|this (?:site|website) uses) cookies|accept (?:all )?cookies|enable javascript",
    r"disable (?:your )?ad ?block|sign up (?:for|to) (?:our|the|receive).{0,40}",
    r"subscribe to (?:our|the) .{0,40}(?:newsletter|channel|feed|list)|follow us on",
    r"share (?:this )?(?:on|via) (?:facebook|twitter|x|linkedin|whatsapp|email)",
    r"(?:join|get) our newsletter|download (?:our|the) app|click here to (?:subscribe|sign|download|share)",
    r"your browser (?:does not|doesn['’]t) support",
)

# Placeholders and counters: "64x64", "14 KiB", "415 天前", "3 min read", "阅读 1.2万".
_COUNTED = "阅读|浏览|点击|评论|点赞|收藏|转发|分享|views?|reads?|likes?|shares?|comments?|claps?|retweets?"
_COUNTERS = (
    r"\d{2,4} ?[x×] ?\d{2,4}(?: ?px)?",
    r"\d+(?:[.,]\d+)? ?(?:[KMG]i?B|bytes?|字节)",
    r"\d+ ?(?:秒|分钟|小时|天|周|个?月|年|日|時間|分|초|분|시간|일|주|개월|년) ?(?:钟)?(?:以?前|전)",
    r"(?:about |an? |\d+ ?)(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s? ago",
    r"\d+ ?(?:min(?:ute)?s?|分钟) ?(?:read|阅读|读完)",
    rf"(?:{_COUNTED}|热度)(?:量|数|次数)?[:： ]*[\d.,]+ ?(?:[kKwW万千]\+?)?",
    rf"[\d.,]+ ?[kKwW万千]?\+? ?(?:次)?(?:{_COUNTED}|人已读)",
)


def _whole(patterns: tuple[str, ...], tail: str = "") -> re.Pattern[str]:
    return re.compile(rf"^[\W_]*(?:{'|'.join(patterns)}){tail}[\W_]*$", re.I)


LIST_HEAD = _whole(_LIST_HEADS)
END_HEAD = _whole((*_LIST_HEADS, *_END_HEADS))
# "推荐阅读:a title", all in one line.
LIST_LINE = re.compile(
    r"^[\W_]*(?:(?:相关|延伸|推荐|扩展|拓展|往期|更多)(?:阅读|博客|博文|文章|新闻|链接|报道|回顾|推荐)"
    r"|[上下]一篇(?:文章)?|(?:相關|延伸|推薦)(?:閱讀|文章|新聞|報導)|read (?:more|also|next)"
    r"|related (?:articles?|posts?|story|stories|news)"
    r"|(?:previous|next) (?:post|article|story)|関連記事|관련 ?기사|читайте также|(?:à )?lire aussi|lea tambi[eé]n)"
    r"\s*[:：|丨]\s*\S",
    re.I,
)
LABEL = _whole((*_LABELS, *_ADVERTS))
ADVERT = _whole(_ADVERTS)
COUNTER = _whole(_COUNTERS)
INSTRUCTION = re.compile(
    rf"^[\W\d_]*(?:请|您?可以?|由于|因为?|立即|现在|欢迎|记得|please |to \w+, )?(?:{'|'.join(_INSTRUCTIONS)})", re.I
)
# "ADVERTISEMENT. Buy …", "【广告】…": the mark and the advert in one line.
MARKED_ADVERT = re.compile(
    r"^\W*(?:(?:advertisement|advertorial|sponsored(?: content)?|anzeige|publicité|publicidad)\s*[.:：|—–-]"
    r"|[【\[(（](?:广告|推广|廣告|赞助|広告|PR|광고|реклама|ad)[】\])）]|(?:广告|推广|廣告)\s*[|丨｜])",
    re.I,
)
NUMBER = re.compile(r"^[\d.,]+ ?[kKwW万+]*$")

# Headings whose lists belong to the article, whatever they look like.
_REFERENCES = (
    r"参考(?:文献|资料|来源)?|參考(?:文獻|資料)|引用|注释|註釋|附录.{0,20}|附錄.{0,20}|脚注|尾注|名词解释|术语表|致谢",
    r"references?|bibliography|works cited|sources?|(?:foot|end)?notes?|appendix.{0,40}|glossary|further reading",
    r"see also|external links|出典|참고 ?(?:문헌|자료)|각주|литература|примечания|источники|références|literatur",
    r"quellen|referencias|المراجع",
)
REFERENCES = re.compile(rf"^[\W_\d]*(?:{'|'.join(_REFERENCES)})[\W_]*$", re.I)
REFERENCE_ITEM = re.compile(
    r"^\s*(?:[\[(【（]?\d{1,3}[\])】）.、]|\^|\*{1,2}\s|†)|\bdoi\b|ISBN|https?://|arXiv|et al\.", re.I
)
