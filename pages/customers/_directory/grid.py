"""The grid to browse: a click on a name opens it, on a heading sorts by it; rows are chosen for what is done with many."""

from typing import Any, Literal
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.customers._directory import choices, columns
from pages.customers._directory.choices import Choices

NAME = "tenants"
Mode = Literal["single-cell", "single-column", "multi-row"]


def show(actor: Actor, frame: pd.DataFrame, chosen: Choices, *, with_rows: bool) -> list[UUID]:
    """The ids of the rows that are chosen; none where nothing can be done with many."""
    # Rows are chosen by their place: other rows, another table.
    key = f"{table_key(NAME)}_{hash((tuple(frame['id']), chosen.sort, chosen.columns))}"
    modes: list[Mode] = ["single-cell", "single-column"]
    event = st.dataframe(
        columns.shown(frame, chosen.columns),
        column_config=columns.config(
            chosen.columns, zone=str(zone(actor)), sorted_by=chosen.sorted_by,
            arrow="↓" if chosen.sort.startswith("-") else "↑",
        ),
        hide_index=True, key=key, placeholder=UNKNOWN, height="content" if len(frame) < 16 else 590,
        on_select=lambda: _picked(key, list(frame["id"])),
        selection_mode=[*modes, "multi-row"] if with_rows else modes,
    )  # fmt: skip
    return [UUID(frame["id"].iloc[row]) for row in event.selection.rows if row < len(frame)]


def _picked(key: str, ids: list[str]) -> None:
    """What was clicked, before the page runs again."""
    selection: dict[str, Any] = st.session_state[key]["selection"]
    cells = [(row, name) for row, name in selection.get("cells", ()) if name == "name"]
    if cells or selection.get("columns"):
        st.session_state[f"{NAME}_opened"] = st.session_state.get(f"{NAME}_opened", 0) + 1
    if cells:
        st.query_params["tenant"] = ids[cells[0][0]]
    elif selection.get("columns"):
        choices.sort_by(selection["columns"][0])
