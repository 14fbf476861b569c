"""Office files from before 2007: made new ones of first, and read as those are.

msdoc2docx 0.36 makes Word's: pure Python, with tables, numbering, notes and pictures. There is no library for those of
Excel that keeps number formats, and none for those of PowerPoint; LibreOffice does both, where it is installed.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from rag.errors import SourceFault
from rag.sources.office import DAMAGE, damaged, read_pptx
from rag.sources.word import read_docx
from rag.sources.workbook import read_xlsx
from rag.types import Page

_NAMES = ("soffice", "libreoffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice")
_SECONDS = 120.0
# Of a profile that is used once: no macro runs, no linked file is loaded, and there is no network.
_SETTINGS = {
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
}


def read_doc(content: bytes, uri: str) -> Page:
    """As `read_docx`. One older than Word 97 is LibreOffice's. Raises SourceFault."""
    from doc2docx import convert
    from doc2docx.errors import Doc2DocxError, EncryptedDocumentError, InvalidWordDocument

    with tempfile.TemporaryDirectory(prefix="vouch-") as folder:
        old, new = Path(folder, "a.doc"), Path(folder, "a.docx")
        old.write_bytes(content)
        try:
            convert(old, new)
        except EncryptedDocumentError as error:
            raise SourceFault("source.encrypted", uri=uri) from error
        except InvalidWordDocument:
            return read_docx(_converted(content, uri, "doc", "docx"), uri)
        except (Doc2DocxError, *DAMAGE) as error:
            raise damaged(uri, error) from error
        return read_docx(new.read_bytes(), uri)


def read_xls(content: bytes, uri: str) -> Page:
    """As `read_xlsx`. Raises SourceFault, also where LibreOffice is not installed."""
    return read_xlsx(_converted(content, uri, "xls", "xlsx"), uri)


def read_ppt(content: bytes, uri: str) -> Page:
    """As `read_pptx`. Raises SourceFault, also where LibreOffice is not installed."""
    return read_pptx(_converted(content, uri, "ppt", "pptx"), uri)


def libreoffice() -> str:
    """Where it is; "" where it is not installed."""
    return next(filter(None, map(shutil.which, _NAMES)), "")


def _converted(content: bytes, uri: str, old: str, new: str) -> bytes:
    program = libreoffice()
    if not program:
        raise SourceFault("source.old_office", uri=uri, ending=new)
    with tempfile.TemporaryDirectory(prefix="vouch-") as folder:
        place, profile = Path(folder), Path(folder, "profile")
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_settings(), "utf-8")
        file = place / f"a.{old}"
        file.write_bytes(content)
        asked = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
        try:
            subprocess.run(
                [*asked, "--convert-to", new, "--outdir", folder, str(file)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
            )
            return (place / f"a.{new}").read_bytes()
        except subprocess.TimeoutExpired as error:
            raise SourceFault("source.old_slow", uri=uri, seconds=int(_SECONDS), ending=new) from error
        except OSError as error:
            raise SourceFault("source.old_unreadable", uri=uri, ending=new) from error


def _settings() -> str:
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in sorted(_SETTINGS)
    )
    space = 'xmlns:oor="http://openoffice.org/2001/registry"'
    return f'<?xml version="1.0" encoding="UTF-8"?><oor:items {space}>{items}</oor:items>'
