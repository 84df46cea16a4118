"""The contract that the address names, by its id or its tenant's."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import as_id
from core.reliability.sla import customer
from core.reliability.sla.customer import Measured
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages.reliability._sla import words
from pages.reliability._sla_customer import budget, cards, months, timeline


def show(actor: Actor) -> None:
    """The head, then the parts; the way back when there is nothing to show."""
    st.page_link("reliability/sla.py", label="All customers", icon=":material/arrow_back:")
    contract_id = as_id(st.query_params.get("contract", ""))
    tenant_id = as_id(st.query_params.get("tenant", ""))
    if contract_id is None and tenant_id is None:
        st.info("Choose a customer in the list.", icon=":material/verified:")
        return
    known = customer.contracts(actor, contract_id=contract_id, tenant_id=tenant_id)
    if not known:
        st.warning(
            "Nothing was measured for this customer, or it is not among those you may see.",
            icon=":material/search_off:",
        )
        return
    _contract(actor, _choose(actor, known, contract_id or known[0].contract_id))


def _choose(actor: Actor, known: list[Measured], contract_id: UUID) -> UUID:
    """One contract follows another; a customer that has several chooses."""
    if len(known) == 1:
        return known[0].contract_id
    where = zone(actor)
    labels = {
        one.contract_id: f"{one.first.astimezone(where):%b %Y} to {one.last.astimezone(where):%b %Y}" for one in known
    }
    place = next((at for at, one in enumerate(known) if one.contract_id == contract_id), 0)
    chosen = st.selectbox(
        "Contract measured",
        list(labels),
        place,
        key=f"contract_{contract_id}",
        format_func=labels.__getitem__,
        width=280,
    )
    st.query_params["contract"] = str(chosen)
    return chosen


def _contract(actor: Actor, contract_id: UUID) -> None:
    try:
        row = customer.one(actor, contract_id)
    except NotFound as error:
        st.info(str(error), icon=":material/inventory_2:")
        months.show(actor, contract_id)
        return
    _head(actor, row)
    cards.show(actor, row)
    budget.show(actor, row)
    timeline.show(actor, row)
    months.show(actor, contract_id)


def _head(actor: Actor, row: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(words.name(row)), anchor=False, width="content")
        title, colour = words.STATES[row["state"]]
        st.badge(title, color=colour)
        if not row["is_current"]:
            st.badge("Ended", color="gray")
        if actor.may("tenants:read") and words.is_known(row["tenant"]):
            st.page_link(
                "customers/tenants.py", label="Open the tenant", icon=":material/apartment:",
                query_params={"tenant": str(row["tenant_id"])},
            )  # fmt: skip
