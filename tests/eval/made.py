"""A small set of our own, its pages, a scripted reader and a configuration without any model."""

import json
from pathlib import Path

PAGES = {
    "bridge.txt": "The Orrin bridge was opened on 4 May 1931. It replaced a ferry. The engineer was Hale.",
    "lake.txt": "静湖位于青州以北。湖面海拔812米。每年冬天结冰四个月。",
}
QUESTIONS = [
    {"id": "bridge-1", "question": "When was the bridge opened?", "answers": [["1931"]], "sources": ["bridge.txt"]},
    {"id": "bridge-2", "question": "Who was its engineer?", "answers": ["Hale"], "sources": ["bridge.txt"]},
    {"id": "bridge-3", "question": "What did the Orrin bridge cost?", "sources": ["bridge.txt"]},
    {"id": "bridge-4", "question": "What did the bridge replace?", "answers": ["ferry"], "sources": ["bridge.txt"]},
    {"id": "lake-1", "question": "静湖湖面海拔多少米?", "answers": ["812"], "sources": ["lake.txt"]},
    {"id": "lake-2", "question": "静湖每年冬天结冰几个月?", "answers": [["四个月", "4个月"]], "sources": ["lake.txt"]},
    {"id": "lake-3", "question": "静湖里有多少种鱼?", "sources": ["lake.txt"]},
]  # fmt: skip
SCRIPT = {
    "replies": [
        ["(?s)from what you know|凭所知", "It was 1931."],
        ["Question: .*cost|问题:.*种鱼", "I don't know."],
        ["Question: When", "It was opened on 4 May 1931."],
        ["Question: Who", "The engineer was Hale."],
        ["Question: What", "It replaced a ferry."],
        ["问题:.*海拔", "湖面海拔812米。"],
        ["问题:.*结冰", "每年冬天结冰四个月。"],
    ],
    "choices": [["Question: .*cost|问题:.*种鱼", 0.1], ["I don't know", 0.0]],
}


def lay_out(folder: Path) -> tuple[Path, Path]:
    """(the questions' file, the configuration) in `folder`."""
    for name, text in PAGES.items():
        (folder / name).write_text(text, "utf-8")
    questions = folder / "mine.jsonl"
    questions.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in QUESTIONS), "utf-8")
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT), "utf-8")
    config = folder / "vouch.toml"
    config.write_text(
        f'indexes = "{folder / "built"}"\n[reader]\nkind = "scripted"\nmodel = "{script}"\n'
        '[checking]\njudge = "reader"\n'
        'auditor = ""\n[embedder]\nkind = "hash"\n',
        "utf-8",
    )
    return questions, config
