"""What was searched for in this session, the latest first. It is kept nowhere else."""

import streamlit as st

from pages._parts.markdown import plain

_KEY, MOST = "recent_searches", 8


def keep(text: str) -> None:
    before = [one for one in st.session_state.get(_KEY, []) if one != text]
    st.session_state[_KEY] = [text, *before][:MOST]


def show(now: str) -> None:
    """A button for each of them but `now`, which is shown already."""
    kept = [one for one in st.session_state.get(_KEY, []) if one != now]
    if not kept:
        return
    st.caption("Searched for before")
    with st.container(horizontal=True, gap="small"):
        for place, text in enumerate(kept):
            st.button(
                plain(text), key=f"recent_{place}", icon=":material/history:", type="tertiary", on_click=_again, args=(text,)
            )  # fmt: skip


def _again(text: str) -> None:
    st.session_state["text"] = text
