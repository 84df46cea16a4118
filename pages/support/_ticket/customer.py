"""The customer behind a ticket: plan, health, contract, and the last tickets."""

from typing import Any

import streamlit as st

from core.customers.subscriptions import queries as subscriptions
from core.customers.summaries import queries as summaries
from core.customers.tenants import queries as tenants
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from core.support.tickets import queries
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.support._queue import columns, way

LAST = 10
_SHOWN = ("reference", "subject", "status", "priority", "created_at")


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """Who the tenant is and how it does; then what it, or this requester, asked before."""
    if ticket["tenant_id"] is None:
        st.info("Nobody knows of which tenant this ticket is. Choose one under Edit.", icon=":material/help:")
    elif actor.may("tenants:read"):
        _tenant(actor, ticket)
    else:
        st.caption("Your role does not see tenants.")
    _before(actor, ticket)


def _tenant(actor: Actor, ticket: dict[str, Any]) -> None:
    try:
        tenant = tenants.one(actor, ticket["tenant_id"])
    except NotFound:
        st.caption("The tenant is not among those you may see.")
        return
    now = summaries.one(actor, ticket["tenant_id"])
    with st.container(horizontal=True):
        st.metric("Plan", tenant["tier"].capitalize(), border=True)
        st.metric("Status", tenant["status"].capitalize(), border=True)
        st.metric(
            "Health", now["health"].capitalize(), border=True, help=plain(now["health_reason"] or "Not counted yet.")
        )
        st.metric("Errors of 24 h", UNKNOWN if now["errors_24h"] is None else f"{now['errors_24h']:,}", border=True)
    if actor.may("subscriptions:read"):
        _contract(actor, ticket)


def _contract(actor: Actor, ticket: dict[str, Any]) -> None:
    known = subscriptions.one(actor, ticket["tenant_id"])
    if known is None:
        st.caption("It has no subscription.")
        return
    ends = known["period_end"]
    st.markdown(f":gray[Contract]  \n{plain(known['plan'])}, {plain(known['status'])}, period until {ends:%d %b %Y}")


def _before(actor: Actor, ticket: dict[str, Any]) -> None:
    """The last tickets of the tenant, or of the requester where there is no tenant."""
    st.subheader("Last tickets", anchor=False)
    if ticket["tenant_id"] is None and ticket["requester_id"] is None:
        st.caption("Unknown: neither tenant nor account is known.")
        return
    of = queries.Filters(
        tenant_id=ticket["tenant_id"], requester_id=None if ticket["tenant_id"] else ticket["requester_id"]
    )
    found = queries.directory(actor, of, sort="newest", limit=LAST + 1).frame
    found = found[found["id"] != str(ticket["id"])].head(LAST)
    if found.empty:
        st.caption("This is the first one.")
        return
    event = st.dataframe(
        columns.shown(found, _SHOWN, utc_now()), hide_index=True, key=table_key("last_tickets"), on_select="rerun",
        selection_mode="single-row", column_config=columns.config(_SHOWN, zone=str(zone(actor))), placeholder=UNKNOWN,
    )  # fmt: skip
    if event.selection.rows:
        st.session_state["last_tickets_opened"] = st.session_state.get("last_tickets_opened", 0) + 1
        way.open_ticket(found["id"].iloc[event.selection.rows[0]])
