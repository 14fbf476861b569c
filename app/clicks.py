"""Clicks inside HTML: one invisible component listens for them and scrolls to the marked quote.

Its script is constant; nothing from outside is ever part of it. The page itself shows all text with `st.html`, which
cleans what `app.render` has already escaped.
"""

from collections.abc import Callable

import streamlit as st

_LISTEN = """
export default function ({ setTriggerValue }) {
  const clicked = (event) => {
    const button = event.target.closest?.("[data-cite]");
    if (button) setTriggerValue("place", button.getAttribute("data-cite"));
  };
  document.addEventListener("click", clicked);
  return () => document.removeEventListener("click", clicked);
}
"""

# The page may still be drawn when this begins, and may grow while its fonts come: until the mark has stayed in view
# from one look to the next, or the panel is gone, it is scrolled to again.
_SCROLL = """
export default function ({ data }) {
  if (window.__vouchShown === data) return;
  const above = (mark, text) => mark.getBoundingClientRect().top - text.getBoundingClientRect().top;
  let before;
  const timer = setInterval(() => {
    const mark = document.getElementById("quote") ?? document.querySelector("mark[id$=quote]");
    const text = mark?.closest(".page");
    if (!text) return;
    const now = above(mark, text);
    if (now === before && now >= 0 && now < text.clientHeight) {
      window.__vouchShown = data;
      clearInterval(timer);
      return;
    }
    text.scrollTop += now - text.clientHeight / 4;
    before = above(mark, text);
  }, 50);
  return () => { clearInterval(timer); window.__vouchShown = undefined; };
}
"""

# A question that is asked below what is on the screen is come to, once a visit of the page; where its reader scrolls
# then is theirs.
_REVEAL = """
export default function ({ data }) {
  let left = window.__vouchRevealed === data ? 0 : 40;
  const timer = setInterval(() => {
    const question = [...document.querySelectorAll(".vouch .question")].at(-1)?.closest("[data-testid=stChatMessage]");
    if (left-- <= 0) return clearInterval(timer);
    if (!question || window.__vouchAsked === question) return;
    window.__vouchRevealed = data;
    window.__vouchAsked = question;
    question.scrollIntoView({ block: "start" });
    clearInterval(timer);
  }, 50);
  return () => { clearInterval(timer); window.__vouchRevealed = undefined; };
}
"""

# Streamlit's short messages are dialogs named by an element that is not there, and its images have no name at all.
_NAME = """
export default function () {
  const name = () => {
    document.querySelectorAll("[data-testid=stToast]:not([aria-label])").forEach((toast) => {
      toast.setAttribute("aria-label", toast.innerText);
      toast.removeAttribute("aria-labelledby");
    });
    document.querySelectorAll("[data-testid=stImage] img:not([alt])").forEach((image) => {
      image.alt = image.closest("[data-testid=stImage]").innerText;
    });
  };
  name();
  const watch = new MutationObserver(name);
  watch.observe(document.body, { childList: true, subtree: true });
  return () => watch.disconnect();
}
"""

_REMEMBER = """
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.value}; Path=/; Max-Age=${data.seconds}; SameSite=Strict${secure}`;
}
"""

# Streamlit puts its sidebar away only where the browser says that it is a telephone's, and never for our own buttons.
# `width`: up to it (pixels) the sidebar lies over the page.
_LEAVE = """
export default function ({ data }) {
  const clicked = (event) => {
    if (!matchMedia(`(max-width: ${data.width}px)`).matches || !event.target.closest?.(data.leads)) return;
    setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
  };
  document.addEventListener("click", clicked);
  return () => document.removeEventListener("click", clicked);
}
"""

_listener = st.components.v2.component("vouch.citations", js=_LISTEN)
_scroller = st.components.v2.component("vouch.scroll", js=_SCROLL)
_rememberer = st.components.v2.component("vouch.remember", js=_REMEMBER)
_revealer = st.components.v2.component("vouch.reveal", js=_REVEAL)
_namer = st.components.v2.component("vouch.name", js=_NAME)
_leaver = st.components.v2.component("vouch.leave", js=_LEAVE)


def listen(key: str, cited: Callable[[str], None]) -> None:
    """Call `cited` with the ``data-cite`` of what was clicked ("turn:quote")."""

    def called() -> None:
        value = st.session_state[key].place
        if value:
            cited(value)

    _listener(key=key, on_place_change=called)


def scroll_to_quote(key: str) -> None:
    """Bring ``<mark id="quote">`` into view, once for each `key`."""
    _scroller(key=f"scroll-{key}", data=key)


def reveal_question(key: str) -> None:
    """Bring the last question into view, once for each `key`."""
    _revealer(key="reveal", data=key)


def name_parts() -> None:
    """Give Streamlit's short messages and images a name for those who hear the page."""
    _namer(key="name-parts")


def uncover(key: str, leads: str, width: int) -> None:
    """Where the sidebar lies over the page, put it away once something that the CSS selector `leads` names was
    clicked."""
    _leaver(key=key, data={"leads": leads, "width": width})


def remember(name: str, value: str, seconds: int) -> None:
    """Have the browser keep a cookie for so many seconds; with 0, forget it."""
    _rememberer(key=f"remember-{name}-{seconds}", data={"name": name, "value": value, "seconds": seconds})
