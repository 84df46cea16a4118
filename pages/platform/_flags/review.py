"""Proposals for protected flags: what waits, and what became of the others."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.platform.flags import queries
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._flags import proposal

OUTCOMES = {"Waiting": "waiting", "Approved": "approved", "Rejected": "rejected", "Withdrawn": "withdrawn", "All": None}


def show(actor: Actor, _: str) -> None:
    """The list; a click opens one proposal."""
    opened = st.query_params.get("change")
    if opened:
        _opened(actor, opened)
        return
    chosen = st.segmented_control(
        "Outcome", list(OUTCOMES), default="Waiting", key="outcome", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    found = queries.changes(actor, outcome=OUTCOMES[chosen])
    if found.empty:
        st.info(
            "Nothing waits for review." if chosen == "Waiting" else "There is no such proposal.",
            icon=":material/inbox:",
        )
        return
    picked = listing(actor, found)
    if picked:
        open_row("changes", "change", picked)


def listing(actor: Actor, found: pd.DataFrame) -> str | None:
    """The table of proposals; the id of the one that was clicked. Decisions are shown where there are any."""
    here = str(zone(actor))
    shown = found.assign(outcome=found["outcome"].str.capitalize(), environment=found["environment"].str.capitalize())
    decided = ["outcome", "decided_by_name", "decided_at"] if found["decided_at"].notna().any() else []
    event = st.dataframe(
        shown[["flag", "environment", "explanation", "proposed_by_name", "created_at", *decided]],
        hide_index=True, key=table_key("changes"), on_select="rerun",
        selection_mode="single-row", placeholder=UNKNOWN, height="content",
        column_config={
            "flag": "Flag",
            "environment": st.column_config.TextColumn("Environment", width=100),
            "explanation": st.column_config.TextColumn("What for", width="large"),
            "proposed_by_name": "Proposed by",
            "created_at": st.column_config.DatetimeColumn("Proposed", format="distance", timezone=here),
            "outcome": st.column_config.TextColumn("Outcome", width="small"),
            "decided_by_name": "Decided by",
            "decided_at": st.column_config.DatetimeColumn("Decided", format="distance", timezone=here),
        },
    )  # fmt: skip
    return str(found["id"].iloc[event.selection.rows[0]]) if event.selection.rows else None


def _opened(actor: Actor, key: str) -> None:
    if st.button("All proposals", key="back_to_changes", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["change"]
        st.rerun()
    try:
        proposal.one(actor, queries.change(actor, UUID(key)))
    except (ValueError, NotFound):
        st.warning("This proposal does not exist.", icon=":material/search_off:")
