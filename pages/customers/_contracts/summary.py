"""The figures above the list."""

import streamlit as st

from core.customers.contracts import pipeline, queries
from core.kernel.actor import Actor
from pages._parts.moments import percent
from pages.customers._plans.words import money


def show(actor: Actor) -> None:
    """Active contracts, ARR and average value per currency, the renewal rate, and what is to be renewed soon."""
    found, rate, near = queries.summary(actor), queries.renewal_rate(actor), pipeline.near(actor)
    with st.container(horizontal=True):
        for row in found.to_dict("records"):
            st.metric(f"Active ({row['currency']})", f"{int(row['active']):,}", border=True, help="In force today.")
            st.metric("ARR", money(row["arr"], row["currency"]), border=True, help="Annual values of what is in force.")
            st.metric("Average value", money(row["average_value"], row["currency"]), border=True)
        if found.empty:
            st.metric("Active", "0", border=True, help="In force today.")
        st.metric(
            "Renewal rate", percent(rate.ratio), border=True,
            help=f"Of {rate.ended:,} contracts that ended in the last 365 days, {rate.renewed:,} were renewed.",
        )  # fmt: skip
        st.metric(
            "Renewals in 90 days", f"{near.soon:,}", border=True, help="Of contracts that run; also what is past."
        )
        st.metric("Under 30 days", f"{near.urgent:,}", border=True)
    _warn(near)


def _warn(near: pipeline.Near) -> None:
    if not near.soon:
        return
    late = (
        f" {near.late_tasks:,} of their tasks {'is' if near.late_tasks == 1 else 'are'} late."
        if near.late_tasks
        else ""
    )
    told = f"{near.soon:,} {'contract renews' if near.soon == 1 else 'contracts renew'} in the next 90 days"
    if near.urgent:
        st.warning(f"{told}, {near.urgent:,} of them in under 30.{late}", icon=":material/event_upcoming:")
    else:
        st.info(f"{told}.{late}", icon=":material/event_upcoming:")
