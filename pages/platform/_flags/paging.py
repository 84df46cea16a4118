"""Forward and back through a list that is paged by key: the tokens of the pages behind one."""

from typing import Any

import streamlit as st

from core.kernel.reads import Page


def trail(name: str, filters: Any) -> list[str]:
    """The tokens of the pages gone through; it begins anew when the filters change."""
    kept: list[str] = st.session_state.setdefault(f"{name}_trail", [])
    if st.session_state.get(f"{name}_filters") != filters:
        st.session_state[f"{name}_filters"] = filters
        kept.clear()
    return kept


def buttons(name: str, kept: list[str], page: Page, size: int, total: int | None = None) -> None:
    """Where one is, and the way forward and back; nothing where all is on one page."""
    if not kept and page.next is None:
        return
    first = len(kept) * size + 1
    of = "" if total is None else f" of {total:,}"
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.caption(f"{first:,} to {first + len(page.frame) - 1:,}{of}")
        if st.button("Previous", key=f"{name}_previous", icon=":material/chevron_left:", disabled=not kept):
            kept.pop()
            st.rerun()
        if st.button("Next", key=f"{name}_next", icon=":material/chevron_right:", disabled=page.next is None):
            kept.append(str(page.next))
            st.rerun()
