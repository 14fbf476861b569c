"""The Table page: the same questions to many sources, a source a row, each cell a checked answer."""

import threading
from collections.abc import Callable, Sequence

import streamlit as st

from app import clicks, evidence, faults, render, render_table, resources, session, visitors, works
from app.runs import Run, StoppableReader, in_turns
from app.session import Session, Tabling
from app.words import Language, say
from rag import wiring
from rag.answering.recording import answer as research
from rag.answering.table import Cell, Row, columns_of, fill, written
from rag.config import Config
from rag.errors import Fault
from rag.export.table import as_csv, as_workbook
from rag.index.index import Index
from rag.text.language import language as written_in
from rag.types import Answer, Answered, PageInfo, Selection

EVERY = 0.5  # seconds between two looks at a run
FIRST = 6  # sources chosen before anybody chooses
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(config: Config) -> None:
    """Raises Fault where the index cannot be opened."""
    mine, language = session.current(), session.language()
    name = session.index(config.index)
    index = resources.index(config, name)
    clicks.listen(session.CITED, mine.cite)
    st.html(render.title(say(language, "table title"), say(language, "table lead")))
    if not index.pages():
        st.html(render.notice(say(language, "no sources")))
        return
    making = mine.tabling
    if making and not making.run.over:
        _watch(language, mine)
    else:
        before = making if making and making.index == name else None
        _form(config, language, mine, index, before)
        if before:
            works.show_cells(mine, before)
            _made(language, before)
        works.earlier(config, language, mine, "table")
    evidence.show(config, language, mine, name)


def begin(config: Config, mine: Session, index: Index, rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Fill a table in a thread. Raises Fault."""
    stopping = threading.Event()
    reader = StoppableReader(resources.reader(config), stopping)

    owner, turn = visitors.owner(), resources.turn(config)

    def ask(question: str, uri: str) -> Answer:
        made = None
        for event in research(question, wiring.parts(config, index, reader, Selection(uris=(uri,)), owner)):
            made = event.answer if isinstance(event, Answered) else made
        assert made is not None  # every run ends with one
        return made

    def work(tell: Callable[[Cell], None]) -> None:
        for cell in in_turns(fill(rows, columns, ask, reader), turn):
            works.keep_cell(kept, number, rows[cell.row], columns[cell.column], cell)
            tell(cell)

    kept = resources.works(config)
    number = st.query_params["table"] = kept.begin(owner, "table", index.name)
    mine.tabling = Tabling(index.name, tuple(rows), tuple(columns), Run(work, None, stopping), number)


def _form(config: Config, language: Language, mine: Session, index: Index, before: Tabling | None) -> None:
    """With the rows and columns of the table `before`: while that was filled, the fields were not there to remember."""
    pages = {one.uri: one for one in sorted(index.pages(), key=lambda one: (one.title.casefold(), one.uri))}
    with st.form("table", border=False):
        chosen: list[str] = st.multiselect(
            say(language, "table rows"),
            list(pages),
            [row.uri for row in before.rows if row.uri in pages] if before else list(pages)[:FIRST],
            key=f"{session.ROWS}-{index.name}",
            format_func=lambda uri: _called(pages[uri]) if uri in pages else uri,
        )
        asked = st.text_area(
            say(language, "table columns"),
            "\n".join(before.columns) if before else "",
            key=session.COLUMNS,
            height=110,
            help=say(language, "table columns help"),
            placeholder=say(language, "table columns like"),
        )
        go = st.form_submit_button(say(language, "table fill"), type="primary", icon=":material/table_chart:")
    if not go:
        return
    rows = [Row(uri, pages[uri].title) for uri in chosen if uri in pages]
    try:
        begin(config, mine, index, rows, columns_of(asked.splitlines(), len(rows)))
    except Fault as fault:
        st.html(faults.notice(language, str(fault)))
        return
    st.rerun()


def _called(page: PageInfo) -> str:
    return page.title or render.short(page.uri)


@st.fragment(run_every=EVERY)
def _watch(language: Language, mine: Session) -> None:
    making = mine.tabling
    if making is None:
        return
    if making.run.over:
        st.rerun()
    works.show_cells(mine, making)
    done, total = len(making.run.told), len(making.rows) * len(making.columns)
    st.progress(done / total if total else 0.0, say(language, "table cells", done=done, total=total))
    st.html(render_table.table(language, making.columns, making.rows, making.run.told))
    if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop"):
        making.run.stop()
        making.run.wait(EVERY)
        st.rerun()


def _made(language: Language, made: Tabling) -> None:
    cells = made.run.told
    if made.run.fault is not None:
        st.html(faults.notice(language, made.run.fault))
    if not cells:
        return
    st.html(render_table.table(language, made.columns, made.rows, cells))
    spoken = written_in(" ".join(made.columns)) or language
    told = written(made.columns, made.rows, cells, spoken)
    with st.container(horizontal=True):
        for label, name, kind, write in (
            ("CSV", "table.csv", "text/csv", lambda: as_csv(told, spoken).encode()),
            ("Excel", "table.xlsx", XLSX, lambda: as_workbook(told, spoken)),
        ):
            st.download_button(
                label, write, name, kind, key=f"table-{label}", on_click="ignore", icon=":material/download:"
            )
