"""What the tenant has, pays and owes: plan, what is scheduled, the course of its revenue, invoices."""

from typing import Any

import streamlit as st

from core.customers.invoices import queries as invoices
from core.customers.subscriptions import queries
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages.customers._invoices import grid
from pages.customers._subscription import acts, course, facts
from pages.customers._subscription.dialogs import dialogs


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """The tab; needs subscriptions:read."""
    row = queries.one(actor, tenant["id"])
    if row is None:
        _none(actor, tenant)
        return
    facts.show(row)
    acts.show(actor, tenant, row)
    course.show(actor, tenant["id"])
    if actor.may("invoices:read"):
        _invoices(actor, tenant)


def _none(actor: Actor, tenant: dict[str, Any]) -> None:
    st.info("This tenant has no subscription, so no plan counts for it.", icon=":material/inbox:")
    may_start = actor.may("subscriptions:create")
    if may_start and st.button("Start subscription", key="subscription_start", icon=":material/play_arrow:"):
        dialogs.open_now("start")
    if dialogs.is_open("start"):
        acts.start(actor, {"tenant_id": tenant["id"]})


def _invoices(actor: Actor, tenant: dict[str, Any]) -> None:
    st.markdown("##### Invoices")
    found = invoices.of_tenant(actor, tenant["id"])
    if found.empty:
        st.caption("None so far.")
        return
    chosen = grid.show(found, str(zone(actor)), key="tenant_invoices", with_tenant=False)
    if chosen:
        st.switch_page("customers/invoices.py", query_params={"invoice": chosen})
    st.page_link(
        "customers/invoices.py", label="All invoices of this tenant", icon=":material/receipt_long:",
        query_params={"text": str(tenant["id"])},
    )  # fmt: skip
