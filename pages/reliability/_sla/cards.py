"""The figures at the top: all customers in sight."""

from datetime import date

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.sla import owed
from core.reliability.sla.overview import Summary
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN, clock
from pages.reliability._sla import words


def show(actor: Actor, summary: Summary) -> None:
    """Four cards, and how far measuring has come."""
    with st.grid(4, gap="small", min_column_width=170):
        _card(
            "Customers measured", f"{summary.customers:,}", f"{summary.unknown:,} of them were not observed in 30 days."
        )
        told = f"{summary.below:,} customers are below their uptime target over 30 days."
        _card("Active violations", f"{summary.open_violations:,}", told)
        told = (
            f"The mean of {summary.customers - summary.unknown:,} customers; those that nobody observed count nowhere."
        )
        _card("Average uptime, 30 days", words.uptime(summary.average), told)
        if actor.may("sla_credits:read"):
            _credits(actor)
    if summary.open_violations:
        _alarm(summary.open_violations)
    if summary.until is not None:
        now = utc_now()
        st.caption(
            f"Measured until {clock(summary.until, zone(actor), now=now)}. A minute is judged two minutes after it."
        )


def _card(title: str, value: str, told: str) -> None:
    st.metric(title, value, border=True, height="stretch", help=told)


def _alarm(count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.error(f"{count:,} violation{'s' if count > 1 else ''} last now.", icon=":material/crisis_alert:")
        st.page_link(
            "reliability/violations.py", label="Open these violations", icon=":material/arrow_forward:",
            query_params={"state": "Lasts"},
        )  # fmt: skip


def _credits(actor: Actor) -> None:
    """Of the largest currency; the others are in the help."""
    today = utc_now().date()
    found = owed.owed(actor, since=date(today.year - 1, today.month, 1))
    if not found:
        _card("Credits, 12 months", "None", "No month of the last twelve was credited.")
        return
    first, *others = found
    waiting = [f"{one.waiting:,.2f} {one.currency}" for one in found if one.waiting]
    told = [f"Issued; waiting for approval or issue: {', '.join(waiting) or 'nothing'}."]
    told += [f"Also issued: {', '.join(f'{one.issued:,.2f} {one.currency}' for one in others)}."] if others else []
    _card("Credits, 12 months", f"{first.issued:,.0f} {first.currency}" if first.currency else UNKNOWN, " ".join(told))
