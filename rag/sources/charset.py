"""Bytes -> text in the right charset, for pages that declare none or the wrong one.

Order of trust: a byte order mark; the bytes being valid UTF-8 with enough characters to make that no
accident; the declared charset; the page's own <meta>; detection by charset-normalizer. A declaration
under which the bytes do not decode is passed over, so a page may lie and is still read.
"""

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from rag.errors import SourceFault

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Each label's superset, as browsers read them (WHATWG Encoding Standard): a "gb2312" page holds GB18030 characters.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_NO_CHARSETS = frozenset(("punycode", "unicode_escape", "raw_unicode_escape", "utf-7"))  # codecs that browsers refuse
_META = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)""")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_GB2312_COMMON = re.compile(rb"(?:[\xa1\xa3\xb0-\xd7][\xa1-\xfe]|[\x00-\x7f])*")
_EAST_ASIAN = frozenset(
    {"big5", "big5hkscs", "cp950", "cp949", "euc_kr", "johab", "euc_jp", "euc_jis_2004", "cp932", "gb18030", "gbk"}
)
_WESTERN = ("cp1252", "cp1254", "iso8859-15")
_WESTERN_LETTERS = re.compile(
    "[\x00-\x7fàâäåæáãçéèêëíìîïñóòôöõøœúùûüßÀÂÄÅÆÁÃÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ«»‘’“”„–—…•°€£§©®™·¿¡´½\xa0]*"
)
_ISO_GREEK = re.compile("¶[α-ώ]")  # an accented capital there, and a sign in the code page of Windows
# One variation selector chooses a letter's form; of several on end nothing is seen, and they can spell what they like.
_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f\U000e0000-\U000e007f]"
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
)
_OVERRIDE = re.compile("([\u202d\u202e])([^\u202a-\u202e\u2066-\u2069\n\x85]*)\u202c?")  # of the direction of letters
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")  # colours of a terminal, titles
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BROKEN = re.compile("[\ufffd\x00-\x08\x0b\x0e-\x1f]")
# A few broken bytes do happen on real pages; more than this and it is not text in that charset.
_BROKEN_SHARE = 0.01
_NOT_SURE = 4
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_LEAST_PAIRS = 20  # characters: fewer say nothing
# Of them: two texts in Big5 have its common ones only, 8 and 14% of GB2312's; thirty GB pages at most 58, at least 98%.
_COMMON, _OWN = 0.9, 0.5


def decode(content: bytes, declared: str = "", *, uri: str, markup: bool = False) -> str:
    """`content` as text. `markup`: look for a <meta> or XML declaration too.

    Raises SourceFault naming `uri` where no charset makes text of the bytes.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _readable(content, name, uri)
    if name := wide(content):
        return _readable(content, name, uri)
    claims = [known for label in (declared, _meta(content) if markup else "") if (known := _known(label))]
    characters = len(_MULTIBYTE.findall(content))
    # A few UTF-8 characters may be an accident in GBK; in a Western page they would read "MÃ¼ller".
    sure = characters >= _NOT_SURE or not characters or all(name in _WESTERN for name in claims)
    if _is_utf8(content) and sure:
        return content.decode("utf-8")
    for name in claims:
        if _is_text_in(content, name):
            return content.decode("big5hkscs" if name == "gb18030" and _is_rather_big5(content) else name)
    # Nothing fits to the letter: the first claim with almost nothing broken, else what the bytes look like.
    for name in (*claims, "utf-8"):
        text = content.decode(name, "replace")
        if _broken_share(text) <= _BROKEN_SHARE and not _is_single_byte(name):
            return text
    return _readable(content, _detected(content, uri), uri)


def wide(content: bytes) -> str:
    """ "utf-16-le" or "utf-16-be" where bytes without a mark are text in it: NULs stand in every second place only,
    where the high half of a character is, and hardly a character is none. "" otherwise."""
    start = content[: 1 << 14]
    if len(content) % 2 or b"\0" not in start:
        return ""
    even, odd = start[::2].count(0), start[1::2].count(0)
    name = "utf-16-le" if odd else "utf-16-be"
    if even and odd:
        return ""
    text = start.decode(name, "replace")
    strange = sum(
        unicodedata.category(character) in ("Cn", "Co", "Cc", "Cs") for character in text if not character.isspace()
    )
    return name if strange <= _BROKEN_SHARE * len(text) and "\ufffd" not in text[:-1] else ""


def clean(text: str) -> str:
    """The only normalisation text ever gets: line ends to "\\n", control characters and a terminal's colours dropped,
    letters whose direction is overridden in the order in which they are read, NFC."""
    text = re.sub("\r\n?|[\x0b\x0c\x85]", "\n", without_controls(text))
    text = _INVISIBLE.sub("", _OVERRIDE.sub(_turned, text))
    return unicodedata.normalize("NFC", text)


def without_controls(text: str) -> str:
    """`text` without control characters other than white space and line ends, which no XML may hold, and without a
    terminal's colours."""
    return _CONTROL.sub("", _ESCAPE.sub("", text))


def _turned(found: re.Match[str]) -> str:
    """Letters that are shown against their own direction, as they are read."""
    letters = unicodedata.normalize("NFC", found[2])
    own = {unicodedata.bidirectional(letter) for letter in letters} & {"L", "R", "AL"}
    to_left = found[1] == "\u202e"
    return letters[::-1] if (own <= {"L"} if to_left else own and own <= {"R", "AL"}) else letters


def _known(label: str) -> str:
    """Python's codec for a declared label, widened to the superset browsers use; "" for one that names no charset."""
    try:
        name = codecs.lookup(label.strip().lower().replace("x-gbk", "gbk").replace("x-sjis", "shift_jis")).name
        b"a".decode(name, "replace")  # "hex" and "idna" are codecs of Python's and no charsets
    except (LookupError, ValueError):
        return ""
    return "" if name in _NO_CHARSETS else _SUPERSETS.get(name, name)


def _meta(content: bytes) -> str:
    match = _META.search(content[:4096])
    return match.group(1).decode("ascii") if match else ""


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_text_in(content: bytes, name: str) -> bool:
    """Whether the claim holds: the bytes decode, and a Western page is not mostly accented letters."""
    try:
        text = content.decode(name)
    except (UnicodeError, LookupError):
        return False
    return _broken_share(text) <= _BROKEN_SHARE and not (name in _WESTERN and _mostly_high(content))


def _is_rather_big5(content: bytes) -> bool:
    """Whether a page that claims a charset of mainland China has the commoner characters of Taiwan's, which that makes
    rare ones, and hardly any of its own; both standards keep the commoner ones apart."""
    pairs = _PAIR.findall(content)
    own = sum(0xB0 <= lead <= 0xD7 and trail >= 0xA1 for lead, trail in pairs)
    theirs = sum(0xA4 <= lead <= 0xC6 for lead, trail in pairs)
    signs = sum(0xA1 <= lead <= 0xA3 for lead, trail in pairs)
    count = len(pairs) - signs
    if count < _LEAST_PAIRS or theirs < _COMMON * count or own > _OWN * count:
        return False
    try:
        content.decode("big5hkscs")
    except UnicodeDecodeError:
        return False
    return True


def _is_single_byte(name: str) -> bool:
    return name.startswith(("cp125", "iso8859", "latin", "mac")) or name in ("cp874", "koi8-r", "koi8-u")


def _mostly_high(content: bytes) -> bool:
    """Over a third of the letters are outside ASCII: Chinese, Cyrillic, … under a server's default of Latin-1."""
    high = sum(byte > 0xA0 for byte in content)
    letters = len(re.findall(rb"[A-Za-z]", re.sub(rb"<[^>]*>", b"", content)))
    return high > 0.5 * letters


def _detected(content: bytes, uri: str) -> str:
    best = from_bytes(content[: 1 << 18]).best()
    if best is None:
        raise SourceFault(
            f"{uri} is not text in any charset Vouch knows. If it is text, save it as UTF-8; "
            "if it is another kind of file, give it its own extension."
        )
    name = _known(best.encoding) or best.encoding
    # Detection needs some forty bytes to tell the pairs apart; fewer are Chinese if they can be everyday Chinese.
    if best.encoding in _EAST_ASIAN and sum(byte > 0x7F for byte in content) < 40 and _GB2312_COMMON.fullmatch(content):
        return "gb18030"
    # Western code pages differ by a handful of letters, which detection cannot weigh: the commonest one, if it can be.
    western = not _mostly_high(content) and _WESTERN_LETTERS.fullmatch(content.decode("cp1252", "replace"))
    if name == "cp1253" and _ISO_GREEK.search(content.decode(name, "replace")):
        return "iso8859-7"
    return "cp1252" if western and _is_single_byte(name) else name


def _readable(content: bytes, name: str, uri: str) -> str:
    text = content.decode(name, "replace")
    if _broken_share(text) > _BROKEN_SHARE:
        raise SourceFault(
            f"{uri} is not readable text: its bytes do not fit {name}, the likeliest charset. Save it as UTF-8."
        )
    return text


def _broken_share(text: str) -> float:
    return len(_BROKEN.findall(text)) / max(1, len(text))
