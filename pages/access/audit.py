"""Audit: search the trail, see before and after, prove that nobody touched it."""

from datetime import datetime, time, timedelta

import streamlit as st

from core.access.audit import queries
from core.access.audit.queries import Filters
from pages._parts.frame import begin_page, zone
from pages.access import _audit

PAGE_SIZE = 50

actor = begin_page("access/audit")
here = zone(actor)
today = datetime.now(here).date()

with st.container(horizontal=True, vertical_alignment="bottom"):
    action = st.text_input("Action", key="action", bind="query-params", placeholder="tenants.suspend, or its start")
    outcome = st.selectbox(
        "Outcome", ["done", "denied"], index=None, key="outcome", bind="query-params", placeholder="Any"
    )
    severity = st.selectbox(
        "Severity", ["info", "warning", "critical"], index=None, key="severity", bind="query-params", placeholder="Any"
    )
    request_id = st.text_input("Request id", key="request", bind="query-params")
    days = st.date_input("Days", (today - timedelta(days=6), today), key="days", max_value=today)

if not isinstance(days, tuple) or len(days) != 2:
    st.info("Choose the last day too.", icon=":material/date_range:")
    st.stop()
since, until = (datetime.combine(day, time(), here) for day in (days[0], days[1] + timedelta(days=1)))
filters = Filters(
    action=action.strip() or None, outcome=outcome, severity=severity, request_id=request_id.strip() or None,
    since=since, until=until,
)  # fmt: skip
trail: list[str] = st.session_state.setdefault("audit_trail", [])
if st.session_state.get("audit_filters") != filters:
    st.session_state["audit_filters"] = filters
    trail.clear()


page = queries.entries(actor, filters, after=trail[-1] if trail else None, limit=PAGE_SIZE)
if page.frame.empty:
    st.info("No entry matches. Widen the days or clear a filter.", icon=":material/inbox:")
else:
    shown = page.frame[
        ["occurred_at", "action", "outcome", "severity", "actor_name", "channel", "entity_type", "reason"]
    ].copy()
    shown["occurred_at"] = shown["occurred_at"].dt.tz_convert(str(here))
    event = st.dataframe(
        shown,
        hide_index=True,
        key="audit",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "occurred_at": st.column_config.DatetimeColumn(f"When ({here.key})", format="YYYY-MM-DD HH:mm:ss"),
            "action": "Action", "outcome": "Outcome", "severity": "Severity", "actor_name": "Who", "channel": "From",
            "entity_type": "What", "reason": "Why",
        },
    )  # fmt: skip
    if event.selection.rows:
        _audit.details(page.frame.iloc[event.selection.rows[0]])

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    wants_proof = st.button(
        "Verify the trail", key="verify", icon=":material/verified_user:", help="Recomputes every digest of the chain."
    )
    if st.button("Newer", key="newer", icon=":material/chevron_left:", disabled=not trail):
        trail.pop()
        st.rerun()
    if st.button("Older", key="older", icon=":material/chevron_right:", disabled=page.next is None):
        trail.append(str(page.next))
        st.rerun()
if wants_proof:
    _audit.prove(actor)
