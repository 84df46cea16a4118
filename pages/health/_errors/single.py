"""Single errors of one cause, latest first, with their traces and the way to their requests."""

from uuid import UUID

import streamlit as st

from core.health.errors import samples
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.health._errors import texts


def show(actor: Actor, fingerprint: str) -> None:
    """A page of them, and the trace of the chosen one (the latest, unless a row is chosen)."""
    st.subheader("Single errors", anchor=False)
    way = paging.trail("error_samples", fingerprint)
    page = samples.samples(actor, fingerprint, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info(
            "No single error is kept any more: rows are kept for 30 days, counts for longer.", icon=":material/inbox:"
        )
        return
    event = st.dataframe(
        page.frame[["at", "message", "tenant", "route", "request_id"]], hide_index=True, on_select="rerun",
        key=f"samples_{fingerprint}_{len(way)}", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(page.frame) <= 6 else 250,
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor)), width=150),
            "message": st.column_config.TextColumn("Message", width="large"), "tenant": "Tenant", "route": "Route",
            "request_id": "Request id",
        },
    )  # fmt: skip
    paging.buttons("error_samples", way, len(page.frame), page.next)
    chosen = event.selection.rows[0] if event.selection.rows else 0
    _one(actor, fingerprint, UUID(page.frame["id"].iloc[min(chosen, len(page.frame) - 1)]))


def _one(actor: Actor, fingerprint: str, error_id: UUID) -> None:
    found = samples.sample(actor, fingerprint, error_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Trace of {texts.moment(found['at'], zone(actor))}**")
        if found["request_id"] and st.button(
            "Follow this request", key="follow", icon=":material/timeline:",
            help="Its requests, errors, audit entries and jobs on one line of time.",
        ):  # fmt: skip
            st.query_params["request"] = found["request_id"]
            st.rerun()
    st.code(found["trace"] or UNKNOWN, language=None, wrap_lines=True, height=360)
