"""The words of notes, part of the one table in `app.words`: English and Chinese side by side."""

from collections.abc import Mapping

NOTING: Mapping[str, tuple[str, str]] = {
    "notebook": ("Notebook", "笔记本"),
    "note title": ("Notes of what was answered", "把回答记成笔记"),
    "note lead": (
        "Answers and quotes that you saved, in your own order and with your own words between them.",
        "保存的回答与引文，可自行排序，并在其间写上自己的话。",
    ),
    "note none": (
        "There is no note yet. “Save to note” under an answer makes one.",
        "还没有笔记。点击回答下方的“存入笔记”即可建立。",
    ),
    "note save": ("Save to note", "存入笔记"),
    "note saved": ("Saved to “{title}”", "已存入“{title}”"),
    "note choose": ("Note", "笔记"),
    "note new": ("New note", "新建笔记"),
    "note make": ("Make it", "建立"),
    "note name": ("Title", "标题"),
    "note delete": ("Delete this note?", "删除这份笔记？"),
    "note delete what": (
        "Its entries go with it; the answers stay in their conversations.",
        "其中的条目会一并删除；回答仍保留在对话中。",
    ),
    "note words": ("Your own words, in Markdown", "自己的话（Markdown）"),
    "note add": ("Add to the note", "加入笔记"),
    "note keep": ("Keep it", "保存"),
    "note edit": ("Edit", "修改"),
    "note between": ("Write below", "在下面写"),
    "note up": ("Move up", "上移"),
    "note down": ("Move down", "下移"),
    "note gone": (
        "Your words were not written: the note, or the entry, that they were meant for was deleted meanwhile, in "
        "another tab perhaps.",
        "你写的内容没有保存：原来的笔记或条目已被删除（可能是在另一个标签页里）。",
    ),
    "note unkept": ("What you wrote", "你写的内容"),
    "note anew": ("Keep it in a new note", "存入新笔记"),
    "note unkept away": ("Discard", "丢弃"),
    "note remove": ("Remove", "移除"),
}
