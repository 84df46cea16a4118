"""Every operation by area, with a search."""

import pandas as pd
import streamlit as st

from core.platform.explorer.operations import Operation, matching
from pages._parts.opening import open_row, table_key

_COLUMNS = {
    "area": st.column_config.TextColumn("Area", width="small"),
    "method": st.column_config.TextColumn("Method", width="small"),
    "path": st.column_config.TextColumn("Path", width="large"),
    "summary": st.column_config.TextColumn("What it does", width="medium"),
}


def show(found: list[Operation]) -> None:
    """The table; a row opens its operation."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="text", bind="query-params", placeholder="Word of a path or name", icon=":material/search:"
        )
        areas = sorted({one.area for one in found})
        chosen = st.multiselect("Area", areas, key="area", bind="query-params", format_func=_title)
    shown = [one for one in matching(found, text) if not chosen or one.area in chosen]
    if not shown:
        st.info("No operation matches. Clear the search, or look for another word.", icon=":material/inbox:")
        return
    event = st.dataframe(
        _frame(shown), column_config=_COLUMNS, hide_index=True, on_select="rerun", selection_mode="single-row", height=620,
        key=table_key("operations"),
    )  # fmt: skip
    st.caption(f"{len(shown)} of {len(found)} operations. Select one to try it out.")
    if event.selection.rows:
        open_row("operations", "operation", shown[event.selection.rows[0]].id)


def _frame(shown: list[Operation]) -> pd.DataFrame:
    return pd.DataFrame(
        [(_title(one.area), one.method, f"/api{one.path}", _summary(one)) for one in shown],
        columns=["area", "method", "path", "summary"],
    )


def _title(area: str) -> str:
    return area.capitalize().replace("Api", "API")


def _summary(one: Operation) -> str:
    return f"{one.summary} (deprecated)" if one.is_deprecated else one.summary
