"""What was done with one endpoint, and how it answered tests."""

from typing import Any

import pandas as pd
import streamlit as st

from core.access.audit import queries as audit
from core.kernel.actor import Actor
from core.platform.webhooks import queries
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.platform._webhooks import exchange, texts


def tests(actor: Actor, webhook: dict[str, Any]) -> None:
    """The latest tests; a click shows one in full. Nothing when there was none."""
    found = queries.tests(actor, webhook["id"])
    if found.empty:
        return
    st.subheader("Tests", anchor=False)
    rows = found.to_dict("records")
    shown = found.assign(answer=[texts.answer(row["status"], row["error"]) for row in rows])
    event = st.dataframe(
        shown[["at", "event_type", "answer", "duration_ms", "sent_by"]],
        hide_index=True, key="tests", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(found) < 8 else 300,
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor))),
            "event_type": "Event", "sent_by": "Who", "answer": st.column_config.TextColumn("Answer", width="large"),
            "duration_ms": st.column_config.NumberColumn("Took", format="%.0f ms", width="small"),
        },
    )  # fmt: skip
    if event.selection.rows:
        exchange.show(rows[event.selection.rows[0]])


def entries(actor: Actor, webhook: dict[str, Any]) -> None:
    """The latest audit entries of the endpoint."""
    st.subheader("History", anchor=False)
    found = audit.entries(actor, audit.Filters(entity_id=webhook["id"]), limit=20).frame
    if found.empty:
        st.caption("Nothing was done with this webhook since the trail began.")
        return
    shown = found[["occurred_at", "action", "actor_name", "reason"]].assign(changed=_changed(found))
    st.dataframe(
        shown, hide_index=True, key="history", placeholder=UNKNOWN, height="content" if len(found) < 8 else 300,
        column_config={
            "occurred_at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "action": "Action", "actor_name": "Who", "reason": "Why",
            "changed": st.column_config.TextColumn("Changed", width="large"),
        },
    )  # fmt: skip


def _changed(entries: pd.DataFrame) -> list[str]:
    return [
        ", ".join(
            name for change in changes if change.get("operation") == "update" for name in change.get("columns", {})
        )
        for changes in entries["changes"]
    ]
