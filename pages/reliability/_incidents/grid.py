"""The incidents as a table: a click on number or title opens one; ticked rows can be merged."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.reliability._incidents import words

NAME, _OPENED = "incidents", "incidents_clicked"
PAGE = "reliability/incident.py"
OPENING = ("reference", "title")


def show(frame: pd.DataFrame, actor: Actor) -> pd.DataFrame:
    """The rows that are ticked; none where nothing can be done with many."""
    clicked = st.session_state.pop(_OPENED, None)
    if clicked:
        st.switch_page(PAGE, query_params={"id": clicked})
    # Rows are chosen by their place: other rows, another table.
    key = f"{table_key(NAME)}_{hash(tuple(frame['id']))}"
    offers = actor.may("incidents:update")
    event = st.dataframe(
        shown(frame), column_config=_config(str(zone(actor))), hide_index=True, key=key, placeholder=UNKNOWN,
        height="content" if len(frame) < 16 else 590, on_select=lambda: _picked(key, list(frame["id"])),
        selection_mode=["single-cell", "multi-row"] if offers else ["single-cell"],
    )  # fmt: skip
    return frame.iloc[[row for row in event.selection.rows if row < len(frame)]]


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns as they are read."""
    now = utc_now()
    return pd.DataFrame({
        "reference": frame["reference"], "title": frame["title"],
        "severity": [[words.SEVERITY[one]] for one in frame["severity"]],
        "status": [[words.STATUS[one]] for one in frame["status"]], "lead": frame["lead"],
        "started_at": frame["started_at"],
        "lasts": [words.length(words.lasting(row, now)) for row in frame.to_dict("records")],
        "tenants": frame["tenants"], "services": frame["services"], "kind": [words.KIND[one] for one in frame["kind"]],
        "is_public": frame["is_public"],
    })  # fmt: skip


def _config(zone: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "reference": column.TextColumn("Number", width=105, pinned=True),
        "title": column.TextColumn("Title", width=330, pinned=True),
        "severity": _chips("Severity", words.SEVERITY, words.SEVERITY_COLOURS, 85),
        "status": _chips("State", words.STATUS, words.STATUS_COLOURS, 120),
        "lead": column.TextColumn("Lead", width=140, help="Nobody's where it is empty."),
        "started_at": column.DatetimeColumn("Began", format="YYYY-MM-DD HH:mm", timezone=zone, width=130),
        "lasts": column.TextColumn("Lasted", width=95, help="From the beginning to the end, or until now."),
        "tenants": column.NumberColumn("Customers hit", width=100, help="As computed from data."),
        "services": column.ListColumn("Services", width=180),
        "kind": column.TextColumn("Kind", width=100),
        "is_public": column.CheckboxColumn("Public", width=65, help="It is told on the status page."),
    }  # fmt: skip


def _chips(label: str, titles: dict[str, str], colours: Any, width: int) -> Any:
    return st.column_config.MultiselectColumn(
        label, options=list(titles.values()), color=[colours[key] for key in titles], width=width
    )


def _picked(key: str, ids: list[str]) -> None:
    """What was clicked, before the page runs again."""
    selection: dict[str, Any] = st.session_state[key]["selection"]
    cells = [row for row, name in selection.get("cells", ()) if name in OPENING]
    if cells:
        st.session_state[f"{NAME}_opened"] = st.session_state.get(f"{NAME}_opened", 0) + 1
        st.session_state[_OPENED] = ids[cells[0]]
