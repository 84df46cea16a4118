"""The table of the lists: a row is chosen, and then opened or escalated."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.breaches.words import TARGETS
from core.support.tickets.numbers import shown
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.support import _words as words
from pages.support._escalations import escalate
from pages.support._queue import known, way


def show(actor: Actor, name: str, found: pd.DataFrame, *, ticket: str = "id") -> None:
    """`ticket` is the column of the ticket's id. Columns that a list does not have are left out."""
    # Rows are chosen by their place: other rows, another table.
    key = f"{name}_{hash(tuple(found['id']))}"
    event = st.dataframe(
        _told(actor, found), column_config=_config(str(zone(actor))), hide_index=True, key=key, placeholder=UNKNOWN,
        height="content" if len(found) < 16 else 590, on_select="rerun", selection_mode="single-row",
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(found)]
    row = found.iloc[chosen[0]] if chosen else None
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Open ticket", key=f"{name}_open", icon=":material/open_in_full:", disabled=row is None):
            way.open_ticket(str(row[ticket]) if row is not None else "")
        escalate.button(actor, name, row, ticket)
        if row is None:
            st.caption("Choose a row to open or escalate its ticket.")


def _told(actor: Actor, found: pd.DataFrame) -> pd.DataFrame:
    names = {str(key): label for key, label in known.colleagues(actor).items()}
    told = {
        "number": [shown(one) for one in found["number"]], "subject": found["subject"],
        "priority": [[words.PRIORITY[one]] for one in found["priority"]],
        "status": [[words.STATUS[one]] for one in found["status"]],
    }  # fmt: skip
    if "late" in found:
        told["late"] = [words.length(one) for one in found["late"]]
        told["targets"] = [", ".join(TARGETS[one] for one in some or ()) for some in found["targets"]]
    if "target" in found:
        told["targets"], told["at"] = [TARGETS[one] for one in found["target"]], found["at"]
    told |= {"due_at": found["due_at"], "tenant": found["tenant"], "team": found["team"]}
    return pd.DataFrame(told | {"assignee": found["assignee_id"].map(names)})


def _config(here: str) -> dict[str, Any]:
    column = st.column_config
    priorities, statuses = list(words.PRIORITY), list(words.STATUS)
    return {
        "number": column.TextColumn("Number", width=95), "subject": column.TextColumn("Subject", width=240),
        "priority": column.MultiselectColumn(
            "Priority", options=[words.PRIORITY[one] for one in priorities],
            color=[words.PRIORITY_COLOURS[one] for one in priorities], width=90,
        ),
        "status": column.MultiselectColumn(
            "Status", options=[words.STATUS[one] for one in statuses],
            color=[words.STATUS_COLOURS[one] for one in statuses], width=110,
        ),
        "late": column.TextColumn("Overdue for", width=95, help="On the wall clock, since its first target was due."),
        "targets": column.TextColumn("Target", width=110), "at": column.DatetimeColumn(
            "Found", format="YYYY-MM-DD HH:mm", timezone=here, width=130),
        "due_at": column.DatetimeColumn("Due", format="YYYY-MM-DD HH:mm", timezone=here, width=130),
        "tenant": column.TextColumn("Tenant", width=150), "team": column.TextColumn("Team", width=110),
        "assignee": column.TextColumn("Assignee", width=130),
    }  # fmt: skip
