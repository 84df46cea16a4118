"""Every change of a ticket, newest first."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.reads import as_id
from core.support.tickets import queries
from pages._parts.frame import zone
from pages.support import _words as words
from pages.support._queue import known

_SAID = {
    "created": "Opened", "reply": "Replied to the customer", "customer": "The customer wrote", "note": "Wrote an internal note",
    "terms": "Took the targets of today",
}  # fmt: skip
_FIELDS = {
    "category": "Category", "subject": "Subject", "tags": "Tags", "team": "Team", "priority": "Priority", "status": "Status",
}  # fmt: skip
_ABOUT = {
    "linked": "Linked to {after}", "unlinked": "Took the link to {after} away", "attached": "Attached {after}",
    "merged": "Merged with {after}", "watched": "{after} watches", "level": "{after} % of a target used up",
    "escalated": "Escalated to {after}", "rated": "The customer gave {after} of 5",
}  # fmt: skip


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """One row per event: when, who, what, and why where it was said."""
    found = queries.events(actor, ticket["id"]).iloc[::-1]
    names = known.colleagues(actor) | known.teams(actor)
    rows = pd.DataFrame({
        "at": found["at"], "who": found["actor_name"],
        "what": [told(row, names) for row in found.to_dict("records")],
        "why": [(detail or {}).get("reason") for detail in found["detail"]],
    })  # fmt: skip
    st.dataframe(
        rows, hide_index=True, key="history", placeholder="", height="content" if len(rows) < 16 else 590,
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor)), width=150),
            "who": st.column_config.TextColumn("Who", width=150), "what": st.column_config.TextColumn("What", width="large"),
            "why": st.column_config.TextColumn("Why", width="medium"),
        },
    )  # fmt: skip


def told(event: Mapping[Any, Any], names: Mapping[UUID, str]) -> str:
    """The event as a sentence; ids of colleagues and teams by name."""
    kind, detail = event["kind"], event["detail"] or {}
    before, after = (_named(kind, event[side], names) for side in ("before", "after"))
    if kind in _SAID:
        return _SAID[kind]
    if kind == "assignee":
        then = detail.get("after_name") or after
        return f"Assigned to {then}" if event["after"] else f"Took it from {detail.get('before_name') or before}"
    if kind in _FIELDS:
        return f"{_FIELDS[kind]}: {before} → {after}"
    return _ABOUT[kind].format(after=after) if kind in _ABOUT else kind.capitalize()


def _named(kind: str, value: Any, names: Mapping[UUID, str]) -> str:
    if value is None or pd.isna(value):
        return "none"
    titles = {"status": words.STATUS, "priority": words.PRIORITY}.get(kind, {})
    key = as_id(str(value))
    return titles.get(str(value)) or (names.get(key, str(value)) if key else str(value))
