"""The grid to browse: a click on number or subject opens it, on a heading sorts by it; keys walk through the rows."""

from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.support._queue import choices, columns, way
from pages.support._queue.choices import Choices

NAME, _OPENED = "tickets", "tickets_clicked"
HERE = "▸"
Mode = Literal["single-cell", "single-column", "multi-row"]


def show(actor: Actor, frame: pd.DataFrame, chosen: Choices, *, with_rows: bool) -> pd.DataFrame:
    """The rows that are chosen; none where nothing can be done with many."""
    clicked = st.session_state.pop(_OPENED, None)
    if clicked:
        way.open_ticket(clicked)
    at = _keys(frame)
    # Rows are chosen by their place: other rows, another table.
    key = f"{table_key(NAME)}_{hash((tuple(frame['id']), chosen.sort, chosen.columns))}"
    modes: list[Mode] = ["single-cell", "single-column"]
    event = st.dataframe(
        _shown(frame, chosen, at), column_config=columns.config(chosen.columns, zone=str(zone(actor)), sort=chosen.sort),
        hide_index=True, key=key, placeholder=UNKNOWN, height="content" if len(frame) < 16 else 590,
        on_select=lambda: _picked(key, list(frame["id"])),
        selection_mode=[*modes, "multi-row"] if with_rows else modes,
    )  # fmt: skip
    return frame.iloc[[row for row in event.selection.rows if row < len(frame)]]


def _shown(frame: pd.DataFrame, chosen: Choices, at: int) -> pd.DataFrame:
    shown = columns.shown(frame, chosen.columns, utc_now())
    marks = list(shown["unread"])
    marks[at] = f"{HERE} {marks[at]}".strip()
    shown["unread"] = marks
    return shown


def _keys(frame: pd.DataFrame) -> int:
    """The row that the keys are at, and the buttons that they press."""
    at, ids = way.cursor(frame), list(frame["id"])
    is_last = at >= len(frame) - 1
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Up", key="queue_up", icon=":material/keyboard_arrow_up:", shortcut="K", disabled=at == 0,
            on_click=way.put_cursor, args=(ids[max(at - 1, 0)],),
        )  # fmt: skip
        st.button(
            "Down", key="queue_down", icon=":material/keyboard_arrow_down:", shortcut="J", disabled=is_last,
            on_click=way.put_cursor, args=(ids[at if is_last else at + 1],),
        )  # fmt: skip
        if st.button("Open", key="queue_open", icon=":material/open_in_full:", shortcut="O"):
            way.open_ticket(ids[at])
        st.text(f"{HERE} {frame['reference'].iloc[at]} {_short(frame['subject'].iloc[at])}")
    return at


def _short(subject: str, most: int = 90) -> str:
    return subject if len(subject) <= most else f"{subject[: most - 1]}…"


def _picked(key: str, ids: list[str]) -> None:
    """What was clicked, before the page runs again."""
    selection: dict[str, Any] = st.session_state[key]["selection"]
    cells = [(row, name) for row, name in selection.get("cells", ()) if name in columns.OPENING]
    if cells or selection.get("columns"):
        st.session_state[f"{NAME}_opened"] = st.session_state.get(f"{NAME}_opened", 0) + 1
    if cells:
        st.session_state[_OPENED] = ids[cells[0][0]]
    elif selection.get("columns"):
        choices.sort_by(selection["columns"][0])
