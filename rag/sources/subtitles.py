"""SubRip and WebVTT -> running text: no numbers, no times, sentences that span captions made whole."""

import re

from rag.text.scripts import CJK

_TIMES = re.compile(r"^\s*(?:\d+:)?\d\d:\d\d[,.]\d{3}\s*-->.*$")
_MARKS = re.compile(r"<[^>\n]*>|\{\\[^}\n]*\}")
_STOP = re.compile(r"[.!?。！？…][\"'”’」』)）]*$")
_SPEAKER = re.compile(r"^(?:-|>>)\s*")
_WIDE_EDGE = re.compile(f"[{CJK}，、：；]")
# Below this share of captions with a full stop, the captions themselves are the sentences (common in Chinese).
_PUNCTUATED = 0.15


def read_subtitles(text: str) -> str:
    """A sentence or more a line where captions are punctuated, a caption a line where they are not."""
    captions = list(_captions(text))
    stopped = sum(bool(_STOP.search(caption)) for caption in captions)
    if stopped < _PUNCTUATED * len(captions):
        return "\n".join(captions)
    lines: list[str] = []
    open_line = False
    for caption in captions:
        if open_line and not _SPEAKER.match(caption):
            glue = "" if _WIDE_EDGE.match(lines[-1][-1]) and _WIDE_EDGE.match(caption[0]) else " "
            lines[-1] += glue + caption
        else:
            lines.append(caption)
        open_line = not _STOP.search(caption)
    return "\n".join(lines)


def _captions(text: str) -> list[str]:
    """The words of each caption on one line; a caption that repeats the one before it (rolling captions) once."""
    captions: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().split("\n")
        at = next((index for index, line in enumerate(lines) if _TIMES.match(line)), None)
        if at is None:
            continue  # the WEBVTT head, a NOTE or a STYLE block
        words = " ".join(_MARKS.sub("", " ".join(lines[at + 1 :])).split())
        if words and (not captions or words != captions[-1]):
            captions.append(words)
    return captions
