"""Changing plan, interval or seats, and converting a trial: what it costs is shown before it is confirmed."""

from typing import Any

import streamlit as st

from core.customers.subscriptions import actions, queries
from core.customers.subscriptions.queries import Preview
from core.customers.tenants.rules import MAX_SEATS
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from pages._parts.frame import run_action
from pages.customers._plans import words
from pages.customers._subscription.dialogs import dialogs

WHENS = {"now": "Now", "period_end": "At the end of the period"}


@st.dialog("Change plan", width="medium", on_dismiss=dialogs.close, icon=":material/swap_horiz:")
def change(actor: Actor, row: dict[str, Any]) -> None:
    """Plan, interval, seats and when; the preview follows what is chosen."""
    chosen = _choice(actor, row, prefix="change")
    seats = st.number_input(
        "Seats",
        1,
        MAX_SEATS,
        None,
        key="change_seats",
        placeholder=f"{row['seats']:,} now; empty: what the plan brings",
    )
    when = _when(row, "change")
    wanted = chosen | {"seats": seats, "when": when}
    shown = _preview(actor, row, wanted)
    if shown and _submit(shown, row, "Change plan", "change_submit"):
        run_action(
            actions.change_plan, actor, row["tenant_id"], **wanted, version=dialogs.version(),
            expected_net=shown.change.net if when == "now" else None, done=dialogs.closing(_said(when)),
        )  # fmt: skip


@st.dialog("Convert the trial", width="medium", on_dismiss=dialogs.close, icon=":material/verified:")
def convert(actor: Actor, row: dict[str, Any]) -> None:
    """What is paid for from now, or from the trial's end."""
    chosen = _choice(actor, row, prefix="convert")
    when = _when(row, "convert", "When the trial ends")
    shown = _preview(actor, row, chosen | {"when": when}, converts=True)
    if shown and _submit(shown, row, "Convert", "convert_submit"):
        run_action(
            actions.convert, actor, row["tenant_id"], **chosen, when=when, version=dialogs.version(),
            expected_net=shown.change.net if when == "now" else None, done=dialogs.closing(_said(when)),
        )  # fmt: skip


def _choice(actor: Actor, row: dict[str, Any], *, prefix: str) -> dict[str, str]:
    plans = queries.plans(actor)
    keys = list(plans)
    plan = st.selectbox(
        "Plan", keys, keys.index(row["plan_key"]), key=f"{prefix}_plan", format_func=lambda one: plans.get(one, one)
    )
    interval = st.segmented_control(
        "Paid", list(words.INTERVALS), default=row["interval"], key=f"{prefix}_interval", required=True,
        format_func=words.INTERVALS.__getitem__,
    )  # fmt: skip
    return {"plan_key": plan, "interval": interval}


def _when(row: dict[str, Any], prefix: str, later: str = WHENS["period_end"]) -> str:
    labels = WHENS | {"period_end": f"{later} ({row['period_end']})"}
    when: str = st.segmented_control(
        "When", list(labels), default="now", key=f"{prefix}_when", required=True, format_func=labels.__getitem__
    )
    return when


def _preview(actor: Actor, row: dict[str, Any], wanted: dict[str, Any], *, converts: bool = False) -> Preview | None:
    try:
        shown = queries.preview(actor, row["tenant_id"], **wanted, converts=converts)
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")
        return None
    currency = row["currency"]
    with st.container(border=True):
        _money(shown, currency)
        before, after = words.money(shown.mrr_before, currency), words.money(shown.mrr_after, currency)
        st.markdown(f"Recurring revenue a month: {before} → **{after}**")
    return shown


def _money(shown: Preview, currency: str) -> None:
    """The lines of the invoice, to the cent, and what becomes of the sum."""
    lines = shown.lines
    if lines.empty:
        st.markdown(f"On {shown.on}, without an invoice.")
        return
    told = {"What": lines["description"].tolist(), "Amount": [words.money(one, currency) for one in lines["amount"]]}
    st.table(told, border="horizontal", hide_index=True)
    st.markdown(f"Due on {shown.on}: **{words.money(shown.change.due, currency)}**")
    if shown.change.credit_after:
        st.caption(f"{words.money(shown.change.credit_after, currency)} are kept as credit for the next invoices.")


def _submit(shown: Preview, row: dict[str, Any], label: str, key: str) -> bool:
    is_same = shown.change.before == shown.change.after and row["status"] != "trialing"
    return st.button(
        label, type="primary", key=key, disabled=is_same, help="Nothing is changed yet." if is_same else None
    )


def _said(when: str) -> str:
    return "Changed." if when == "now" else "Scheduled."
