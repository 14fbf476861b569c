"""In which language a text is written, by its script, and a question wants its answer."""

import re

from rag.text.scripts import HAN

_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_ARABIC = re.compile("[\u0600-\u06ff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")

_ASKS_CHINESE = re.compile("[的了吗呢嗎谁誰哪么麼几幾是为為何怎]|多少|有多")
_ASKS_ENGLISH = re.compile(
    r"\b(?:what|when|where|who|whose|which|why|how|is|are|was|were|did|does|do|the|of|in)\b", re.I
)


def language(text: str) -> str:
    """ISO 639-1 code by script: zh, ja, ko, ru, ar, or en for Latin letters; "" where there are no letters.

    Words are counted in alphabets and characters in Chinese, Japanese and Korean, 0.6 of a word each,
    so that a Chinese sentence with English terms in it is Chinese.
    """
    sample = text[:4000]
    kana = len(_KANA.findall(sample))
    counts = {
        "zh": 0.6 * len(_HAN.findall(sample)) if not kana else 0.0,
        "ja": 0.6 * (len(_HAN.findall(sample)) + kana) if kana else 0.0,
        "ko": 0.6 * len(_HANGUL.findall(sample)),
        "ru": float(len(_CYRILLIC.findall(sample))),
        "ar": float(len(_ARABIC.findall(sample))),
        "en": float(len(_LATIN.findall(sample))),
    }
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else ""


def question_language(question: str) -> str:
    """The language that a question wants its answer in, ISO 639-1: Chinese where it asks in Chinese, however many Latin
    names are in it, English where it asks in English about 静湖; else by script, "en" where there is none."""
    if not _KANA.search(question) and _ASKS_CHINESE.search(question):
        return "zh"
    return "en" if _ASKS_ENGLISH.search(question) else language(question) or "en"
