"""The Check page: a pasted text, its claims as they are judged, the text marked up and revised side by side."""

import json
from collections.abc import Callable
from functools import partial

import streamlit as st

from app import clicks, door, evidence, faults, render, render_check, render_source, resources, session, visitors, works
from app.runs import Run
from app.session import CHECK, STOPPED, CheckedText, Checking, Session
from app.words import Language, of_text, say
from indexes import demo
from rag import wiring
from rag.answering.factcheck import factcheck
from rag.config import Config
from rag.errors import Fault, UsageFault
from rag.export.json import REPORT, check_as_json, check_as_markdown
from rag.export.paper import FORMS, as_docx
from rag.facts import Check, CheckEnded, CheckEvent
from rag.sources.documents import text_at, text_of

EVERY = 0.3  # seconds between two looks at a run


def page(config: Config) -> None:
    """Raises Fault where the index cannot be opened."""
    mine, language = session.current(), session.language()
    name = session.index(config.index)
    sources = len(resources.index(config, name).pages())
    clicks.listen(session.CITED, mine.cite)
    st.html(render.title(say(language, "check title"), say(language, "check lead")))
    if not sources:
        st.html(render.notice(say(language, "no sources")))
        return
    st.html(render.faint(say(language, "ask from", name=name, pages=sources)))
    if door.may_change(config):  # as for an address that is added
        _fetch(config, language, disabled=bool(mine.checking))
    _form(config, mine, language, name)
    if name == demo.NAME and not (mine.checking or mine.checked):
        _example(config, mine, language, name)
    if mine.checking:
        _watch(language, mine)
    elif mine.checked:
        _result(language, mine.checked)
    works.earlier(config, language, mine, "check")
    evidence.show(config, language, mine, name)


def begin(config: Config, mine: Session, index: str, text: str) -> None:
    """Start checking `text` in a thread; the page looks at it from then on. Raises Fault."""
    opened, reader = resources.index(config, index), resources.reader(config)

    def work(tell: Callable[[CheckEvent], None]) -> None:
        for event in factcheck(text, wiring.check_parts(config, opened, reader)):
            tell(event)
            if isinstance(event, CheckEnded):
                works.keep_check(kept, number, event.check)

    kept = resources.works(config)
    number = kept.begin(visitors.owner(), "check", index)
    st.query_params.pop("check", None)
    mine.checking = Checking(text, Run(work, resources.turn(config)), number)


def _fetch(config: Config, language: Language, disabled: bool) -> None:
    """Put what stands at an address into the field for a pasted text, which is drawn after it."""
    with st.expander(say(language, "check address"), icon=":material/link:"), st.form("check-address", border=False):
        address = st.text_input(
            say(language, "check address here"), key=session.CHECKED_ADDRESS, placeholder="https://…"
        ).strip()
        if not st.form_submit_button(say(language, "check fetch"), icon=":material/download:", disabled=disabled):
            return
        try:
            if not address.startswith(("http://", "https://")):  # a path would be read from this machine
                raise UsageFault("page.no_address", address=address)
            with st.spinner(say(language, "check reads", name=render.short(address))):
                st.session_state[session.PASTED] = text_at(address, config.fetch).strip()
            st.html(render.notice(say(language, "check fetched")))
        except Fault as fault:
            st.html(faults.notice(language, str(fault)))
            st.html(render.faint(say(language, "check paste instead")))


def _form(config: Config, mine: Session, language: Language, name: str) -> None:
    with st.form("check", border=False):
        text = st.text_area(say(language, "check here"), key=session.PASTED, height=180)
        most = max(1, int(config.fetch.max_megabytes))
        st.html(render_source.uploader(language, most))
        given = st.file_uploader(
            say(language, "check file"),
            max_upload_size=most,
            key=session.CHECKED_FILE,
        )
        asked = st.form_submit_button(
            say(language, "check it"), type="primary", icon=":material/fact_check:", disabled=bool(mine.checking)
        )
    if not asked:
        return
    if given:
        try:
            with st.spinner(say(language, "check reads", name=given.name)):
                text = text_of(given.getvalue(), given.name)
        except Fault as fault:
            st.html(faults.notice(language, str(fault)))
            return
    if not text.strip():
        st.html(render.notice(say(language, "check empty"), fault=True))
        return
    mine.reading = None
    begin(config, mine, name, text.strip())
    st.rerun()


def _example(config: Config, mine: Session, language: Language, name: str) -> None:
    """A text about the demo's pages, with something wrong in it."""
    text = say(language, "check example")
    st.html(render.faint(say(language, "check try")))
    with st.container(key="examples"):
        if st.button(render.label(text), key="check-example", width="stretch"):
            begin(config, mine, name, text)
            st.rerun()


@st.fragment(run_every=EVERY)
def _watch(language: Language, mine: Session) -> None:
    """The check in the making, drawn anew at each look."""
    checking = mine.checking
    if checking is None:
        return
    run = checking.run
    seen = render_check.check_progress(run.told)
    if run.over:
        mine.checked, mine.checking = CheckedText(checking.text, seen.check, run.fault, checking.work), None
        st.rerun()
    label = say(language, "claims done", done=len(seen.checked), total=len(seen.claims)) if seen.claims else ""
    stage = say(language, "busy") if run.waiting else label or say(language, "claims begin")
    with st.status(stage, expanded=False, state="running"):
        st.html(render.steps(language, seen.steps))
    st.progress(len(seen.checked) / len(seen.claims) if seen.claims else 0.0)
    if seen.claims:
        st.html(render_check.pasted(language, checking.text, seen.claims, seen.checked))
        st.html(render_check.findings(language, CHECK, seen.claims, seen.checked))
    if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop-check"):
        run.stop()
        mine.checked, mine.checking = CheckedText(checking.text, None, STOPPED), None
        st.rerun()


def _result(language: Language, done: CheckedText) -> None:
    check = done.check
    if check is None:
        stopped = done.fault == STOPPED
        st.html(render.notice(say(language, "check stopped")) if stopped else faults.notice(language, done.fault or ""))
        return
    claims = [checked.claim for checked in check.claims]
    st.html(render_check.counts(language, check))
    left, right = st.columns(2, gap="large")
    with left:
        st.html(render.faint(say(language, "as pasted")))
        st.html(render_check.pasted(language, check.text, claims, check.claims))
    with right:
        st.html(render.faint(say(language, "revised")))
        st.html(render_check.revised(language, check))
    st.html(render_check.findings(language, CHECK, claims, check.claims))
    cited = {number for checked in check.claims for number in (*checked.quotes, *checked.against)}
    st.html(render.quotes(of_text(check.language), CHECK, [quote for quote in check.quotes if quote.id in cited]))
    _downloads(language, check)


def _downloads(language: Language, check: Check) -> None:
    with st.container(horizontal=True):
        for ending, form in FORMS.items():
            st.download_button(
                say(language, "report", form=form.name),
                partial(_report, check, ending),
                file_name=f"check-{check.id}.{ending}",
                mime=form.media_type,
                key=f"report-{ending}",
                on_click="ignore",
                icon=":material/download:",
            )
        st.download_button(
            say(language, "report", form="JSON"),
            json.dumps(check_as_json(check), ensure_ascii=False, indent=1),
            file_name=f"check-{check.id}.json",
            mime="application/json",
            icon=":material/download:",
        )


def _report(check: Check, ending: str) -> bytes:
    """Made when it is clicked, not before."""
    title = REPORT["title"][check.language == "zh"]
    told, name = check_as_markdown(check), f"{title} {check.id}"
    return as_docx(told, name, revisions=True) if ending == "docx" else FORMS[ending].write(told, name)
