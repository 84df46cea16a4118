"""Infrastructure of one tenant's own: its records, whether they lie in its region, their checklists."""

from typing import Any

import streamlit as st

from core.customers.infrastructure import included, queries
from core.kernel.actor import Actor
from pages.customers._infrastructure import acts, detail, texts
from pages.customers._infrastructure.dialogs import dialogs


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """The newest record that is in use, or the one that is chosen of several."""
    found = queries.of_tenant(actor, tenant["id"])
    with st.container(horizontal=True, vertical_alignment="center"):
        _told(actor, tenant, found.empty)
    if dialogs.is_open("request"):
        acts.request(actor, tenant["id"])
    if found.empty:
        return
    rows = sorted(found.to_dict("records"), key=lambda row: row["status"] == "retired")
    chosen = _choice(rows) if len(rows) > 1 else rows[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(chosen["status"].capitalize(), color=texts.STATUS_COLOURS[chosen["status"]])
        if chosen["status"] != "retired":
            st.badge(texts.AGREEMENTS[chosen["agreement"]], color=texts.AGREEMENT_COLOURS[chosen["agreement"]])
    detail.body(actor, queries.one(actor, chosen["id"]))


def _told(actor: Actor, tenant: dict[str, Any], is_empty: bool) -> None:
    if is_empty:
        st.info(
            "The tenant has no infrastructure of its own; it is served from the shared one.", icon=":material/inbox:"
        )
    is_living = tenant["status"] not in ("deleted", "purged")
    if not is_living or not actor.may("infrastructure:create"):
        return
    if not included.is_included(actor, tenant["id"]):
        st.caption(f"Its plan does not include infrastructure of its own: see the setting {included.SETTING}.")
    elif st.button("Request", key="request", icon=":material/add:"):
        dialogs.open_now("request")


def _choice(rows: list[dict[Any, Any]]) -> dict[Any, Any]:
    """Of several records, such as during a move from one region to another."""
    labels = {str(row["id"]): f"{texts.place(row)} · {row['status']}" for row in rows}
    chosen = st.selectbox("Record", list(labels), key="tenant_record", format_func=labels.__getitem__)
    return next(row for row in rows if str(row["id"]) == chosen)
