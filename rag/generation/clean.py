"""What a model writes, without what is not meant for eyes: thinking aloud, and characters that steer a terminal."""

import re
from dataclasses import dataclass

_NAMES = "think|thinking|thought|reasoning"
_OPEN, _CLOSE = re.compile(f"<(?:{_NAMES})>"), re.compile(rf"</(?:{_NAMES})>\s*")
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-OQ-WYZ\\]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNFINISHED = re.compile(r"(?:</?[a-z]{0,9}|\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,400}\x1b?)?)\Z")


@dataclass
class Cleaner:
    """Fed piece by piece. `thought`: some of it was thinking; `stray`: text that was given out turned out to be, since
    its opening mark stood in the prompt."""

    thought: bool = False
    stray: bool = False
    _held: str = ""
    _thinking: bool = False
    _shown: bool = False

    def feed(self, piece: str) -> str:
        """What can be shown by now."""
        self._held += piece
        given = ""
        while True:
            self._held = _ESCAPES.sub("", self._held)
            if self._thinking:
                if not (close := _CLOSE.search(self._held)):
                    self._held = self._held[-16:]  # room for the beginning of the mark that ends it
                    break
                self._held, self._thinking = self._held[close.end() :], False
            elif mark := _OPEN.search(self._held):
                given += self._held[: mark.start()]
                self._held, self._thinking, self.thought = self._held[mark.end() :], True, True
            elif close := _CLOSE.search(self._held):
                given, self._held = "", self._held[close.end() :]
                self.thought, self.stray = True, self._shown
            else:
                unfinished = _UNFINISHED.search(self._held)
                end = unfinished.start() if unfinished else len(self._held)
                given, self._held = given + self._held[:end], self._held[end:]
                break
        return self._given(given)

    def end(self) -> str:
        """What was held back."""
        return "" if self._thinking else self._given(self._held)

    def _given(self, text: str) -> str:
        text = _CONTROLS.sub("", text)
        text = text if self._shown else text.lstrip()
        self._shown = self._shown or bool(text)
        return text


def clean(text: str) -> str:
    """The whole of a reply, cleaned."""
    cleaner = Cleaner()
    return cleaner.feed(text) + cleaner.end()
