"""What was done with one tenant."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.overview import trail
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import zone
from pages.access import _audit


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """The audit entries of what was changed, newest first; a click shows one in full."""
    filters = trail.Filters(kind="changed")
    way = paging.trail("tenant_history", (tenant["id"], filters))
    page = trail.entries(actor, tenant["id"], filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info("Nothing was done with this tenant since the trail began.", icon=":material/inbox:")
        return
    table(actor, page.frame, "history")
    paging.buttons("tenant_history", way, len(page.frame), page.next)


def table(actor: Actor, found: pd.DataFrame, key: str) -> None:
    """Entries with what they changed, and the chosen one in full."""
    told = found[["occurred_at", "action", "actor_name", "reason"]].assign(changed=_changed(found))
    event = st.dataframe(
        told, hide_index=True, key=key, on_select="rerun", selection_mode="single-row", placeholder="",
        height="content" if len(found) < 14 else 520,
        column_config={
            "occurred_at": st.column_config.DatetimeColumn(
                "When", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor)), width=140
            ),
            "action": st.column_config.TextColumn("Action", width=170),
            "actor_name": st.column_config.TextColumn("Who", width=140),
            "reason": st.column_config.TextColumn("Why", width="medium"),
            "changed": st.column_config.TextColumn("Changed", width="large"),
        },
    )  # fmt: skip
    if event.selection.rows:
        _audit.details(found.iloc[event.selection.rows[0]])


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
