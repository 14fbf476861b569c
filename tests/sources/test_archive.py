"""Zip archives: their members are sources of their own, bounded, whatever the archive says of itself."""

import io
import zipfile
from pathlib import Path

import pytest

from rag.config import FetchConfig
from rag.errors import GoneFault, SourceFault
from rag.sources import archive
from rag.sources.ingest import content, read, survey

LAMP = "The lamp burned whale oil until 1904."


def packed(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/").replace("_", "."), text)
    return path


def test_what_can_be_read_in_it_is_read_each_as_a_source(tmp_path):
    letters = packed(
        tmp_path / "letters.zip", a_txt=LAMP, old__b_md="# Pier\n\nIt is long.", c_exe=b"MZ", _d_txt="hidden"
    )
    found = survey(str(letters))
    assert found.uris == (f"{letters}!/a.txt", f"{letters}!/old/b.md")
    assert "2 of other kinds" in found.skipped
    page = read(found.uris[0], FetchConfig())
    assert page.text == LAMP and page.uri == found.uris[0]
    assert read(found.uris[1], FetchConfig()).title == "Pier"


def test_a_folder_holds_what_its_archives_hold_and_a_broken_one_fails_alone(tmp_path):
    packed(tmp_path / "letters.zip", a_txt=LAMP)
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "plain.txt").write_text("Plain.", "utf-8")
    found = survey(str(tmp_path)).uris
    assert [uri.removeprefix(f"{tmp_path}/") for uri in found] == ["broken.zip", "letters.zip!/a.txt", "plain.txt"]
    with pytest.raises(SourceFault, match=r"broken\.zip"):
        read(found[0], FetchConfig())


def test_names_written_in_gbk_come_out_as_they_were_meant(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("XXXX.txt", "雁枕茶园")
    file = tmp_path / "茶.zip"
    file.write_bytes(buffer.getvalue().replace(b"XXXX", "茶园".encode("gbk")))
    [uri] = survey(str(file)).uris
    assert uri.endswith("!/茶园.txt") and read(uri, FetchConfig()).text == "雁枕茶园"


def test_no_more_is_unpacked_than_may_be_whatever_it_says(tmp_path):
    bomb = packed(tmp_path / "bomb.zip", a_txt=b"0" * 3_000_000)
    with pytest.raises(SourceFault, match="more than 1 MB"):
        content(f"{bomb}!/a.txt", FetchConfig(max_megabytes=1))


def test_too_many_members_a_member_that_went_and_nothing_to_read_are_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as made:
        for number in range(archive.MOST + 1):
            made.writestr(f"{number}.txt", "")
    with pytest.raises(SourceFault, match="over the limit"):
        survey(str(tmp_path / "many.zip"))
    letters = packed(tmp_path / "letters.zip", a_txt=LAMP)
    with pytest.raises(GoneFault, match=r"no b\.txt"):
        content(f"{letters}!/b.txt", FetchConfig())
    with pytest.raises(SourceFault, match="holds no file"):
        survey(str(packed(tmp_path / "programs.zip", c_exe=b"MZ")))


def test_a_member_that_is_locked_is_told(tmp_path):
    locked = packed(tmp_path / "locked.zip", a_txt=LAMP)
    raw = bytearray(locked.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + flags] |= 1
    locked.write_bytes(raw)
    with pytest.raises(SourceFault, match="encrypted"):
        content(f"{locked}!/a.txt", FetchConfig())
