"""What support looks at first: what the tenant was told, and what fails for it. Tickets are not kept here yet."""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.tenants import queries
from core.health.errors import queries as errors
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key

DAYS, MOST = 7, 20


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Mails to its administrators, errors of the last days, and what is not kept here."""
    _mails(actor, queries.notices(actor, tenant["id"]))
    if actor.may("errors:read"):
        _errors(actor, tenant)
    st.caption(":material/info: Support tickets are not kept here yet.")


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
