"""The URL of a push monitor: shown after it was made until somebody says that he has it, and then never again."""

import streamlit as st

from core.health.monitors import queries
from core.health.monitors.actions import Made
from pages._parts.markdown import plain

_KEPT = "monitors_push"


def keep(made: Made) -> None:
    """Keeps the URL in this browser tab's session until it was taken; other kinds have none."""
    if made.token is not None:
        st.session_state[_KEPT] = {"name": made.monitor.name, "url": _base() + queries.push_path(made.token)}


def _base() -> str:
    """The portal's own address, as the viewer reaches it."""
    scheme, _, rest = (st.context.url or "http://localhost").partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def show() -> None:
    """Shows a fresh URL over whatever is open."""
    kept = st.session_state.get(_KEPT)
    if kept is not None:
        _fresh(kept["name"], kept["url"])


@st.dialog("Copy the URL now", width="medium", dismissible=False, icon=":material/key:")
def _fresh(name: str, url: str) -> None:
    st.markdown(f"What **{plain(name)}** watches calls this URL when all is well:")
    st.code(url, language=None, wrap_lines=True)
    st.markdown("At the end of a job, for example:")
    st.code(f"curl -fsS -m 10 --retry 3 '{url}'", language="bash", wrap_lines=True)
    st.markdown("It may say how it went, and how long it took (ms):")
    st.code(f"curl -fsS -m 10 -G '{url}' -d status=down -d ping=850 --data-urlencode 'msg=disk full'", language="bash",
            wrap_lines=True)  # fmt: skip
    st.warning(
        "It is shown this once. Only a digest is stored, so nobody can show it again; whoever has it can say that all is well.",
        icon=":material/visibility_off:",
    )
    if st.button("I have stored it", key="push_taken", type="primary"):
        st.session_state.pop(_KEPT, None)
        st.rerun()
