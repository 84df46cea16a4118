"""A key that was just made: shown until somebody says that he has stored it, and then never again."""

import streamlit as st

from core.platform.keys.actions import Issued

_KEPT = "keys_issued"


def keep(made: Issued) -> None:
    """Keeps it in this browser tab's session until it was taken."""
    st.session_state[_KEPT] = {"name": made.row.name, "key": made.key}


def show() -> None:
    """Shows a fresh key over whatever is open."""
    kept = st.session_state.get(_KEPT)
    if kept is not None:
        _fresh(kept["name"], kept["key"])


@st.dialog("Copy the key now", width="medium", dismissible=False, icon=":material/key:")
def _fresh(name: str, key: str) -> None:
    st.text(f"The key of {name}:")
    st.code(key, language=None, wrap_lines=True)
    st.warning(
        "It is shown this once. Only its digest is stored, so nobody can show it again: put it into a secret store, "
        "never into source code or a ticket.",
        icon=":material/visibility_off:",
    )
    if st.button("I have stored it", key="issued_taken", type="primary"):
        st.session_state.pop(_KEPT, None)
        st.rerun()
