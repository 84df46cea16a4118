"""When the contract is invoiced, and what was."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.contracts import schedule
from core.kernel.actor import Actor
from pages._parts import exporting
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.customers._plans.words import money


def show(actor: Actor, contract: dict[str, Any]) -> None:
    """One row per period; a click opens its invoice."""
    found = schedule.schedule(actor, contract["id"])
    if found.empty:
        st.info("It never ran, so nothing is invoiced.", icon=":material/receipt_long:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_told(contract))
        exporting.button(
            actor, "contract schedule", lambda person: schedule.schedule(person, contract["id"]),
            filters={"contract": str(contract["id"])}, tenant_id=contract["tenant_id"], key="schedule_export",
        )  # fmt: skip
    if actor.may("invoices:read"):
        _balance(actor, contract)
    _table(found, contract["currency"])


def _told(contract: dict[str, Any]) -> str:
    if contract["status"] == "draft":
        return "So it would be invoiced: each period in advance, on its first day."
    return "Each period is invoiced in advance, on its first day in the contract's zone; issued credits are taken off."


def _balance(actor: Actor, contract: dict[str, Any]) -> None:
    balance = schedule.balance(actor, contract["id"])
    if not balance:
        return
    amount, is_over = money(abs(balance), contract["currency"]), contract["billed_until"] is None
    if is_over:
        wrong = "too much" if balance < 0 else "too little"
        said = f"{amount} {wrong} was invoiced by today's terms, and no invoice follows: settle it."
    else:
        said = f"The next invoice has {amount} {'less' if balance < 0 else 'more'}: periods before it cost something else now."
    st.info(said, icon=":material/balance:")


def _table(found: pd.DataFrame, currency: str) -> None:
    rows = found.to_dict("records")
    totals = [None if pd.isna(row["status"]) else money(row["total"], currency) for row in rows]
    shown = found.assign(
        fee=[money(row["fee"], currency) for row in rows],
        state=["Planned" if pd.isna(row["status"]) else str(row["status"]).capitalize() for row in rows],
        total=pd.Series(totals, index=found.index, dtype="string"),
    )
    event = st.dataframe(
        shown[["period_start", "last_day", "fee", "state", "number", "issued_on", "due_on", "total"]], hide_index=True,
        key=table_key("schedule"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(found) <= 15 else 560,
        column_config={
            "period_start": st.column_config.DateColumn("From", format="YYYY-MM-DD"),
            "last_day": st.column_config.DateColumn("To", format="YYYY-MM-DD"),
            "fee": st.column_config.TextColumn("Fee", alignment="right", help="By today's terms."), "state": "Invoice",
            "number": "Number", "issued_on": st.column_config.DateColumn("Issued", format="YYYY-MM-DD"),
            "due_on": st.column_config.DateColumn("Due", format="YYYY-MM-DD"),
            "total": st.column_config.TextColumn("Total", alignment="right", help="With adjustments and credits."),
        },
    )  # fmt: skip
    if event.selection.rows and not pd.isna(rows[event.selection.rows[0]]["invoice_id"]):
        st.session_state["schedule_opened"] = st.session_state.get("schedule_opened", 0) + 1
        st.switch_page("customers/invoices.py", query_params={"invoice": rows[event.selection.rows[0]]["invoice_id"]})
