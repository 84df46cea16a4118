"""What was done with one tenant, and what it was told."""

from typing import Any

import pandas as pd
import streamlit as st

from core.access.audit import queries as audit
from core.customers.tenants import queries
from core.kernel.actor import Actor


def notices(actor: Actor, tenant: dict[str, Any]) -> None:
    """Mails to the tenant's administrators; nothing when there was none."""
    sent = queries.notices(actor, tenant["id"])
    if sent.empty:
        return
    st.subheader("Mails to its administrators", anchor=False)
    st.dataframe(
        sent,
        hide_index=True,
        key="notices",
        column_config={
            "subject": "Subject",
            "recipients": st.column_config.ListColumn("Recipients"),
            "outcome": "Outcome",
            "error": "Problem",
            "queued_at": st.column_config.DatetimeColumn("Queued", format="distance"),
            "finished_at": st.column_config.DatetimeColumn("Finished", format="distance"),
        },
    )


def entries(actor: Actor, tenant: dict[str, Any]) -> None:
    """The latest audit entries of the tenant."""
    st.subheader("History", anchor=False)
    found = audit.entries(actor, audit.Filters(tenant_id=tenant["id"]), limit=20).frame
    if found.empty:
        st.caption("Nothing was done with this tenant since the trail began.")
        return
    told = found[["occurred_at", "action", "actor_name", "reason"]].assign(changed=_changed(found))
    st.dataframe(
        told,
        hide_index=True,
        key="history",
        column_config={
            "occurred_at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm"),
            "action": "Action",
            "actor_name": "Who",
            "reason": "Why",
            "changed": st.column_config.TextColumn("Changed", width="large"),
        },
    )


def _changed(entries: pd.DataFrame) -> list[str]:
    return [
        ", ".join(
            f"{name}: {before} → {after}"
            for change in changes
            for name, (before, after) in change.get("columns", {}).items()
            if change.get("operation") == "update"
        )
        for changes in entries["changes"]
    ]
