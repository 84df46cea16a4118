"""Pages: every one that was, and whom it called."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents.rules import number_of
from core.reliability.on_call import page_queries as queries
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.reliability._on_call import words

OUTCOMES = {
    "queued": "Waits to be sent", "sent": "Sent", "failed": "Failed", "no mail server": "No mail server",
    "nobody": "Nobody there", "not needed": "Not needed any more",
}  # fmt: skip


def show(actor: Actor) -> None:
    """The newest first; a click shows whom a page has called."""
    way = paging.trail("on_call_pages", None)
    found = queries.history(actor, after=paging.after(way), limit=paging.SIZE)
    if found.frame.empty:
        st.info("Nobody was paged yet. An incident pages by the policies of its severity.", icon=":material/inbox:")
        return
    table = _table(actor, found.frame)
    paging.buttons("on_call_pages", way, len(found.frame), found.next)
    if table.selection.rows:
        _called(actor, found.frame.iloc[table.selection.rows[0]].to_dict())


def _table(actor: Actor, frame: pd.DataFrame) -> Any:
    rows = frame.to_dict("records")
    shown = frame.assign(
        incident=[UNKNOWN if words.is_unknown(row["number"]) else number_of(int(row["number"])) for row in rows],
        severity=frame["severity"].str.upper(), status=frame["status"].str.capitalize(),
    )  # fmt: skip
    where = str(zone(actor))
    return st.dataframe(
        shown, hide_index=True, key="pages", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(shown) <= 12 else 460,
        column_order=[
            "created_at", "incident", "severity", "title", "policy", "status", "acknowledged_by_name", "acknowledged_at",
        ],
        column_config={
            "created_at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=where),
            "incident": "Incident", "severity": "Severity", "title": st.column_config.TextColumn("Title", width="large"),
            "policy": "Policy", "status": "Status", "acknowledged_by_name": "Acknowledged by",
            "acknowledged_at": st.column_config.DatetimeColumn("Acknowledged", format="YYYY-MM-DD HH:mm", timezone=where),
        },
    )  # fmt: skip


def _called(actor: Actor, row: dict[Any, Any]) -> None:
    st.subheader("Whom it called", anchor=False)
    if not words.is_unknown(row["number"]):
        label = f"{number_of(int(row['number']))} · {plain(row['title'])}"
        st.page_link(
            "reliability/incident.py",
            label=label,
            icon=":material/emergency_home:",
            query_params={"id": row["incident_id"]},
        )
    found = queries.deliveries(actor, UUID(row["id"]))
    if found.empty:
        st.caption("Nobody yet: its first step has not come.")
        return
    shown = found.assign(
        step=[_step(one) for one in found.to_dict("records")],
        whom=found["whom"].fillna(words.NOBODY), outcome=found["outcome"].map(OUTCOMES),
    )  # fmt: skip
    st.dataframe(
        shown, hide_index=True, key="deliveries", placeholder=UNKNOWN, height="content" if len(shown) <= 12 else 460,
        column_order=["at", "step", "whom", "schedule", "outcome", "error", "attempts"],
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="HH:mm:ss", timezone=str(zone(actor))),
            "step": "Step", "whom": "Whom", "schedule": "On call in", "outcome": "Outcome",
            "error": st.column_config.TextColumn("Why", width="large"), "attempts": "Attempts",
        },
    )  # fmt: skip


def _step(row: dict[Any, Any]) -> str:
    again = f", round {row['round'] + 1}" if row["round"] else ""
    return f"{row['step'] + 1}{again}"
