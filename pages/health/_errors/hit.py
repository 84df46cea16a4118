"""Who is hit by one cause, where it arises, and what its errors said."""

import pandas as pd
import streamlit as st

from core.health.errors import course, samples
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.time_range import TimeRange


def show(actor: Actor, fingerprint: str, span: TimeRange) -> None:
    """Tenants of the time, and routes and messages of the latest errors."""
    left, right = st.columns(2)
    with left:
        st.markdown("**Tenants hit**")
        _tenants(actor, fingerprint, span)
    with right:
        st.markdown("**Routes**")
        _counted(actor, samples.routes(actor, fingerprint), "route", "Route")
        st.markdown("**Versions of the message**")
        _counted(actor, samples.versions(actor, fingerprint), "message", "Message")
        st.caption(f"Among the latest {samples.LATEST} errors that are kept.")


def _tenants(actor: Actor, fingerprint: str, span: TimeRange) -> None:
    found = course.by_tenant(actor, fingerprint, span.since, span.until)
    if found.empty:
        st.caption(f"Nobody in {span.label}.")
        return
    named = found["tenant"].where(found["tenant"].notna(), found["tenant_id"].fillna("No tenant"))
    st.dataframe(
        found.assign(tenant=named)[["tenant", "errors", "last_at"]], hide_index=True, key="tenants_hit",
        height="content" if len(found) <= 10 else 400, placeholder=UNKNOWN,
        column_config={
            "tenant": "Tenant", "errors": st.column_config.NumberColumn("Errors", format="localized", width="small"),
            "last_at": st.column_config.DatetimeColumn("Last seen", format="distance", timezone=str(zone(actor))),
        },
    )  # fmt: skip


def _counted(actor: Actor, found: pd.DataFrame, name: str, label: str) -> None:
    """A table of one column and its counts."""
    if found.empty:
        st.caption("No single error is kept any more.")
        return
    st.dataframe(
        found, hide_index=True, key=f"latest_{name}", height="content" if len(found) <= 5 else 215,
        column_config={
            name: st.column_config.TextColumn(label, width=235),
            "errors": st.column_config.NumberColumn("Errors", width="small"),
            "last_at": st.column_config.DatetimeColumn("Last seen", format="distance", timezone=str(zone(actor))),
        },
    )  # fmt: skip
