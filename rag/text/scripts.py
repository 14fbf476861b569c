"""Which characters belong to which script, and traditional Chinese in simplified characters."""

import re
from functools import cache

import opencc

# Han, kana, hangul, and the full-width forms that go with them.
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0002fa1f"
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_HAN = re.compile(f"[{HAN}]")


def simplified(text: str) -> str:
    """`text` with each traditional Chinese character in its simplified form, for comparing; as long as it was.

    Character by character: OpenCC's phrases would make a word's form depend on its neighbours.
    """
    return text.translate(_simple()) if _HAN.search(text) else text


@cache
def _simple() -> dict[int, str]:
    convert = opencc.OpenCC("t2s").convert
    pairs = ((letter, convert(chr(letter))) for letter in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)))
    return {letter: simple for letter, simple in pairs if simple != chr(letter) and len(simple) == 1}
