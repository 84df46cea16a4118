"""Opening a row of a table in the same page, by the address."""

import streamlit as st


def table_key(name: str) -> str:
    """The key of the table. A new one after each opening: the browser would select the row again on the way back."""
    return f"{name}_{st.session_state.get(f'{name}_opened', 0)}"


def open_row(name: str, parameter: str, value: object) -> None:
    """Puts the row into the address and runs the page again."""
    st.session_state[f"{name}_opened"] = st.session_state.get(f"{name}_opened", 0) + 1
    st.query_params[parameter] = str(value)
    st.rerun()
