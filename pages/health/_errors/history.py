"""What was done with one cause."""

import streamlit as st

from core.access.audit import queries as audit
from core.health.errors.triage import id_of
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN


def show(actor: Actor, fingerprint: str) -> None:
    """The latest audit entries of the fingerprint."""
    st.subheader("History", anchor=False)
    found = audit.entries(actor, audit.Filters(entity_id=id_of(fingerprint)), limit=20).frame
    if found.empty:
        st.caption("Nobody has done anything with this error yet.")
        return
    st.dataframe(
        found[["occurred_at", "action", "actor_name", "reason", "outcome"]], hide_index=True, key="history",
        placeholder=UNKNOWN, height="content" if len(found) < 8 else 300,
        column_config={
            "occurred_at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "action": "Action", "actor_name": "Who", "reason": "Why", "outcome": "Outcome",
        },
    )  # fmt: skip
