"""Outlook's container and numbered Word files, made when a test needs them."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

from tests.sources import made_sources as made

_SECTOR = 512
_END, _FREE, _TABLE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB, version 3) with these streams of 4,096 bytes or more, side by side in its root."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    sectors, chains, starts = b"", [], {}
    for name in names:
        assert len(streams[name]) >= 4096, "shorter ones would lie in a stream of their own"
        starts[name] = len(chains)
        count = -(-len(streams[name]) // _SECTOR)
        chains += [len(chains) + at + 1 for at in range(count - 1)] + [_END]
        sectors += streams[name].ljust(count * _SECTOR, b"\0")
    entries = [_entry("Root Entry", 5, child=1)]
    for at, name in enumerate(names):
        after = at + 2 if at + 1 < len(names) else _NONE
        entries.append(_entry(name, 2, after=after, start=starts[name], size=len(streams[name])))
    directory = b"".join(entries)
    first, count = len(chains), -(-len(directory) // _SECTOR)
    chains += [first + at + 1 for at in range(count - 1)] + [_END]
    sectors += directory.ljust(count * _SECTOR, b"\0")
    assert len(chains) < _SECTOR // 4, "one sector of the table holds all"
    table = [*chains, _TABLE]
    packed = struct.pack(f"<{_SECTOR // 4}I", *table, *[_FREE] * (_SECTOR // 4 - len(table)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, first, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", len(chains), *[_FREE] * 108)
    return head + sectors + packed


def _entry(name: str, kind: int, child: int = _NONE, after: int = _NONE, start: int = 0, size: int = 0) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    entry = written.ljust(64, b"\0") + struct.pack("<HBBIII", len(written), kind, 1, _NONE, after, child)
    return entry + bytes(36) + struct.pack("<IQ", start, size)


def numbered_docx(paragraphs: Sequence[tuple[str, int | None, str]]) -> bytes:
    """(style, level or None, text). The first level counts from 二, the second "2.a"; both levels are one list's."""
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = ""
    for style, level, text in paragraphs:
        number = "" if level is None else f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr>'
        named = f'<w:pStyle w:val="{style}"/>' if style else ""
        body += f"<w:p><w:pPr>{named}{number}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
    levels = (("chineseCounting", "第%1条", 2), ("lowerLetter", "2.%2", 1))
    told = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text, start) in enumerate(levels)
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{at}"><w:name w:val="heading {at}"/></w:style>' for at in (1, 2)
    )
    out = io.BytesIO(made.docx(body))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(
            "word/numbering.xml",
            f'<w:numbering {w}><w:abstractNum w:abstractNumId="3">{told}</w:abstractNum>'
            '<w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num></w:numbering>',
        )
        archive.writestr("word/styles.xml", f"<w:styles {w}>{styles}</w:styles>")
    return out.getvalue()
