"""A folder that the page's server follows: one watcher, kept over a restart, that ends when it is told to."""

import os
import subprocess
import sys
import threading
import time

import pytest

from app import following, resources
from app.session import WAY
from rag.config import AppConfig, Config
from rag.errors import UsageFault
from rag.index.followed import Followed
from tests.app.conftest import SOON, shown
from tests.app.test_page import button, visit_sources


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "comet.txt").write_text("The comet of 1744 had six tails.", "utf-8")
    return folder


@pytest.fixture(autouse=True)
def ended():
    yield
    following.watches().close()
    following.resume.clear()


def until(is_so) -> None:
    ends = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


def threads() -> int:
    return sum(thread.name.startswith("Thread") and "_follow" in thread.name for thread in threading.enumerate())


def follow(folder):
    test = visit_sources()
    test.session_state[WAY] = "follow"
    test = test.run()
    next(found for found in test.text_input if found.key == "follow").set_value(str(folder))
    return button(test, "follow-on").click().run()


def test_a_folder_is_followed_told_of_and_let_go(site, papers):
    index = resources.index(site.config, "books")
    follow(papers)
    [watch] = following.watches().of(index).values()
    until(watch.folder.settled.is_set)
    (papers / "pier.txt").write_text("The pier is long.", "utf-8")
    until(lambda: len(watch.changes) == 2)
    test = visit_sources()
    assert "pier.txt — added" in shown(test) and str(papers) in [
        one.label.split()[1].rstrip(":") for one in test.status
    ]
    follow(papers / ".." / "papers")
    assert threads() == 1 and len(following.watches().of(index)) == 1, "two visitors, one watcher"
    (papers / "comet.txt").unlink()
    until(lambda: str(papers / "comet.txt") not in {page.uri for page in index.pages()})
    button(visit_sources(), f"follow-off {papers}").click().run()
    assert threads() == 0 and not following.watches().of(index)
    assert str(papers / "pier.txt") in {page.uri for page in index.pages()}


def test_after_a_restart_it_is_followed_from_the_first_visit_on(site, papers):
    index = resources.index(site.config, "books")
    follow(papers)
    following.watches().close()
    following.resume.clear()
    (papers / "comet.txt").write_text("The comet of 1744 had seven tails.", "utf-8")
    site.visit()
    [watch] = following.watches().of(index).values()
    until(watch.folder.settled.is_set)
    assert "seven" in index.open(str(papers / "comet.txt")).text


def test_an_index_that_cannot_be_opened_keeps_no_other_from_following(site, papers):
    broken = site.config.built / "broken"
    broken.mkdir()
    (broken / "CURRENT").write_text("nowhere\n", "utf-8")
    (broken / "followed.sqlite").write_bytes(b"no database " * 100)
    Followed(site.config.built / "books").add(str(papers))
    test = site.visit()
    assert not test.exception and "followed.sqlite" not in shown(test)
    assert list(following.watches().of(resources.index(site.config, "books"))) == [str(papers)]


def test_a_folder_that_is_not_there_is_told(site, tmp_path):
    assert "no folder" in shown(follow(tmp_path / "nowhere"))
    assert not following.watches().of(resources.index(site.config, "books"))


def test_who_may_name_no_files_of_the_server_may_follow_none(site, papers):
    index = resources.index(site.config, "books")
    for app in (AppConfig(login="password"), AppConfig(read_only=True)):
        with pytest.raises(UsageFault):
            following.follow(Config(app=app), index, str(papers))


def test_a_server_that_ends_is_not_kept_by_its_watchers(site, papers, tmp_path):
    program = (
        "import sys; from pathlib import Path; from app.following import Watch; from rag import wiring;"
        " from rag.answering.following import Folder; from rag.config import load; config = load();"
        " index = wiring.index(config, 'papers', wiring.embedder(config), create=True);"
        " watch = Watch(Folder.at(sys.argv[1])); watch.begin(index, config); watch.folder.settled.wait()"
    )
    env = {**os.environ, "VOUCH_CONFIG": str(site.folder / "vouch.toml")}
    ended = subprocess.run([sys.executable, "-c", program, str(papers)], timeout=SOON, env=env, check=False)
    assert ended.returncode == 0
