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
    "version": ("Version", "版本"),
    "understood as": ("Understood as:", "理解为："),
    "understood help": (
        "The question that is searched for. Put it right where it was not meant so.",
        "实际用来搜索的问题。若理解有误，请在此改正。",
    ),
    "put right": ("Put right", "改正"),
    "suggested": ("Found and not read yet", "已找到、尚未阅读"),
    "suggest about": ("What does “{title}” say about {name}?", "《{title}》里怎么说{name}？"),
    "suggest page": ("What does “{title}” say about it?", "《{title}》里是怎么说的？"),
    "live page": ("The live page, at the quote", "打开网页原址并定位到引文"),
    "trail step": ("Step", "步骤"),
    "trail play": ("Play", "播放"),
    "no hits": ("Nothing was found.", "没有找到任何内容。"),
    "kept so far": ("Kept so far", "目前留下的引文"),
    "ranks": ("by meaning {dense} · by words {text}", "按语义第 {dense} · 按词语第 {text}"),
    # settings of a conversation
    "budget": ("Effort", "力度"),
    "budget quick": ("Quick", "快速"),
    "budget usual": ("Usual", "一般"),
    "budget thorough": ("Thorough", "深入"),
    "budget help": (
        "How often is searched and how much is read before the answer. It counts from the next question on.",
        "作答前搜索多少次、读多少内容。从下一个问题起生效。",
    ),
    "reader": ("Language model", "语言模型"),
    "reader help": ("Who reads and writes in this conversation.", "本对话由哪个模型阅读和作答。"),
}
