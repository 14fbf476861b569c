"""First start: fetch the models that are missing, make the demo index, with a bar and in sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from app import faults, render, resources, session
from app.runs import Run
from app.words import Language, say
from indexes import demo
from rag import models
from rag.config import Config
from rag.generation import gguf


@dataclass(frozen=True, slots=True)
class Report:
    """How far the preparation has come: bytes of the model file `name`, or pages of the demo index. `stage` is a key of
    the words."""

    stage: Literal["fetching", "demo"]
    name: str = ""
    done: int = 0
    total: int = 0


def is_ready(config: Config) -> bool:
    """Whether a question can be asked."""
    mine, now = session.current(), config.fingerprint()
    if mine.ready != now and not (missing(config) or _wants_demo(config)):
        mine.ready = now
    return mine.ready == now


def ready(config: Config, language: Language, otherwise: Callable[[], object]) -> bool:
    """Whether a question can be asked. Where it cannot yet, the page shows why and how far things are, and what
    `otherwise` draws."""
    if is_ready(config):
        return True
    preparation = _preparation(config.fingerprint(), config.built, config)
    if preparation.over and preparation.fault is None:
        return True
    _watch(config, language)
    otherwise()
    return False


def missing(config: Config) -> list[str]:
    """The model files that the configuration needs and that are not there."""
    wanted = [*models.EMBEDDER_FILES] if config.embedder.kind == "onnx" else []
    if config.reader.kind == "local":
        wanted.append(config.reader.model)
    return [name for name in wanted if gguf.present(name) is None]


def _wants_demo(config: Config) -> bool:
    return config.index == demo.NAME and not demo.is_current(config)


@st.cache_resource(show_spinner=False)
def _preparation(fingerprint: str, built: Path, _config: Config) -> Run[Report]:
    """One for all visitors."""
    return Run(lambda tell: _prepare(_config, tell))


def _prepare(config: Config, tell: Callable[[Report], None]) -> None:
    for name in missing(config):
        gguf.ensure(name, lambda file, done, total: tell(Report("fetching", file, done, total)))
    if _wants_demo(config):
        tell(Report("demo"))
        demo.build(config, resources.embedder(config), tell=lambda now: tell(Report("demo", "", now.done, now.total)))


@st.fragment(run_every=0.5)
def _watch(config: Config, language: Language) -> None:
    preparation = _preparation(config.fingerprint(), config.built, config)
    if preparation.over and preparation.fault is None:
        st.rerun()
    st.html(render.title("Vouch", say(language, "tagline")))
    if preparation.over:
        st.html(faults.notice(language, preparation.fault or ""))
        if st.button(say(language, "again"), type="primary"):
            _preparation.clear(config.fingerprint(), config.built, config)
            st.rerun()
        return
    told = preparation.told
    last = told[-1] if told else Report("fetching" if missing(config) else "demo")
    st.html(render.faint(say(language, last.stage)))
    st.progress(min(1.0, last.done / last.total) if last.total else 0.0)
    st.html(render.faint(_line(language, last)))


def _line(language: Language, report: Report) -> str:
    if report.name:
        done, total = (f"{count / 1e6:.0f} MB" for count in (report.done, report.total))
        return say(language, "fetching file", name=report.name, done=done, total=total)
    return f"{report.done} / {report.total}" if report.total else say(language, f"{report.stage} begins")
