"""The words of conversations and of comparing, part of the table in `app.words`: English and Chinese side by side."""

from collections.abc import Mapping

ASKING: Mapping[str, tuple[str, str]] = {
    # conversations
    "conversations": ("Conversations", "对话"),
    "conversations search": ("Search them", "搜索对话"),
    "conversations none": ("No conversation holds this.", "没有包含它的对话。"),
    "conversations all": ("Show all {count}", "显示全部 {count} 个"),
    "conversation more": ("Rename or delete", "重命名或删除"),
    "conversation title": ("Title", "标题"),
    "conversation delete": ("Delete this conversation?", "删除这个对话？"),
    "conversation delete what": (
        "It is gone from this list for good. Its answers still count in the figures of the Quality page.",
        "它会从列表中永久消失；其中的回答仍计入“质量”页的统计。",
    ),
    "rename": ("Rename", "重命名"),
    "delete": ("Delete", "删除"),
    # what can be done with an answer
    "unfinished": (
        "The answer did not come to its end. Ask again to have one.",
        "这个问题还没有答完，可以重新回答。",
    ),
    "regenerate": ("Regenerate", "重新回答"),
    "ask again": ("Ask again", "重新提问"),
    "remedy risk": (
        "Tell the draft all the same ({cost} of all questions may then be answered wrongly)",
        "仍然给出草稿（届时全部问题中可能有 {cost} 答错）",
    ),
    "remedy widen": ("Ask all sources", "在全部资料中查找"),
    "remedy deeper": ("Read more (about {cost} s)", "读更多内容（约 {cost} 秒）"),
    "remedy web": ("Search the web too, with {cost}", "同时用 {cost} 搜索网络"),
    "remedy reader": ("Ask {cost}", "换 {cost} 来答"),
    "version": ("Version", "版本"),
    "understood as": ("Understood as:", "理解为："),
    "understood help": (
        "The question that is searched for. Put it right where it was not meant so.",
        "实际用来搜索的问题。若理解有误，请在此改正。",
    ),
    "put right": ("Put right", "改正"),
    "remark": ("Mark sentences", "标注句子"),
    "remark wrong": ("Wrong", "有误"),
    "remark beside the point": ("Beside the point", "答非所问"),
    "remark right citation": ("Right citation", "引用正确"),
    "correct": ("Correct", "更正"),
    "correct help": (
        "What is right? It becomes a source of yours with today's date: later answers cite it, and you remove it under "
        "Sources.",
        "正确的内容是什么？它会作为你的资料保存，注明今天的日期：以后的回答会引用它，也可在“资料”页删除。",
    ),
    "correct save": ("Keep it as a source", "保存为资料"),
    "correct kept": ("Kept. From now on answers can cite it.", "已保存。以后的回答可以引用它。"),
    "suggested": ("The sources also answer", "资料还能回答"),
    "live page": ("The live page, at the quote", "打开网页原址并定位到引文"),
    "trail step": ("Step", "步骤"),
    "trail play": ("Play", "播放"),
    "no hits": ("Nothing was found.", "没有找到任何内容。"),
    "kept so far": ("Kept so far", "目前留下的引文"),
    "ranks": ("by meaning {dense} · by words {text}", "按语义第 {dense} · 按词语第 {text}"),
    # settings of a conversation
    "budget": ("Effort", "力度"),
    "budget quick": ("Quick", "快速"),
    "budget thorough": ("Thorough", "深入"),
    "budget help": (
        "How much is read before the answer. It counts from the next question on.",
        "作答前读多少内容。从下一个问题起生效。",
    ),
    "only sources": ("Only these sources", "只用这些来源"),
    "all sources": ("All sources", "全部来源"),
    "only help": (
        "Titles, folders, sites, or a pattern with *. It counts from the next question on.",
        "标题、文件夹、网站，或带 * 的范围。从下一个问题起生效。",
    ),
    "only tags": ("Only with these tags", "只用带这些标签的"),
    "only tags help": (
        "Only sources that have one of them. It counts from the next question on.",
        "只用带其中任一标签的资料。从下一个问题起生效。",
    ),
    "only said": ("only {sources}", "只用 {sources}"),
    "web": ("Live web", "实时网络"),
    "web help": (
        "Search the web with {engine} as well. Pages are read when you ask; a citation shows the text that was read.",
        "同时用 {engine} 搜索网络。提问时才读取网页，引文所示即当时读到的文本。",
    ),
    "web none": (
        "Live web: off, since vouch.toml names no search service ([web] engine).",
        "实时网络：未启用（vouch.toml 中没有指定搜索服务 [web] engine）。",
    ),
    "following": ("Putting the follow-up so that it stands alone …", "正在把追问补全为完整的问题……"),
    "export": ("Export", "导出"),
    "export all": ("This whole conversation (PDF)", "整个对话（PDF）"),
    # an answer by a link
    "share": ("Share", "分享"),
    "share what": (
        "Whoever has the link, and may open this page, reads this one answer with its quotes and the pages they stand "
        "in. It ends with the conversation.",
        "知道链接并能打开本页面的人，可以只读地查看这一条回答及其引文和引文所在的页面。对话删除后链接失效。",
    ),
    "share make": ("Make a link", "生成链接"),
    "share end": ("End this link", "停用此链接"),
    "share title": ("An answer that was shared with you", "分享给你的回答"),
    "share read only": ("read-only", "只读"),
    "share lead": (
        "Each sentence with what the check said of it. Click a number to see the passage where it stands.",
        "每一句都附有核对结果。点击编号即可看到引文在原页中的位置。",
    ),
    "share at": ("Answered {at} UTC.", "回答于 {at}（UTC）。"),
    "share nothing": ("No answer here", "这里没有回答"),
    "share none": (
        "This link leads to no answer. It may have been ended, the answer or its conversation may have been deleted, "
        "or a part of the link is missing. Whoever sent it can make a new one.",
        "这个链接没有对应的回答。可能链接已停用、回答或所在的对话已删除，或者链接不完整。请向分享者索取新的链接。",
    ),
    "share onward": ("Open Vouch", "打开 Vouch"),
    "reader": ("Language model", "语言模型"),
    "risk taken": ("Risk", "风险"),
    "risk help": (
        "How often, of all questions, it may answer wrongly. Less risk, fewer answers.",
        "在所有问题中，允许答错的比例。风险越低，作答越少。",
    ),
    "risk said": ("risk {share}", "风险 {share}"),
    "risk answered": (
        "At this risk {share} of the questions it was fitted on were answered.",
        "按此风险，拟合所用的问题中有 {share} 得到作答。",
    ),
    "program": ("How it was worked out", "计算过程"),
    "asked for": ("in the question", "见问题"),
    # comparing
    "compare": ("Compare", "对比"),
    "compare title": ("One question, several answers", "同一问题，多个回答"),
    "compare lead": (
        "Two settings or more, or the same ones again, answer your question; the order is drawn at random. Choose the "
        "better answer, or rank them; only then is it said which is which.",
        "用两种或更多设置（也可重复同一设置）回答你的问题，顺序随机。请选出更好的一个，或排出名次，之后才会显示各自的设置。",
    ),
    "compare count": ("Answers", "回答个数"),
    "rank": ("Place of {letter}", "{letter} 的名次"),
    "rank help": ("Give each answer a place; equals share one.", "请给每个回答一个名次，同样好的可以并列。"),
    "rank keep": ("Keep the ranking", "保存名次"),
    "rank missing": ("Give every answer a place.", "请给每个回答一个名次。"),
    "ranked": ("You ranked them: {order}", "你的排名：{order}"),
    "compare question": ("Question", "问题"),
    "compare side": ("Settings {number}", "设置 {number}"),
    "compare blind": (
        "The answers appear together, once all are there. With the same settings twice, two answers of theirs are "
        "drawn at random.",
        "所有回答写好之后会同时出现。若设置相同，则按同一设置随机抽取多个回答。",
    ),
    "compare empty": ("Write a question to compare answers to.", "请写下要对比的问题。"),
    "compare equal": (
        "All came out the same. Vote for a tie, or compare once more.",
        "回答完全相同。可以判为一样好，或再对比一次。",
    ),
    "drawn": ("drawn at random", "随机抽取"),
    "compare writing": ("Answer {number} of {count} is being written …", "正在写第 {number} 个回答（共 {count} 个）……"),
    "compare wait": (
        "Nothing is shown before all are there, so that nothing tells them apart.",
        "全部写好之前不显示任何内容，以免露出区别。",
    ),
    "compare answer": ("Answer {letter}", "回答 {letter}"),
    "compare anew": ("Another comparison", "再对比一次"),
    "compare kept": (
        "Your choice is kept with the answers: `vouch learn` learns from it.",
        "你的选择已与回答一起保存，可用 `vouch learn` 从中学习。",
    ),
    "compare tally": ("Your choices so far: {count}", "你到目前为止的选择：{count} 次"),
    "compare won": (
        "{one} was preferred to {other}: {won} of {n}; no preference: {ties}",
        "{one} 胜过 {other}：{n} 次中 {won} 次；不分高下：{ties} 次",
    ),
    "compare export": ("Export the pairs (JSONL)", "导出（JSONL）"),
    "vote left": ("A is better", "A 更好"),
    "vote right": ("B is better", "B 更好"),
    "vote tie": ("Equally good", "一样好"),
    "vote neither": ("Both are bad", "都不好"),
    "chose left": ("You chose A.", "你选择了 A。"),
    "chose right": ("You chose B.", "你选择了 B。"),
    "chose tie": ("You found them equally good.", "你认为两者一样好。"),
    "chose neither": ("You found both bad.", "你认为两者都不好。"),
    "reader help": ("Who reads and writes in this conversation.", "本对话由哪个模型阅读和作答。"),
}
