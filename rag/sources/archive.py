"""Zip archives: what one holds is read as sources of their own, each named FILE.zip!/MEMBER."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from rag.errors import GoneFault, SourceFault
from rag.sources.kinds import EXTENSIONS

WITHIN = "!/"
ENDING = ".zip"
MOST = 5_000  # members of one archive


def split(uri: str) -> tuple[str, str]:
    """(the archive, the member of it that `uri` names); (uri, "") of any other source."""
    file, within, member = uri.partition(f"{ENDING}{WITHIN}")
    return (f"{file}{ENDING}", member) if within else (uri, "")


def members(archive: Path) -> tuple[list[str], int]:
    """(the URIs of the members that can be read, by name; how many others there are). Raises SourceFault."""
    with _opened(archive) as packed:
        files = [info for info in packed.infolist() if not info.is_dir()]
    if len(files) > MOST:
        raise SourceFault("source.archive_large", archive=archive, files=len(files), most=MOST)
    found = sorted(name for name in map(_name, files) if _is_readable(name))
    return [f"{archive.as_posix()}{WITHIN}{name}" for name in found], len(files) - len(found)


def read(archive: str, member: str, megabytes: float) -> bytes:
    """The bytes of a member; no more than `megabytes` are unpacked, whatever the archive says. Raises SourceFault."""
    limit = int(megabytes * 1e6)
    with _opened(Path(archive)) as packed:
        info = next((info for info in packed.infolist() if _name(info) == member), None)
        if info is None:
            raise GoneFault("source.member_gone", archive=archive, member=member)
        if info.flag_bits & 1:
            raise SourceFault("source.member_encrypted", archive=archive, member=member)
        with packed.open(info) as unpacked:
            content = unpacked.read(limit + 1)
    if len(content) > limit:
        raise SourceFault("source.member_large", archive=archive, member=member, megabytes=f"{megabytes:g}")
    return content


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as packed:
            yield packed
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise SourceFault("source.archive_broken", archive=archive, error=error) from error


def _is_readable(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in EXTENSIONS and not any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: one that is not marked as UTF-8 is UTF-8 or GBK more often than code page 437, as which
    zipfile reads it."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
