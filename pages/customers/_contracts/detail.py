"""One contract: who, its terms, what can be done with it, and its parts, of which only the open one runs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.contracts import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row
from pages.customers._contracts import acts, papers, schedule, tasks, terms, words


def show(actor: Actor, key: str) -> None:
    """The contract with that id, or a sentence when there is none in sight."""
    if st.button("All contracts", key="back", icon=":material/arrow_back:", type="tertiary"):
        for parameter in ("contract", "part"):
            st.query_params.pop(parameter, None)
        st.rerun()
    try:
        contract = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This contract does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    _head(contract)
    _around(contract)
    acts.show(actor, contract)
    _facts(contract)
    part = st.segmented_control(
        "Part",
        list(PARTS),
        default="Terms",
        key="part",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    PARTS[part](actor, contract)


def _head(contract: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{words.number(contract)} {plain(contract['tenant'])}", anchor=False, width="content")
        st.badge(words.LABELS[contract["status"]], color=words.COLOURS[contract["status"]])
        if contract["days_left"] is not None and contract["days_left"] < queries.URGENT:
            st.badge(f"Renewal {words.left(contract['days_left'])}", color="orange", icon=":material/event_upcoming:")
        st.page_link(
            "customers/tenants.py", label="Open the tenant", icon=":material/apartment:",
            query_params={"tenant": str(contract["tenant_id"])},
        )  # fmt: skip
        for name, label in (("renews_id", "The contract before"), ("renewed_by_id", "The contract that follows")):
            if contract[name]:
                _other(contract[name], label, name)


def _other(contract_id: UUID, label: str, key: str) -> None:
    if st.button(label, key=key, icon=":material/contract:", type="tertiary"):
        open_row("contracts", "contract", contract_id)


def _around(contract: dict[str, Any]) -> None:
    """What must be known before anything else is read."""
    if contract["status"] == "terminated":
        verb = "is" if contract["is_in_force"] else "was"
        reason = plain(contract["termination_reason"])
        st.info(f"Its last day {verb} {contract['ended_on']}: {reason}", icon=":material/cancel:")
    if contract["is_changing"] and contract["versions"] > contract["version_number"]:
        st.info(
            f"Version {contract['versions']} is to come; shown is version {contract['version_number']}.",
            icon=":material/update:",
        )


def _facts(contract: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        st.metric(
            "Annual value", words.term("annual_value", contract["annual_value"], contract["currency"]), border=True
        )
        st.metric(
            "Term",
            f"{contract['starts_on']} to {contract['last_day']}",
            border=True,
            help=f"Days of {contract['time_zone']}.",
        )
        st.metric("Renewal", str(contract["renewal_on"]), border=True, help=f"Notice until {contract['notice_on']}.")
        st.metric("CSM", plain(contract["csm"]) if contract["csm"] else UNKNOWN, border=True)
        st.metric("Account executive", plain(contract["account_executive"]) or UNKNOWN, border=True)


def _tasks(actor: Actor, contract: dict[str, Any]) -> None:
    tasks.of_contract(actor, contract["id"])


PARTS: dict[str, Callable[[Actor, dict[str, Any]], None]] = {
    "Terms": terms.show, "Versions": terms.versions, "Invoices": schedule.show, "Tasks": _tasks, "Documents": papers.show,
}  # fmt: skip
