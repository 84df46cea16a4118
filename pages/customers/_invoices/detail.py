"""One invoice: what it says, its lines, and what can be done with it."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.invoices import actions, document, queries, rules
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts.downloading import deferred
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.customers._invoices.dialogs import dialogs
from pages.customers._plans import words

_ACTS = {
    "issue": ("Issue", "send"), "pay": ("Mark as paid", "payments"), "write_off": ("Write off", "money_off"),
    "void": ("Void", "block"),
}  # fmt: skip
_COLOURS: dict[str, Any] = {"paid": "green", "open": "blue", "uncollectible": "red"}


def show(actor: Actor, invoice_id: str) -> None:
    """The invoice with that id, or a sentence when there is none in sight."""
    if st.button("All invoices", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["invoice"]
        st.rerun()
    try:
        invoice = queries.one(actor, UUID(invoice_id))
    except (ValueError, NotFound):
        st.warning("This invoice does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Invoice {plain(invoice['number'] or 'without a number')}", anchor=False, width="content")
        st.badge(invoice["status"].capitalize(), color=_COLOURS.get(invoice["status"], "gray"))
        if invoice["is_overdue"]:
            st.badge("Overdue", color="orange", icon=":material/schedule:")
        st.page_link(
            "customers/tenants.py", label=plain(invoice["tenant"]), icon=":material/apartment:",
            query_params={"tenant": str(invoice["tenant_id"]), "tab": "subscription"},
        )  # fmt: skip
        _papers(actor, invoice)
    _facts(actor, invoice)
    _lines(invoice)
    _acts(actor, invoice)


def _papers(actor: Actor, invoice: dict[str, Any]) -> None:
    """Its PDF, and the contract that it came from."""
    if invoice["contract_id"] and actor.may("contracts:read"):
        st.page_link(
            "customers/contracts.py", label="Open the contract", icon=":material/contract:",
            query_params={"contract": str(invoice["contract_id"])},
        )  # fmt: skip
    st.download_button(
        "Download PDF", deferred(actor, lambda present: document.take(present, invoice["id"])[1]),
        f"{invoice['number'] or 'draft'}.pdf", "application/pdf", key="invoice_pdf", icon=":material/picture_as_pdf:",
        on_click="ignore", help="The audit keeps who took it.",
    )  # fmt: skip


def _facts(actor: Actor, invoice: dict[str, Any]) -> None:
    paid = clock(invoice["paid_at"], zone(actor), now=utc_now()) if invoice["paid_at"] else UNKNOWN
    period = words.period(invoice["period_start"], invoice["period_end"]) or UNKNOWN
    facts = {
        "Issued": str(invoice["issued_on"]), "Due": str(invoice["due_on"]), "Paid": paid, "Period": period,
        "External id": invoice["external_id"] or UNKNOWN, "Source": invoice["source"].capitalize(),
    }  # fmt: skip
    told = {"What": list(facts), "Value": [plain(value) for value in facts.values()]}
    st.table(told, border="horizontal", hide_index=True, hide_header=True)


def _lines(invoice: dict[str, Any]) -> None:
    currency = invoice["currency"]
    rows = [_line(line, currency) for line in invoice["lines"]]
    sums = {"Subtotal": invoice["subtotal"], "Tax": invoice["tax"], "Total": invoice["total"]}
    rows += [(label, "", "", words.money(amount, currency)) for label, amount in sums.items()]
    told = pd.DataFrame(rows, columns=["What", "Quantity", "Unit price", "Amount"])
    st.dataframe(
        told, hide_index=True, key="invoice_lines", height="content",
        column_config={name: st.column_config.TextColumn(alignment="right") for name in ("Quantity", "Unit price", "Amount")},
    )  # fmt: skip


def _line(line: dict[str, Any], currency: str) -> tuple[str, str, str, str]:
    quantity, price = f"{line['quantity'].normalize():f}", f"{line['unit_price']:,.2f}"
    return line["description"], quantity, price, words.money(line["amount"], currency)


def _acts(actor: Actor, invoice: dict[str, Any]) -> None:
    if not actor.may("invoices:update"):
        return
    offered = [name for name in _ACTS if invoice["status"] in rules.ALLOWED[name]]
    with st.container(horizontal=True):
        clicked = [name for name in offered if st.button(_ACTS[name][0], key=name, icon=f":material/{_ACTS[name][1]}:")]
    if clicked == ["issue"]:
        run_action(actions.issue, actor, invoice["id"], version=invoice["version"], done="Issued.")
    elif clicked:
        dialogs.open_now(clicked[0], invoice["version"])
    for name, dialog in {"pay": _pay, "write_off": _write_off, "void": _void}.items():
        if dialogs.is_open(name):
            dialog(actor, invoice)


@st.dialog("Mark as paid", on_dismiss=dialogs.close)
def _pay(actor: Actor, invoice: dict[str, Any]) -> None:
    st.write(f"{words.money(invoice['total'], invoice['currency'])} of {plain(invoice['tenant'])}.")
    with st.form("pay_invoice", border=False):
        day = st.date_input("Paid on", "today", min_value=invoice["issued_on"], max_value="today", key="pay_on")
        if st.form_submit_button("Mark as paid", type="primary", key="pay_submit"):
            moment = min(datetime.combine(day, time(12), UTC), utc_now())
            run_action(
                actions.mark_paid, actor, invoice["id"], paid_at=moment, version=dialogs.version(),
                done=dialogs.closing("Marked as paid."),
            )  # fmt: skip


@st.dialog("Write off", on_dismiss=dialogs.close)
def _write_off(actor: Actor, invoice: dict[str, Any]) -> None:
    st.write("Nobody is reminded any more, and it counts as lost. It can still be marked as paid later.")
    _with_reason(actor, invoice, "write_off", actions.write_off, "Write off", "Written off.")


@st.dialog("Void", on_dismiss=dialogs.close)
def _void(actor: Actor, invoice: dict[str, Any]) -> None:
    st.write("The invoice was wrong and is taken back for good. Its number stays taken.")
    _with_reason(actor, invoice, "void", actions.void, "Void", "Voided.")


def _with_reason(actor: Actor, invoice: dict[str, Any], name: str, action: Any, label: str, done: str) -> None:
    with st.form(f"{name}_invoice", border=False):
        reason = st.text_area("Reason", key=f"{name}_reason", max_chars=500, placeholder="Sent to the wrong tenant")
        if st.form_submit_button(label, type="primary", key=f"{name}_submit"):
            run_action(
                action, actor, invoice["id"], reason=reason, version=dialogs.version(), done=dialogs.closing(done)
            )
