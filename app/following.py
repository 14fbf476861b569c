"""Folders that the server keeps an index up to date with: one watcher each for all visitors, until it is turned off.

The threads end with the server. Which folders they are is kept beside the index, and they are followed again from the
first visit after a restart.
"""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import streamlit as st

from app import door, faults, render, resources, session
from app.words import Language, say
from rag.answering.following import Change, Folder
from rag.config import Config
from rag.errors import Fault, UsageFault
from rag.index.followed import Followed
from rag.index.index import Index

log = logging.getLogger("vouch.page")

EVERY = 2.0  # seconds between two looks
LAST = 20  # changes that are shown
PATIENCE = 5.0  # seconds that a server which stops waits for the source being read


@dataclass
class Watch:
    """One folder being followed: the last changes, the newest first, and what ended it."""

    folder: Folder
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=LAST))
    fault: str = ""
    thread: threading.Thread | None = None

    def begin(self, index: Index, config: Config) -> None:
        self.thread = threading.Thread(target=self._follow, args=(index, config), daemon=True)
        self.thread.start()

    def end(self, patience: float | None = None) -> None:
        """Waits for the source that is being read, at most `patience` seconds."""
        self.folder.end()
        if self.thread:
            self.thread.join(patience)

    def _follow(self, index: Index, config: Config) -> None:
        try:
            for change in self.folder.follow(index, config):
                self.changes.appendleft(change)
        except Fault as fault:
            self.fault = str(fault)
        except Exception:  # a thread has nobody else to tell
            log.exception("Following %s ended", self.folder.root)
            self.fault = " "


class Watches:
    """All of this server. Any thread."""

    def __init__(self) -> None:
        self._taking = threading.Lock()
        self._watches: dict[tuple[Path, str], Watch] = {}

    def resume(self, index: Index, config: Config) -> None:
        """Follow what is to be followed and is not yet."""
        with self._taking:
            for path in Followed(index.folder).all():
                if (index.folder, path) not in self._watches:
                    self._begin(path, index, config)

    def begin(self, path: str, index: Index, config: Config) -> None:
        """From now on, and after a restart. Raises UsageFault where there is no such folder."""
        folder = Folder.at(path)
        if not folder.root.is_dir():
            raise UsageFault("watch.no_folder", folder=path)
        with self._taking:
            Followed(index.folder).add(str(folder.root))
            now = self._watches.get((index.folder, str(folder.root)))
            if now is None or now.fault:
                self._begin(str(folder.root), index, config)

    def end(self, path: str, index: Index) -> None:
        with self._taking:
            Followed(index.folder).remove(path)
            watch = self._watches.pop((index.folder, path), None)
        if watch:
            watch.end()

    def close(self) -> None:
        """End all; after a restart they are followed again."""
        with self._taking:
            for watch in self._watches.values():
                watch.end(PATIENCE)
            self._watches.clear()

    def of(self, index: Index) -> Mapping[str, Watch]:
        with self._taking:
            return {path: watch for (folder, path), watch in self._watches.items() if folder == index.folder}

    def _begin(self, path: str, index: Index, config: Config) -> None:
        watch = Watch(Folder.at(path))
        self._watches[index.folder, path] = watch
        watch.begin(index, config)


@st.cache_resource(show_spinner=False)
def watches() -> Watches:
    made = Watches()
    atexit.register(made.close)
    return made


@st.cache_resource(show_spinner=False)
def resume(built: Path, _config: Config) -> None:
    """Once a server: every index's folders are followed again. An index that cannot be opened is told of where it is
    looked at; the others' are followed."""
    for name in resources.names(_config):
        try:
            if Followed(_config.built / name).all():
                watches().resume(resources.index(_config, name), _config)
        except Fault as fault:
            log.warning("The folders of the index %s are not followed: %s", name, fault)


def form(config: Config, language: Language, index: Index) -> None:
    """A way in: a folder of this machine that the index is to follow."""
    if not door.may_name_paths(config):
        st.html(render.notice(say(language, "follow not here")))
        return
    with st.form("follow", clear_on_submit=True):
        path = st.text_input(say(language, "follow folder"), placeholder="~/papers", key=session.FOLLOW).strip()
        asked = st.form_submit_button(say(language, "follow"), type="primary", icon=":material/sync:", key="follow-on")
    if not (asked and path):
        return
    try:
        follow(config, index, path)
    except UsageFault as fault:  # the form stays, to be mended
        st.html(faults.notice(language, str(fault)))
        return
    st.rerun()


def follow(config: Config, index: Index, path: str) -> None:
    """Raises UsageFault where the visitor may not, or there is no such folder."""
    door.require_change(config)
    if not door.may_name_paths(config):
        raise UsageFault("page.no_server_files", address=path)
    watches().begin(path, index, config)


def show(config: Config, language: Language, index: Index) -> None:
    """The folders that are followed and what changed in them; nothing where there are none."""
    if watches().of(index):
        _show(config, language, index)


@st.fragment(run_every=EVERY)
def _show(config: Config, language: Language, index: Index) -> None:
    for path, watch in watches().of(index).items():
        changes = list(watch.changes)
        state: Literal["error", "complete", "running"]
        state = "error" if watch.fault else "complete" if watch.folder.settled.is_set() else "running"
        label = say(language, "followed folder", folder=path, count=len(changes))
        with st.status(label, expanded=bool(watch.fault), state=state):
            if watch.fault:
                st.html(faults.notice(language, watch.fault.strip()))
            st.html(faults.outcomes(language, [(one.status, one.uri, one.error) for one in changes]))
            if door.may_change(config) and st.button(
                say(language, "follow no more"), key=f"follow-off {path}", icon=":material/sync_disabled:"
            ):
                unfollow(config, index, path)
                st.rerun()


def unfollow(config: Config, index: Index, path: str) -> None:
    """What is in the index stays. Raises UsageFault where the visitor may not."""
    door.require_change(config)
    watches().end(path, index)
