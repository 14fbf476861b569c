"""The page's front door: `streamlit run app/main.py`, from any folder.

Streamlit reads this file twice: as a module, for `app`, which it serves, and as the script that draws the page.
"""

import logging
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

log = logging.getLogger("vouch.page")
HERE = Path(__file__).parent


def main() -> None:
    """Draw the page. The last edge: a fault is shown as its sentence, anything else is logged and said to be so."""
    st.set_page_config(page_title="Vouch", page_icon=HERE / "icon.svg", layout="centered")
    st.logo(HERE / "logo.svg", size="large")
    if find_spec("rag") is None:  # only app/ is on the path: the packages come with `-e .` in the requirements
        st.error("Vouch is not installed here. Run this in its folder: `pip install -r requirements.txt`")
        return
    from app import faults, session
    from rag.errors import Fault

    st.html(HERE / "style.css")
    try:
        _pages()
    except Fault as fault:
        st.html(faults.notice(session.language(), str(fault)))
    except Exception:
        log.exception("The page ended in an error nobody foresaw")
        st.html(faults.notice(session.language(), ""))


def _pages() -> None:
    from app import (
        ask,
        check,
        compare,
        door,
        following,
        gate,
        notebook,
        quality,
        readers,
        resources,
        session,
        sharing,
        sources,
        start,
    )
    from app import table as tables
    from app.frame import sidebar
    from app.words import say
    from rag.config import Config, load

    config, language = load(), session.language()
    admitted = door.admits(config, language)
    gate.take_uploads(admitted and door.may_change(config))
    if not admitted:
        return
    if token := st.query_params.get(sharing.PARAMETER):
        sharing.page(config, token)
        return

    def view(name: str, icon: str, draw: Callable[[Config], None]) -> StreamlitPage:
        return st.Page(lambda: draw(config), title=say(language, name), icon=f":material/{icon}:", url_path=name)

    asking = st.Page(
        lambda: ask.page(config, lambda: st.page_link(having, label=say(language, "add sources"))),
        title=say(language, "ask"),
        icon=":material/forum:",
        url_path="ask",
        default=True,
    )
    onward = partial(st.page_link, asking, label=say(language, "ask title"))
    having = view("sources", "library_books", partial(sources.page, onward=onward))
    pages = [
        asking,
        view("check", "fact_check", check.page),
        having,
        view("table", "table_chart", tables.page),
        view("notebook", "book_2", notebook.page),
        view("quality", "monitoring", quality.page),
        view("compare", "balance", compare.page),
        view("settings", "tune", readers.page),
    ]
    chosen = st.navigation(pages)
    session.current().turn_to(chosen.url_path)
    if chosen.url_path == "settings" and not start.is_ready(config):
        chosen.run()  # where the configured reader cannot be had, another can be chosen
    elif start.ready(config, language, lambda: st.page_link(pages[-1], label=say(language, "reader choose"))):
        following.resume(config.built, config)
        sidebar(config, lambda: st.switch_page(asking) if chosen is not asking else None)
        chosen.run()
        resources.reader(config, wanted=False)  # last: it loads in a thread once the page is there


if __name__ == "__main__":
    main()
elif find_spec("rag") is None:
    app = st.App(HERE / "main.py")
else:
    from starlette.middleware import Middleware

    from app.gate import Gate

    app = st.App(HERE / "main.py", middleware=[Middleware(Gate)])
