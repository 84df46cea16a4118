"""One violation: how bad, since when, what proves it, what people said of it, and the incident behind it."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from core.reliability.sla import violations
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.reliability._sla import words
from pages.reliability._violations import evidence, excluding, incidents


def show(actor: Actor, key: str) -> None:
    """The violation with that id, or a sentence when there is none in sight."""
    if st.button("All violations", key="back", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("violation", None)
        st.rerun()
    try:
        row = violations.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This violation does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    _head(row)
    _figures(actor, row)
    evidence.show(actor, row)
    excluding.show(actor, row)
    incidents.show(actor, row)


def _head(row: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{words.METRICS[row['metric']]}: {plain(words.name(row))}", anchor=False, width="content")
        for said, colour in (words.IMPACTS[row["impact"]], words.STANDINGS[row["standing"]]):
            st.badge(said, color=colour)
        st.badge("Lasts" if row["ended_at"] is None else "Over", color="red" if row["ended_at"] is None else "gray")
        st.page_link(
            "reliability/sla_customer.py", label="Open the customer", icon=":material/verified:",
            query_params={"contract": str(row["contract_id"])},
        )  # fmt: skip
    if row["standing"] == "withdrawn":
        st.info("Figures that came late showed that there was nothing. It counts nowhere.", icon=":material/undo:")


def _figures(actor: Actor, row: dict[str, Any]) -> None:
    now, where, metric = utc_now(), zone(actor), row["metric"]
    took = (row["detected_at"] - row["started_at"]).total_seconds() / 60
    worst = "The lowest that the month can still reach" if metric == "uptime" else "The worst that was seen"
    with st.grid(5, gap="small", min_column_width=150):
        st.metric("Begun", f"{row['started_at'].astimezone(where):%d %b %H:%M}", border=True)
        ended = row["ended_at"]
        st.metric("Ended", f"{ended.astimezone(where):%d %b %H:%M}" if ended else "Lasts", border=True)
        st.metric("Duration", words.minutes(row["minutes"]), border=True)
        st.metric("Worst", words.figure(metric, row["actual"]), border=True, help=f"{worst}.")
        st.metric("Target", words.figure(metric, row["target"]), border=True)
    told = clock(row["told_at"], where, now=now) if row["told_at"] else f"nobody so far ({UNKNOWN})"
    st.caption(f"Found {words.minutes(took)} after it began · told: {told}")
    _ticket(actor, row)


def _ticket(actor: Actor, row: dict[str, Any]) -> None:
    if row["ticket_id"] is not None and not pd.isna(row["ticket_id"]) and actor.may("tickets:read"):
        st.page_link(
            "support/ticket.py", label="Open the ticket that was answered late", icon=":material/confirmation_number:",
            query_params={"id": str(row["ticket_id"])},
        )  # fmt: skip
