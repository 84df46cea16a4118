"""What the tenant has and pays, and what is to come."""

from typing import Any

import streamlit as st

from pages._parts.markdown import plain
from pages.customers._plans import words

COLOURS: dict[str, Any] = {"trialing": "blue", "active": "green", "past_due": "orange", "cancelled": "gray"}
LABELS = {"trialing": "On trial", "active": "Active", "past_due": "Past due", "cancelled": "Cancelled"}


def show(row: dict[str, Any]) -> None:
    """Plan, price, period, revenue; then what is scheduled or was cancelled."""
    currency = row["currency"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(row["plan"]), anchor=False, width="content")
        st.badge(LABELS[row["status"]], color=COLOURS[row["status"]])
        if row["discount"]:
            st.badge(f"{float(row['discount']) * 100:g} % discount", color="violet", icon=":material/percent:")
    with st.container(horizontal=True):
        st.metric("Recurring revenue a month", words.money(row["mrr"], currency), border=True)
        st.metric(f"Price, {row['interval']}", words.money(row["amount"], currency), border=True)
        st.metric(
            "Seats", f"{row['seats']:,}", border=True, help=f"{row['seats_included']:,} are included in the price."
        )
        _until(row)
        if row["credit"]:
            st.metric("Credit", words.money(row["credit"], currency), border=True, help="Taken off the next invoices.")
    _notes(row)


def _until(row: dict[str, Any]) -> None:
    if row["status"] == "trialing":
        st.metric("Trial ends", str(row["trial_ends_on"]), border=True, help="The last day of the trial.")
    elif row["status"] == "cancelled":
        st.metric("Paid until", str(row["period_end"]), border=True)
    else:
        label = "Ends on" if row["cancels_at_period_end"] else "Renews on"
        st.metric(label, str(row["period_end"]), border=True, help=f"The period began on {row['period_start']}.")


def _notes(row: dict[str, Any]) -> None:
    if row["status"] == "cancelled":
        day = row["cancelled_at"].date()
        st.error(f"Cancelled on {day}: {plain(row['cancel_reason'] or 'no reason was kept')}", icon=":material/cancel:")
    if row["cancels_at_period_end"]:
        st.warning(
            f"Ends on {row['period_end']}: {plain(row['cancel_reason'] or '')}. Until then everything stays as it is.",
            icon=":material/event_busy:",
        )
    if row["next_plan_key"]:
        seats = f", {row['next_seats']:,} seats" if row["next_seats"] else ""
        st.info(
            f"On {row['period_end']} it becomes {plain(row['next_plan_key'].capitalize())}, {row['next_interval']}{seats},"
            " at the plan's prices of that day.",
            icon=":material/event_upcoming:",
        )
    if row["status"] == "trialing" and not row["next_plan_key"] and not row["cancels_at_period_end"]:
        st.info(
            "When the trial ends without being converted, the tenant goes on with the plan Free.",
            icon=":material/hourglass:",
        )
    if row["booked"] != row["mrr"]:
        st.warning(
            f"The ledger says {words.money(row['booked'], row['currency'])} a month. Correct it: a further row is booked, nothing"
            " is overwritten.",
            icon=":material/balance:",
        )
