"""Single requests of one route, as far as they are kept, each with the id that leads to its errors."""

import streamlit as st

from core.health.requests import samples
from core.health.requests.filters import Filters
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.time_range import TimeRange
from pages.health._requests.tenants import titles

SHOWN = ["at", "status", "duration_ms", "title", "method", "service", "request_id"]


def show(actor: Actor, filters: Filters, span: TimeRange) -> None:
    """The latest ones; a click leads to the errors of one."""
    st.subheader("Sample requests", anchor=False)
    errors_only = st.toggle("Only failed ones", key="failed_only", bind="query-params")
    frame = samples.samples(actor, filters, span.since, span.until, errors_only=errors_only)
    if frame.empty:
        st.caption(f"No single request of this time is kept (they are for {samples.KEPT.days} days).")
        return
    event = st.dataframe(
        frame.assign(title=titles(frame))[SHOWN], hide_index=True, key="samples", height="content", placeholder=UNKNOWN,
        on_select="rerun", selection_mode="single-row",
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor))),
            "status": st.column_config.NumberColumn("Status", format="%d", width="small"),
            "duration_ms": st.column_config.NumberColumn("Duration (ms)", format="%.1f", width="small"),
            "title": "Tenant", "method": st.column_config.TextColumn("Method", width="small"), "service": "Service",
            "request_id": st.column_config.TextColumn("Correlation id", width="medium"),
        },
    )  # fmt: skip
    if event.selection.rows and actor.may("errors:read"):
        request_id = str(frame["request_id"].iloc[event.selection.rows[0]])
        st.page_link(
            "health/errors.py", label=f"Errors and traces of {request_id}", icon=":material/bug_report:",
            query_params={"request": request_id},
        )  # fmt: skip
