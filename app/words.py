"""What the page says, in one table: English and Chinese side by side."""

from collections.abc import Mapping
from typing import Literal

from app.words_ask import ASKING
from app.words_notes import NOTING
from app.words_pages import PAGES

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
NAMES: Mapping[str, str] = {"en": "English", "zh": "中文"}


def from_locale(locale: str | None) -> Language:
    """Chinese for a Chinese browser, English for all others."""
    return "zh" if (locale or "").casefold().startswith("zh") else "en"


def of_text(code: str) -> Language:
    """The language to speak to somebody who wrote in `code` (ISO 639-1)."""
    return "zh" if code == "zh" else "en"


def say(language: Language, key: str, **values: object) -> str:
    """The sentence `key` with its ``{marks}`` filled in. Plain text: whoever shows it escapes it."""
    english, chinese = WORDS[key]
    return (chinese if language == "zh" else english).format(**values)


WORDS: Mapping[str, tuple[str, str]] = {
    # the frame
    "ask": ("Ask", "提问"),
    "sources": ("Sources", "资料"),
    "language": ("Interface", "界面语言"),
    "index": ("Index", "索引"),
    "index help": (
        "A question is answered from the sources of this index only.",
        "只用这个索引里的资料来回答。",
    ),
    "tagline": (
        "Answers whose every sentence can be checked.",
        "每一句都可以核对的回答。",
    ),
    "unforeseen": (
        "Something went wrong that Vouch did not foresee. The details are in the terminal that runs the page. "
        "Reload the page; if it happens again, run `vouch doctor`.",
        "出现了意料之外的错误，详情见运行本页面的终端。请刷新页面；若再次出现，请运行 `vouch doctor`。",
    ),
    "went wrong": ("Something went wrong:", "出错了，原因如下："),
    # first start
    "fetching": (
        "First start: fetching the local models. This is done once for this machine.",
        "首次启动：正在下载本地模型，每台机器只需一次。",
    ),
    "fetching file": ("{name}: {done} of {total}", "{name}：{done} / {total}"),
    "fetching begins": ("Looking for the model files …", "正在查找模型文件……"),
    "demo begins": ("Embedding the pages; this takes about ten seconds.", "正在计算向量，约需十秒。"),
    "again": ("Try again", "重试"),
    "demo": (
        "Making the demo index from the pages that come with Vouch.",
        "正在用随附的网页建立演示索引。",
    ),
    # asking
    "ask title": ("Ask your sources", "向你的资料提问"),
    "ask lead": (
        "Vouch looks in your sources, shows you the passages it found, and writes an answer from those passages "
        "alone. Click a number to see the passage where it stands.",
        "Vouch 先在资料中查找并列出原文，再只依据这些原文作答。点击编号即可看到它在原页中的位置。",
    ),
    "ask from": ("{name}: {pages} pages", "{name}：{pages} 页"),
    "ask here": ("Ask a question, in English or Chinese", "请输入问题，中英文均可"),
    "examples": ("Try one of these", "不妨试试"),
    "no sources": (
        "This index has no sources yet. Add some first, then ask.",
        "这个索引还没有资料。请先添加资料，再提问。",
    ),
    "add sources": ("Add sources", "添加资料"),
    "stop": ("Stop", "停止"),
    "stopped": ("Stopped before the answer was finished.", "已停止，回答没有完成。"),
    "clear": ("New conversation", "新对话"),
    "busy": (
        "Another question is being answered. Yours is next; nothing needs to be done.",
        "正在回答另一个问题，随后就轮到你，请稍候。",
    ),
    "searching": ("Searching your sources …", "正在搜索资料……"),
    "loading": ("Loading the language model (first question only) …", "正在载入语言模型（仅第一次提问需要）……"),
    "reading": ("Reading …", "正在阅读……"),
    "weighing": ("Reading, and weighing whether the quotes suffice …", "正在阅读，并判断引文是否足以作答……"),
    "writing": ("Writing from the quotes …", "正在依据引文作答……"),
    "checking": ("Checking each sentence against its quotes …", "正在逐句对照引文核对……"),
    "done": (
        "Searches: {searches} · pages opened: {pages} · quotes kept: {quotes}",
        "搜索 {searches} 次 · 打开 {pages} 页 · 留下 {quotes} 条引文",
    ),
    "done without": ("Nothing was searched for", "没有搜索"),
    "step search": ("searched", "搜索"),
    "step open": ("opened", "打开"),
    "step find": ("found", "查找"),
    "step scroll": ("scrolled", "翻页"),
    "step top": ("went to the top", "回到开头"),
    "step back": ("went back", "返回"),
    "step keep": ("kept", "摘录"),
    "step compute": ("computed", "计算"),
    "step finish": ("finished", "完成"),
    "step abstain": ("stopped", "停止"),
    "step setback": ("setback", "未成"),
    "enough": ("the quotes suffice", "引文已足够"),
    "quotes": ("Quotes", "引文"),
    "open quote": ("Open quote {id} in its page", "在原页中打开引文 {id}"),
    "disagree": ("Your sources disagree", "资料说法不一"),
    "disagree lead": (
        "These passages give different answers; Vouch does not decide between them.",
        "以下原文给出不同的说法，Vouch 不代为裁决。",
    ),
    "written on": ("as written on {date}", "写于 {date}"),
    "read on": ("read on {date}", "读取于 {date}"),
    "undated": ("undated", "日期不明"),
    "supported": ("supported", "引文支持"),
    "unsupported": ("not supported", "引文不支持"),
    "contradicted": ("contradicted", "与引文相悖"),
    "unjudged": ("not judged", "未能判定"),
    "worked out": ("computed", "算出"),
    "pending": ("checking", "核对中"),
    "probability": (
        "probability that the cited quotes support it: {value}; judged by {judge}",
        "所引原文支持这句话的概率：{value}；判定者：{judge}",
    ),
    "verbatim": ("in the words of the quote itself", "就是引文的原话"),
    "computed": ("worked out by a program from numbers in the quotes", "由程序根据引文中的数算出"),
    "no probability": ("judged by {judge}", "判定者：{judge}"),
    "figure supported": ("supported", "有引文支持"),
    "figure precision": ("citation precision", "引用准确率"),
    "figure seconds": ("{value} s", "{value} 秒"),
    "figure tokens": ("{read} tokens read, {written} written", "读入 {read} 词元，写出 {written} 词元"),
    # abstaining (in the question's language)
    "abstained": ("Not found in your sources.", "在你的资料中没有找到答案。"),
    "abstained refused": (
        "No answer: what was written did not hold against the quotes it cites.",
        "没有答案：写出的内容与所引原文对不上，因此没有采用。",
    ),
    "abstained unsure": (
        "Not answered: your sources speak of it, but it is not sure enough that they say what is asked.",
        "没有作答：资料谈到了相关内容，但不能足够肯定它回答了所问。",
    ),
    "came nearest": ("What came nearest: {text}", "最接近的一句：{text}"),
    "abstained nonsense": (
        "No answer: the question makes no sense as it stands.",
        "没有答案：这个问题本身讲不通。",
    ),
    "abstained controversial": (
        "No answer: this is a question of opinion, which no source can settle.",
        "没有答案：这是看法问题，资料无法裁定。",
    ),
    "searched for": ("Searched for: {queries}", "已搜索：{queries}"),
    "would help": (
        "What would help: a source that covers this, or the question in other words.",
        "可以试试：添加涉及此事的资料，或换一种问法。",
    ),
    "find here": ("Find in this document", "在本文中查找"),
    "found here": ("Matches: {count}", "共 {count} 处"),
    "ask about": ("Ask about this document", "只就这份资料提问"),
    "unused": ("Read and not used ({count})", "读过但未采用的引文（{count} 条）"),
    "nearest": ("The nearest quotes ({count})", "最接近的引文（{count} 条）"),
    "refused draft": ("What was written and not published", "写出但未采用的内容"),
    # a page
    "page": ("In the page", "原文位置"),
    "source": ("Source", "来源"),
    "read at": ("As read on", "读取于"),
    "where": ("Characters", "字符"),
    "place": ("Place", "位置"),
    "printing": ("Drawing page {number} …", "正在绘制第 {number} 页……"),
    "printed": ("Page {number}, as it is printed", "第 {number} 页原样"),
    "no boxes": (
        "The lines of the quote could not be found on this page; its words stand in the text beside it.",
        "未能在此页上找到引文所在的行；引文见旁边的文本。",
    ),
    "not there": (
        "The text of this page is not kept any more, so the quote cannot be shown in its place.",
        "这一页的文本已不在，无法显示引文的位置。",
    ),
    "not verbatim": (
        "The text kept for this page does not have this quote at its place. Do not rely on it.",
        "保存的页面文本在该位置与引文不符，请勿采信。",
    ),
    "untitled": ("Untitled", "无标题"),
    # sources
    "sources title": ("Sources", "资料"),
    "sources lead": (
        "Questions are answered from these pages and from nothing else. A change counts from the next question on.",
        "回答只依据这些页面。改动从下一个问题起生效。",
    ),
    "files": ("Files", "文件"),
    "uploader": ("Choose files, or drop them here", "选择文件，或拖到这里"),
    "uploader most": ("at most {most} MB each", "每个不超过 {most} MB"),
    "files help": (
        "Text, Markdown, HTML, PDF, office files, mails, EPUB, CSV, JSON, notebooks, source code, subtitles, images",
        "支持文本、Markdown、HTML、PDF、办公文档、邮件、EPUB、CSV、JSON、Notebook、源代码、字幕与图片",
    ),
    "addresses": ("Web addresses, and paths of this machine", "网址与本机路径"),
    "addresses help": (
        "One a line: a web address, or a file or folder on this machine",
        "每行一个：网址，或本机上的文件、文件夹",
    ),
    "addresses empty": (
        "Nothing to add: choose a file, or write an address or a folder.",
        "没有可添加的内容：请选择文件，或填写网址、文件夹。",
    ),
    "add": ("Add", "添加"),
    "adding": ("Reading sources: {done} of {total}", "正在读取：{done} / {total}"),
    "adding begins": ("Reading sources …", "正在读取……"),
    "added": ("added", "已添加"),
    "replaced": ("replaced", "已更新"),
    "unchanged": ("unchanged", "没有变化"),
    "removed": ("taken out", "已移除"),
    "failed": ("not added", "未添加"),
    "skipped": ("left alone", "未读取"),
    "close": ("Close", "关闭"),
    "filter": ("Filter by title or address", "按标题或地址筛选"),
    "count": ("{shown} of {total} sources", "{total} 个资料，显示 {shown} 个"),
    "no match": ("No source matches this.", "没有符合的资料。"),
    "chunks": ("chunks: {count}", "{count} 段"),
    "view": ("View", "查看"),
    "remove": ("Remove", "移除"),
    "removing": ("Remove this source?", "移除这个资料？"),
    "removing what": (
        "It leaves the index at once. Answers already given keep the text they quote.",
        "它会立即从索引中移除。已给出的回答仍保留所引用的文本。",
    ),
    "keep": ("Keep", "保留"),
    "new index": ("New index", "新建索引"),
    "new index name": ("Name: letters, digits, - and _", "名称：字母、数字、- 和 _"),
    "new index make": ("Make it", "建立"),
    "new index refused": (
        "This name cannot be used: take 1 to 40 letters, digits, - or _, and none that exists.",
        "此名称不可用：请用 1 到 40 个字母、数字、- 或 _，且不能与已有的重名。",
    ),
    # checking a text
    "check": ("Check", "核查"),
    "check title": ("Check a text", "核查一段文字"),
    "check lead": (
        "Vouch takes the text apart into claims, looks for each in your sources, and says what they support, what they "
        "refute and what they do not say. The revision keeps every sentence: wrong figures are put right, the rest is "
        "flagged.",
        "Vouch 把文字拆成一条条论断，逐条在资料中查找，标出有依据的、与资料相悖的和资料没有提到的。"
        "修订时不删任何句子：错误的数字会改正，其余的加上标记。",
    ),
    "check here": ("Paste a text, in English or Chinese", "粘贴一段文字，中英文均可"),
    "check file": ("Or a document: PDF, Word, web page, …", "或上传文档：PDF、Word、网页等"),
    "check reads": ("Reading {name} …", "正在读取 {name}……"),
    "check it": ("Check", "核查"),
    "check empty": (
        "Paste a text with at least one sentence, or choose a document.",
        "请粘贴至少一句话，或选择一份文档。",
    ),
    "check stopped": ("Stopped before the check was finished.", "已停止，核查没有完成。"),
    "claims done": ("Claims checked: {done} of {total}", "已核查 {done} / {total} 条"),
    "claims begin": ("Taking the text apart …", "正在拆分……"),
    "as pasted": ("As pasted", "原文"),
    "revised": ("Revised", "修订后"),
    "refuted": ("refuted", "与资料相悖"),
    "not found": ("not found", "资料中没有"),
    "not checkable": ("not checkable", "无须核查"),
    "why question": ("a question", "疑问句"),
    "why heading": ("a heading", "标题"),
    "but see": ("but see", "但另见"),
    "report": ("Report ({form})", "报告（{form}）"),
    "taken out": ("taken out:", "删去："),
    "put in": ("put in:", "加入："),
    "words alone": ("figures and names alone decide", "仅凭数字与名称判定"),
    **PAGES,
    **ASKING,
    **NOTING,
}
