"""One credit: what it came to, how, the rows behind it, and what can be done with it."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from core.reliability.sla import credit_queries as queries
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.customers._plans.words import money
from pages.reliability._credits import proof, single, words


def show(actor: Actor, credit_id: str) -> None:
    """The credit with that id, or a sentence when there is none in sight."""
    if st.button("All credits", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["credit"]
        st.rerun()
    try:
        credit = queries.one(actor, UUID(credit_id))
    except (ValueError, NotFound):
        st.warning("This credit does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    _head(credit)
    _figures(credit)
    single.show(actor, credit)
    with st.container(border=True):
        st.markdown(f"**How it came to be.** {plain(credit['formula'])}")
        _facts(actor, credit)
    proof.show(actor, credit)
    _siblings(actor, credit)


def _head(credit: dict[str, Any]) -> None:
    label, colour = words.STATUSES[credit["status"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{words.name(credit)} · {words.month(credit['month'])}", anchor=False, width="content")
        st.badge(label, color=colour)
        st.page_link(
            "customers/tenants.py", label=plain(credit["tenant"]), icon=":material/apartment:",
            query_params={"tenant": str(credit["tenant_id"])},
        )  # fmt: skip
        st.page_link(
            "reliability/sla_report.py", label="Report", icon=":material/summarize:",
            query_params={"contract": str(credit["contract_id"]), "month": f"{credit['month']:%Y-%m}"},
        )  # fmt: skip


def _figures(credit: dict[str, Any]) -> None:
    currency = credit["currency"]
    with st.container(horizontal=True):
        st.metric("Amount", money(credit["amount"], currency), border=True)
        st.metric("Uptime", words.uptime(credit["uptime"]), border=True, help="Of the month, rounded down.")
        st.metric("Tier", words.percent(credit["percent"]), border=True, help="Of the month's fee.")
        st.metric("Fee of the month", money(credit["fee"], currency), border=True)
        st.metric("At most", money(credit["cap_amount"], currency), border=True, help="The contract's cap.")


def _facts(actor: Actor, credit: dict[str, Any]) -> None:
    said = [f"Computed {_when(actor, credit['computed_at'])} by {_by(credit)}"]
    if credit["approved_at"]:
        said.append(f"approved {_when(actor, credit['approved_at'])} by {credit['approved_by_name']}")
    if credit["issued_at"]:
        said.append(f"issued {_when(actor, credit['issued_at'])} by {credit['issued_by_name']}")
    if credit["invoice_id"]:
        said.append(f"taken off by invoice {credit['invoice'] or UNKNOWN}")
    if credit["void_reason"]:
        said.append(f"void: {credit['void_reason']}")
    st.caption(plain(", ".join(said) + "."))


def _by(credit: dict[str, Any]) -> str:
    return str(credit["computed_by_name"]) if credit["computed_by"] else "the clock"


def _when(actor: Actor, moment: Any) -> str:
    return clock(moment, zone(actor), now=utc_now())


def _siblings(actor: Actor, credit: dict[str, Any]) -> None:
    """The month's credit and its adjustments, where there are several."""
    found = queries.of_month(actor, credit["contract_id"], credit["month"])
    if len(found) < 2:
        return
    st.subheader("All of this month", anchor=False)
    for row in found:
        label = f"{words.name(row)}: {money(row['amount'], row['currency'])}, {words.status(row['status']).lower()}"
        if row["id"] == credit["id"]:
            st.markdown(f"**{plain(label)}**")
        elif st.button(plain(label), key=f"sibling_{row['sequence']}", type="tertiary", icon=":material/open_in_new:"):
            st.query_params["credit"] = str(row["id"])
            st.rerun()
