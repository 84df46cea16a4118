"""What can be done with a subscription in the state it is in."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from core.customers.subscriptions import actions, queries
from core.customers.tenants.rules import ALLOWED, LONGEST_TRIAL
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import run_action
from pages.customers._plans import words
from pages.customers._subscription import changing
from pages.customers._subscription.dialogs import dialogs

RUNNING = ("trialing", "active", "past_due")
_BUTTONS = {
    "change": ("Change plan", "swap_horiz", RUNNING), "convert": ("Convert", "verified", ("trialing",)),
    "extend": ("Extend trial", "more_time", ("trialing",)), "discount": ("Discount", "percent", RUNNING),
    "cancel": ("Cancel subscription", "cancel", RUNNING),
}  # fmt: skip


def show(actor: Actor, tenant: dict[str, Any], row: dict[str, Any]) -> None:
    """The buttons that fit, and the dialog that one of them opened."""
    if not actor.may("subscriptions:update") or tenant["status"] not in ALLOWED["update"]:
        return
    with st.container(horizontal=True):
        for name, (label, icon, statuses) in _BUTTONS.items():
            if row["status"] in statuses and st.button(label, key=f"subscription_{name}", icon=f":material/{icon}:"):
                dialogs.open_now(name, row["version"])
        _at_once(actor, row)
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, row)


def _at_once(actor: Actor, row: dict[str, Any]) -> None:
    """What needs no question: taking something back."""
    is_over = row["status"] == "cancelled"
    may_resume, may_start = is_over or row["cancels_at_period_end"], is_over and actor.may("subscriptions:create")
    if may_resume and st.button("Resume", key="subscription_resume", icon=":material/replay:"):
        run_action(actions.resume, actor, row["tenant_id"], version=row["version"], done="Resumed.")
    if may_start and st.button("Start anew", key="subscription_start", icon=":material/play_arrow:"):
        dialogs.open_now("start", row["version"])
    if row["next_plan_key"] and st.button(
        "Drop the scheduled change", key="subscription_drop", icon=":material/event_busy:"
    ):
        run_action(actions.drop_scheduled, actor, row["tenant_id"], version=row["version"], done="Dropped.")
    if row["booked"] != row["mrr"] and st.button(
        "Correct the ledger", key="subscription_correct", icon=":material/balance:"
    ):
        dialogs.open_now("correct")


@st.dialog("Extend trial", on_dismiss=dialogs.close)
def _extend(actor: Actor, row: dict[str, Any]) -> None:
    known, today = row["trial_ends_on"], utc_now().date()
    with st.form("extend_trial", border=False):
        first = max(known, today) + timedelta(days=1)
        until = st.date_input(
            "Last day of the trial", known + timedelta(days=14), min_value=first, max_value=today + LONGEST_TRIAL,
            key="extend_until", format="YYYY-MM-DD",
        )  # fmt: skip
        reason = st.text_input("Reason", key="extend_reason", max_chars=500, placeholder="Still waiting for their data")
        if st.form_submit_button("Extend", type="primary", key="extend_submit"):
            run_action(
                actions.extend_trial, actor, row["tenant_id"], trial_ends_on=until, reason=reason, version=dialogs.version(),
                done=dialogs.closing("Extended."),
            )  # fmt: skip


@st.dialog("Discount", on_dismiss=dialogs.close)
def _discount(actor: Actor, row: dict[str, Any]) -> None:
    st.caption("Counts from the next period on; recurring revenue changes today. 0 takes a discount away.")
    with st.form("set_discount", border=False):
        share = st.number_input(
            "Discount (%)", 0.0, 100.0, float(row["discount"] * 100), 1.0, "%.2f", key="discount_percent"
        )
        reason = st.text_input("Reason", key="discount_reason", max_chars=500, placeholder="Agreed for two years")
        if st.form_submit_button("Save", type="primary", key="discount_submit"):
            run_action(
                actions.set_discount, actor, row["tenant_id"], discount=Decimal(f"{share:.2f}") / 100, reason=reason,
                version=dialogs.version(), done=dialogs.closing("Saved."),
            )  # fmt: skip


@st.dialog("Cancel subscription", on_dismiss=dialogs.close)
def _cancel(actor: Actor, row: dict[str, Any]) -> None:
    st.write(
        f"{words.money(row['mrr'], row['currency'])} of recurring revenue a month ends with it. What was paid for the period is"
        " not given back. It can be resumed."
    )
    with st.form("cancel_subscription", border=False):
        labels = {"period_end": f"At the end of the period ({row['period_end']})", "now": "Now"}
        when = st.segmented_control(
            "When", list(labels), default="period_end", key="cancel_when", required=True, format_func=labels.__getitem__
        )
        reason = st.text_area("Reason", key="cancel_reason", max_chars=500, placeholder="Moves to another product")
        if st.form_submit_button("Cancel subscription", type="primary", key="cancel_submit"):
            run_action(
                actions.cancel, actor, row["tenant_id"], reason=reason, when=when, version=dialogs.version(),
                done=dialogs.closing("Cancelled." if when == "now" else "Will be cancelled."),
            )  # fmt: skip


@st.dialog("Correct the ledger", on_dismiss=dialogs.close)
def _correct(actor: Actor, row: dict[str, Any]) -> None:
    booked, due = words.money(row["booked"], row["currency"]), words.money(row["mrr"], row["currency"])
    st.write(f"The ledger says {booked}, the subscription {due}. The difference is booked today as a further row.")
    with st.form("correct_ledger", border=False):
        reason = st.text_input("Reason", key="correct_reason", max_chars=500, placeholder="Restored from a backup")
        if st.form_submit_button("Correct", type="primary", key="correct_submit"):
            run_action(actions.correct, actor, row["tenant_id"], reason=reason, done=dialogs.closing("Corrected."))


@st.dialog("Start subscription", on_dismiss=dialogs.close)
def start(actor: Actor, row: dict[str, Any]) -> None:
    """For a tenant that has none, or whose was cancelled; needs `tenant_id` of the row alone."""
    plans = queries.plans(actor)
    with st.form("start_subscription", border=False):
        plan = st.selectbox("Plan", list(plans), key="start_plan", format_func=lambda one: plans.get(one, one))
        interval = st.segmented_control(
            "Paid", list(words.INTERVALS), default="monthly", key="start_interval", required=True,
            format_func=words.INTERVALS.__getitem__,
        )  # fmt: skip
        today = utc_now().date()
        ends = st.date_input(
            "Last day of a trial", None, min_value=today + timedelta(days=1), max_value=today + LONGEST_TRIAL, key="start_trial",
            format="YYYY-MM-DD", help="Empty: paid for from today.",
        )  # fmt: skip
        if st.form_submit_button("Start", type="primary", key="start_submit"):
            run_action(
                actions.start, actor, row["tenant_id"], plan_key=plan, interval=interval, trial_ends_on=ends,
                done=dialogs.closing("Started."),
            )  # fmt: skip


_DIALOGS = {
    "change": changing.change, "convert": changing.convert, "extend": _extend, "discount": _discount, "cancel": _cancel,
    "correct": _correct, "start": start,
}  # fmt: skip
