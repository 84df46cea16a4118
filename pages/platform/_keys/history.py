"""What was done with one key."""

from typing import Any

import pandas as pd
import streamlit as st

from core.access.audit import queries as audit
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN


def show(actor: Actor, key: dict[str, Any]) -> None:
    """The latest audit entries of the key."""
    st.subheader("History", anchor=False)
    found = audit.entries(actor, audit.Filters(entity_id=key["id"]), limit=20).frame
    if found.empty:
        st.caption("Nothing was done with this key since the trail began.")
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
            name.replace("_", " ")
            for change in changes
            if change.get("operation") == "update"
            for name in change.get("columns", {})
            if name != "version"
        )
        for changes in entries["changes"]
    ]
