"""Pages of a long list, by key: forward with the token of the page, back along the way that was taken."""

from collections.abc import Callable
from typing import Any

import streamlit as st

SIZE = 50


def trail(name: str, filters: Any) -> list[str]:
    """The tokens of the pages so far; other filters begin anew."""
    way: list[str] = st.session_state.setdefault(f"{name}_trail", [])
    if st.session_state.get(f"{name}_filters") != filters:
        st.session_state[f"{name}_filters"] = filters
        way.clear()
    return way


def after(way: list[str]) -> str | None:
    return way[-1] if way else None


def buttons(
    name: str,
    way: list[str],
    shown: int,
    following: str | None,
    total: Callable[[], int] | None = None,
    *,
    size: int = SIZE,
) -> None:
    """Where we are, back and forth. The total is asked for only when there is more than one page."""
    if not way and following is None and total is None:
        return
    first = len(way) * size + 1
    whole = f" of {total():,}" if total else ""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.caption(f"{first:,} to {first + shown - 1:,}{whole}")
        if st.button("Previous", key=f"{name}_previous", icon=":material/chevron_left:", disabled=not way):
            way.pop()
            st.rerun()
        if st.button("Next", key=f"{name}_next", icon=":material/chevron_right:", disabled=following is None):
            way.append(str(following))
            st.rerun()
