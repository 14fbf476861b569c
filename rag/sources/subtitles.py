"""SubRip and WebVTT -> running text: no numbers, no marks, sentences that span captions made whole, and their times."""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.sources.charset import clean
from rag.text.scripts import CJK
from rag.types import Page

_TIMES = re.compile(r"^\s*(?:(\d+):)?(\d\d):(\d\d)[,.]\d{3}\s*-->.*$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>\n]+)>")
_MARKS = re.compile(r"<[^>\n]*>|\{\\[^}\n]*\}")
_STOP = re.compile(r"[.!?。！？…][\"'”’」』)）]*$")
_SPEAKER = re.compile(r"^(?:-|>>)\s*")
_WIDE_EDGE = re.compile(f"[{CJK}，、：；]")
# Below this share of captions with a full stop, the captions themselves are the sentences (common in Chinese).
_PUNCTUATED = 0.15
_LONGEST = 86_400  # seconds of a film; times beyond are no times


@dataclass(frozen=True, slots=True)
class _Caption:
    second: int
    words: str


def read_subtitles(text: str, uri: str) -> Page:
    """A sentence or more a line where captions are punctuated, a caption a line where they are not. The second at which
    each caption appears is kept as a page number is (`rag.text.locator`)."""
    captions = list(_captions(clean(text)))
    stopped = sum(bool(_STOP.search(caption.words)) for caption in captions)
    whole = stopped >= _PUNCTUATED * len(captions)
    said, starts, length, is_open = list[str](), list[int](), 0, False
    for caption in captions:
        if not said:
            glue = ""
        elif whole and is_open and not _SPEAKER.match(caption.words):
            glue = "" if _WIDE_EDGE.match(said[-1][-1]) and _WIDE_EDGE.match(caption.words[0]) else " "
        else:
            glue = "\n"
        starts.append(length + len(glue))
        said += [glue, caption.words]
        length += len(glue) + len(caption.words)
        is_open = not _STOP.search(caption.words)
    return Page(uri, "".join(said), page_starts=_by_second([caption.second for caption in captions], starts))


def _by_second(seconds: Sequence[int], starts: Sequence[int]) -> tuple[int, ...]:
    """Where in the text each second of the film begins: one in which nothing new is said, where the next is. None where
    the captions are not in order."""
    if not seconds or list(seconds) != sorted(seconds) or seconds[-1] > _LONGEST:
        return ()
    return tuple(starts[bisect_left(seconds, second)] for second in range(seconds[-1] + 1))


def _captions(text: str) -> Iterator[_Caption]:
    """Each caption that says something new, on one line. Lines that rolling captions show once more are left out."""
    before: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().split("\n")
        at = next((index for index, line in enumerate(lines) if _TIMES.match(line)), None)
        if at is None:
            continue  # the WEBVTT head, a NOTE or a STYLE block, the empty line of a rolling caption
        shown = [line for line in map(_plain, lines[at + 1 :]) if line]
        again = next((size for size in range(min(len(before), len(shown)), 0, -1) if before[-size:] == shown[:size]), 0)
        if words := " ".join(shown[again:]):
            yield _Caption(_second(lines[at]), words)
        before = shown or before


def _plain(line: str) -> str:
    return " ".join(html.unescape(_MARKS.sub("", _VOICE.sub(r"\1: ", line))).split())


def _second(line: str) -> int:
    match = _TIMES.match(line)
    assert match  # it was found by this
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds
