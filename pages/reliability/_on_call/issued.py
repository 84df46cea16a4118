"""The address of a calendar that was just made: shown until somebody says that he has stored it, and then never again."""

import streamlit as st

from core.reliability.on_call.actions import Issued

_KEPT = "on_call_issued"


def keep(made: Issued) -> None:
    """Keeps it in this browser tab's session until it was taken."""
    st.session_state[_KEPT] = {"name": made.schedule.name, "address": made.address}


def show() -> None:
    """Shows a fresh address over whatever is open."""
    kept = st.session_state.get(_KEPT)
    if kept is not None:
        _fresh(kept["name"], kept["address"])


@st.dialog("Copy the address now", width="medium", dismissible=False, icon=":material/event:")
def _fresh(name: str, address: str) -> None:
    st.text(f"The calendar of {name}:")
    st.code(address, language=None, wrap_lines=True)
    st.warning(
        "Whoever has this address sees who is on call when. It is shown this once: subscribe to it in your calendar program. "
        "Add ?person= and a colleague's id for that colleague's shifts alone.",
        icon=":material/visibility_off:",
    )
    if st.button("I have stored it", key="feed_taken", type="primary"):
        st.session_state.pop(_KEPT, None)
        st.rerun()
