"""What support looks at first: the tenant's tickets, what it was told, and what fails for it."""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.tenants import queries
from core.health.errors import queries as errors
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.tickets import queries as tickets
from core.support.tickets.rules import ACTIVE
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.support._queue import columns, way

DAYS, MOST = 7, 20
_COLUMNS = ("reference", "subject", "status", "priority", "left", "assignee", "created_at")


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Tickets that are not over, mails to its administrators, errors of the last days."""
    if actor.may("tickets:read"):
        _tickets(actor, tenant)
    _mails(actor, queries.notices(actor, tenant["id"]))
    if actor.may("errors:read"):
        _errors(actor, tenant)


def _tickets(actor: Actor, tenant: dict[str, Any]) -> None:
    st.subheader("Open tickets", anchor=False)
    filters = tickets.Filters(tenant_id=tenant["id"], statuses=ACTIVE)
    found = tickets.directory(actor, filters, sort="due first", limit=MOST).frame
    if found.empty:
        st.caption("No ticket of this tenant is open.")
    else:
        event = st.dataframe(
            columns.shown(found, _COLUMNS, utc_now()), column_config=columns.config(_COLUMNS, zone=str(zone(actor))),
            hide_index=True, key=table_key("tenant_tickets"), on_select="rerun", selection_mode="single-row",
            placeholder=UNKNOWN, height="content" if len(found) < 10 else 380,
        )  # fmt: skip
        if event.selection.rows:
            st.session_state["tenant_tickets_opened"] = st.session_state.get("tenant_tickets_opened", 0) + 1
            way.open_ticket(found["id"].iloc[event.selection.rows[0]])
    st.page_link(
        "support/queue.py", label="All tickets of this tenant", icon=":material/inbox:",
        query_params={"tenant": str(tenant["id"]), "show": "All"},
    )  # fmt: skip


def _mails(actor: Actor, sent: pd.DataFrame) -> None:
    st.subheader("Mails to its administrators", anchor=False)
    if sent.empty:
        st.caption("Its administrators got no mail from here.")
        return
    here = str(zone(actor))
    st.dataframe(
        sent, hide_index=True, key="notices",
        placeholder="", height="content" if len(sent) < 10 else 380,
        column_config={
            "subject": st.column_config.TextColumn("Subject", width="large"),
            "recipients": st.column_config.ListColumn("Recipients"), "outcome": "Outcome", "error": "Problem",
            "queued_at": st.column_config.DatetimeColumn("Queued", format="YYYY-MM-DD HH:mm", timezone=here),
            "finished_at": st.column_config.DatetimeColumn("Finished", format="YYYY-MM-DD HH:mm", timezone=here),
        },
    )  # fmt: skip


def _errors(actor: Actor, tenant: dict[str, Any]) -> None:
    st.subheader(f"Errors of {DAYS} days", anchor=False)
    now = utc_now()
    filters = errors.Filters(tenant_id=tenant["id"])
    found = errors.directory(actor, filters, now - timedelta(days=DAYS), now, sort="errors", limit=MOST).frame
    if found.empty:
        st.caption("No error hit this tenant.")
        return
    event = st.dataframe(
        found[["type", "message", "service", "route", "state", "assignee", "errors", "last_seen_at"]], hide_index=True,
        key=table_key("tenant_errors"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(found) < 10 else 380,
        column_config={
            "type": "Type", "message": st.column_config.TextColumn("Message", width="large"), "service": "Service",
            "route": "Route", "state": st.column_config.TextColumn("State", width=90), "assignee": "Looked at by",
            "errors": st.column_config.NumberColumn("Errors", width=70),
            "last_seen_at": st.column_config.DatetimeColumn(
                "Last seen", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor)), help="Of all tenants."
            ),
        },
    )  # fmt: skip
    if event.selection.rows:
        st.session_state["tenant_errors_opened"] = st.session_state.get("tenant_errors_opened", 0) + 1
        fingerprint = found["fingerprint"].iloc[event.selection.rows[0]]
        st.switch_page("health/errors.py", query_params={"fingerprint": fingerprint})
