"""The view of open steps: what is to be done, the most overdue first."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from core.customers.infrastructure import queries
from core.customers.infrastructure.checklist import STATE_TITLES, TEAMS
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import exporting
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key


def show(actor: Actor) -> None:
    """Open steps of what is requested or being provisioned; a click opens their record."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        team = st.selectbox("Team", TEAMS, index=None, key="team", bind="query-params", placeholder="All teams")
        is_late = st.toggle("Late only", key="late", bind="query-params")
        exporting.button(
            actor, "infrastructure steps", lambda person: _found(person, team, is_late), filters={"team": team, "late": is_late},
            key="steps_export",
        )  # fmt: skip
    found = _found(actor, team, is_late)
    if found.empty:
        st.info("No step is open here.", icon=":material/inbox:")
        return
    if len(found) == queries.MOST_STEPS:
        st.caption(f"The first {queries.MOST_STEPS} steps; choose a team to see others.")
    _grid(found)


def _found(actor: Actor, team: str | None, is_late: bool) -> pd.DataFrame:
    return queries.due_steps(actor, team=team, until=utc_now().date() - timedelta(days=1) if is_late else None)


def _grid(found: pd.DataFrame) -> None:
    today = utc_now().date()
    late = [(today - due).days if due is not None and due < today else None for due in found["due_on"]]
    shown = found.assign(late=pd.Series(late, index=found.index, dtype="Int64"), state=found["state"].map(STATE_TITLES))
    event = st.dataframe(
        shown[["tenant", "title", "team", "owner_name", "state", "due_on", "late", "is_required", "region"]], hide_index=True,
        key=table_key("steps"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(found) <= 15 else 560,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=180), "title": st.column_config.TextColumn("Step", width=240),
            "team": "Team", "owner_name": "Owner", "state": "State",
            "due_on": st.column_config.DateColumn("Due", format="YYYY-MM-DD"),
            "late": st.column_config.NumberColumn("Days late"), "is_required": st.column_config.CheckboxColumn("Required"),
            "region": "Region",
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("steps", "record", found["infrastructure_id"].iloc[event.selection.rows[0]])
