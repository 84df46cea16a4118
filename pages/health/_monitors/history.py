"""What was done with one monitor, and by whom."""

from uuid import UUID

import streamlit as st

from core.access.audit import queries as audit
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN


def show(actor: Actor, monitor_id: UUID) -> None:
    """The latest audit entries of the monitor."""
    with st.expander(
        "What was done with it", icon=":material/history:", key="monitor_history", on_change="rerun"
    ) as shown:
        if shown.open:
            _entries(actor, monitor_id)


def _entries(actor: Actor, monitor_id: UUID) -> None:
    found = audit.entries(actor, audit.Filters(entity_id=monitor_id), limit=20).frame
    if found.empty:
        st.caption("Nothing was done with this monitor since the trail began.")
        return
    st.dataframe(
        found[["occurred_at", "action", "actor_name", "reason"]], hide_index=True, key="history", placeholder=UNKNOWN,
        height="content" if len(found) < 8 else 300,
        column_config={
            "occurred_at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "action": "Action", "actor_name": "Who", "reason": st.column_config.TextColumn("Why", width="large"),
        },
    )  # fmt: skip
