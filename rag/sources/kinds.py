"""What kind of file some bytes are: decided by the bytes themselves, then by declared type and name.

A PDF called .txt is a PDF. Names only settle what bytes cannot: whether plain text is Markdown or CSV.
(markitdown's magika was tried for this and left out: the formats read here all have marks of their own.)
"""

import io
import re
import struct
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from rag.errors import SourceFault, UsageFault
from rag.sources.charset import wide

Kind = Literal[
    "text", "markdown", "html", "pdf", "docx", "pptx", "xlsx", "epub", "odf", "csv", "srt", "image", "code", "json",
    "xml", "notebook", "mail", "msg", "mht", "rtf", "tex", "doc", "xls", "ppt",
]  # fmt: skip

MEDIA_TYPES: dict[Kind, str] = {
    "text": "text/plain",
    "markdown": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "epub": "application/epub+zip",
    "odf": "application/vnd.oasis.opendocument",
    "csv": "text/csv",
    "srt": "application/x-subrip",
    "image": "image/*",
    "code": "text/x-code",
    "json": "application/json",
    "xml": "application/xml",
    "notebook": "application/x-ipynb+json",
    "mail": "message/rfc822",
    "msg": "application/vnd.ms-outlook",
    "mht": "multipart/related",
    "rtf": "application/rtf",
    "tex": "application/x-tex",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_ENDINGS: dict[Kind, str] = {
    "text": ".txt .text .log .rst .adoc .org",
    "markdown": ".md .markdown",
    "html": ".html .htm .xhtml",
    "pdf": ".pdf",
    "docx": ".docx",
    "pptx": ".pptx",
    "xlsx": ".xlsx",
    "epub": ".epub",
    "csv": ".csv .tsv",
    "srt": ".srt .vtt",
    "image": ".png .jpg .jpeg .webp .tif .tiff .bmp",
    "odf": ".odt .ods .odp",
    "code": ".py .js .ts .tsx .jsx .java .kt .c .h .cpp .hpp .cs .go .rs .rb .php .swift .sh .sql .yaml .yml .toml",
    "json": ".json .jsonl .geojson",
    "xml": ".xml",
    "notebook": ".ipynb",
    "mail": ".eml",
    "msg": ".msg",
    "mht": ".mht .mhtml",
    "rtf": ".rtf",
    "tex": ".tex",
    "doc": ".doc .dot",
    "xls": ".xls",
    "ppt": ".ppt .pps",
}
EXTENSIONS: dict[str, Kind] = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
READABLE = " ".join(EXTENSIONS)


def media_types(kinds: Sequence[str]) -> list[str]:
    """What the media types of sources of these kinds begin with. Raises UsageFault for one that there is not."""
    if unknown := [kind for kind in kinds if kind not in MEDIA_TYPES]:
        raise UsageFault("selection.kind", kind=unknown[0], kinds=", ".join(MEDIA_TYPES))
    return [media_type.removesuffix("*") for kind, media_type in MEDIA_TYPES.items() if kind in kinds]


_DECLARED: dict[str, Kind] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/x-subrip": "srt",
    "text/vtt": "srt",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "message/rfc822": "mail",
    "multipart/related": "mht",
}
_NAMED = ("markdown", "csv", "code", "json", "notebook", "mail", "mht", "tex")  # texts that only their names tell
_HTML = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_TAG = re.compile(rb"<[a-zA-Z!/]")
_SUBTITLES = re.compile(rb"^\s*(?:WEBVTT|\d+\s*\n(?:\d+:)?\d\d:\d\d[,.]\d{3}\s*-->)")
_MOST_NULS = 0.05  # of a text in which some program left them
_MARKS_BEFORE_TEXT = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# A stream that every file of the kind has.
_STREAMS: dict[str, Kind] = {
    "__properties_version1.0": "msg",
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "PowerPoint Document": "ppt",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARIES = {
    b"\x7fELF": "a program",
    b"MZ": "a Windows program",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "a database",
    b"ID3": "a sound file",
    b"GIF8": "a GIF animation",
    b"%!PS": "a PostScript file; save it as .pdf",
}
_TEXTUAL = (b"%!PS",)
# A .docx of real life holds a few MB of XML; a bomb holds gigabytes.
_MAX_UNPACKED = 100_000_000


def kind_of(content: bytes, uri: str, media_type: str = "") -> Kind:
    """The kind of `content`. Raises SourceFault for what is encrypted, outdated, an archive or no text at all."""
    if content[:64].lstrip()[:5] == b"%PDF-" or (b"%PDF-" in content[:1024] and b"startxref" in content[-2048:]):
        return "pdf"
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        return _packed_kind(content, uri)
    if content.startswith(_OLE):
        return _ole_kind(content, uri)
    if content.startswith(b"{\\rtf") or _is_image(content):
        return "rtf" if content.startswith(b"{") else "image"
    marked = content.startswith(_MARKS_BEFORE_TEXT) or wide(content)
    for start, name in _BINARIES.items():
        # "MZ" and "ID3" may begin an honest sentence; no sentence holds a NUL.
        if content.startswith(start) and (start in _TEXTUAL or not start.isascii() or b"\x00" in content[:512]):
            raise SourceFault(f"{uri} is {name}, which cannot be read. Vouch reads {READABLE}.")
    if content[4:8] == b"ftyp":
        raise SourceFault(f"{uri} is a video, or a picture of a phone's own kind. Save pictures as .jpg.")
    if not marked and content[:65536].count(0) > _MOST_NULS * len(content[:65536]):
        raise SourceFault(f"{uri} is a binary file of an unknown kind, not text. Vouch reads {READABLE}.")
    return _text_kind(content, uri, media_type)


def name_of(uri: str) -> str:
    """The last part of a path or URL, decoded."""
    path = unquote(urlsplit(uri).path) if uri.startswith(("http://", "https://")) else uri
    return PurePosixPath(path).name


def _text_kind(content: bytes, uri: str, media_type: str) -> Kind:
    start = _start(content)
    named = _DECLARED.get(media_type) or EXTENSIONS.get(PurePosixPath(name_of(uri)).suffix.lower(), "text")
    if _HTML.match(start):
        return "html"
    if _SUBTITLES.match(start.replace(b"\r\n", b"\n")):
        return "srt"
    if named == "html":
        return "html" if _TAG.search(start) or _TAG.search(content) else "text"
    if named == "xml":
        return "xml" if start.lstrip().startswith(b"<") else "text"
    return named if named in _NAMED else "text"


def _start(content: bytes) -> bytes:
    """The first characters as ASCII, also where the text is UTF-16."""
    if name := "utf-16" if content.startswith(_MARKS_BEFORE_TEXT[1:]) else wide(content):
        return content[:4096].decode(name, "ignore").encode("ascii", "ignore")
    return content[:2048].removeprefix(_MARKS_BEFORE_TEXT[0])


def _packed_kind(content: bytes, uri: str) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            mimetype = ""
            if "mimetype" in names:
                with archive.open("mimetype") as said:
                    mimetype = said.read(100).decode("ascii", "replace")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise SourceFault(f"{uri} is damaged: it cannot be unpacked ({error}). Get a fresh copy.") from error
    if not names:
        raise SourceFault(f"{uri} is empty. Check that it was saved or downloaded completely.")
    kind = _office_kind(names, mimetype)
    if kind is None:
        raise SourceFault(f"{uri} is a zip archive of other files. Unpack it and add the folder.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SourceFault(f"{uri} is encrypted. Save a copy without a password.")
    # What packing hardly shrank is a picture, whatever its name, and no larger than the file.
    if sum(entry.file_size for entry in entries if entry.file_size > 3 * entry.compress_size) > _MAX_UNPACKED:
        raise SourceFault(f"{uri} unpacks to more than {_MAX_UNPACKED // 1_000_000} MB. Split it into smaller files.")
    return kind


def _office_kind(names: set[str], mimetype: str) -> Kind | None:
    if mimetype.startswith("application/epub") or "META-INF/container.xml" in names:
        return "epub"
    if mimetype.startswith("application/vnd.oasis.opendocument"):
        return "odf"
    folders: tuple[tuple[str, Kind], ...] = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
    if "[Content_Types].xml" in names:
        for folder, kind in folders:
            if any(name.startswith(folder) for name in names):
                return kind
    return None


def _ole_kind(content: bytes, uri: str) -> Kind:
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            if file.exists("EncryptedPackage"):
                raise SourceFault("source.encrypted", uri=uri)
            kind = next((kind for name, kind in _STREAMS.items() if file.exists(name)), None)
    except (OSError, ValueError, IndexError, TypeError, struct.error) as error:  # the first is olefile's own
        raise SourceFault("source.damaged", uri=uri, error=error) from error
    if kind is None:
        raise SourceFault("source.binary", uri=uri, kinds=READABLE)
    return kind


def _is_image(content: bytes) -> bool:
    return (
        content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*"))
        or (content.startswith(b"RIFF") and content[8:12] == b"WEBP")
        or (content.startswith(b"BM") and len(content) > 26 and content[6:10] == b"\x00\x00\x00\x00")
    )
