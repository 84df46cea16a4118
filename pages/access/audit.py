"""Audit: search the trail, see before and after, prove that nobody touched it."""

import streamlit as st

from core.access.audit import queries
from pages._parts.frame import begin_page, zone
from pages.access import _audit, _filters

PAGE_SIZE = 50

actor = begin_page("access/audit")
here = zone(actor)
filters = _filters.ask(here)
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
        placeholder="",
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
