"""Alerts as rows of a grid."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.alerts import queries
from core.health.alerts.queries import Filters
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.health._alerts import words

SHOWN = [
    "severity",
    "status",
    "rule",
    "subject",
    "opened_at",
    "value",
    "bound",
    "occurrences",
    "marks",
    "area",
    "tenant",
]
LIVE = ("open", "acknowledged")


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the inbox in words."""
    rows = frame.to_dict("records")
    return frame.assign(
        severity=words.column(([words.SEVERITIES[row["severity"]][0]] for row in rows), frame),
        status=[words.STATUSES[row["status"]][0] for row in rows],
        value=[
            words.figure(row["value_last"] if row["status"] in LIVE else row["value_worst"], row["unit"])
            for row in rows
        ],
        bound=[words.figure(row["bound"], row["unit"]) for row in rows],
        marks=words.column((words.marks(row) for row in rows), frame),
        area=[words.area(row["area"]) for row in rows],
    )


def columns(here: str) -> dict[str, Any]:
    """How the grid of alerts is drawn."""
    column = st.column_config
    titles, colours = zip(*words.SEVERITIES.values(), strict=True)
    return {
        "severity": column.MultiselectColumn("Severity", options=list(titles), color=list(colours), width=80),
        "status": column.TextColumn("Status", width=95),
        "rule": column.TextColumn("Alert", width=185),
        "subject": column.TextColumn("Subject", width=165),
        "opened_at": column.DatetimeColumn("Since", format="distance", timezone=here, width=95),
        "value": column.TextColumn("Value", width=70),
        "bound": column.TextColumn("Bound", width=70),
        "occurrences": column.NumberColumn("Times", width=55),
        "marks": column.ListColumn("Marks", width=125),
        "area": column.TextColumn("Area", width=80),
        "tenant": column.TextColumn("Tenant", width=100),
    }


def children(actor: Actor, alert_id: UUID) -> None:
    """The alerts that one cause has brought about."""
    found = queries.inbox(actor, Filters(tuple(words.STATUSES), parent_id=alert_id), limit=200)
    if found.frame.empty:
        return
    st.subheader("What it brought about", anchor=False)
    st.dataframe(
        shown(found.frame)[[name for name in SHOWN if name != "marks"]], hide_index=True, key="children", placeholder=UNKNOWN,
        height="content" if len(found.frame) < 10 else 380, column_config=columns(str(zone(actor))),
    )  # fmt: skip
    if found.next:
        st.caption("These are the newest 200.")
