"""One tenant: what it is, what can be done with it, what was done."""

from typing import Any, Literal
from uuid import UUID

import pandas as pd
import streamlit as st

from core.access.audit import queries as audit
from core.customers.tenants import actions, queries, rules
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts.frame import run_action

_COLOURS: dict[str, Literal["green", "blue", "orange", "gray"]] = {
    "active": "green", "trial": "blue", "suspended": "orange", "deleted": "gray",
}  # fmt: skip


def show(actor: Actor, key: str) -> None:
    """The tenant with that id, or a sentence when there is none in sight."""
    if st.button("All tenants", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["tenant"]
        st.rerun()
    try:
        tenant = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This tenant does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(tenant["name"], anchor=False)
        st.badge(tenant["status"].capitalize(), color=_COLOURS[tenant["status"]])
    if tenant["status"] == "suspended":
        st.warning(f"Suspended: {tenant['suspension_reason']}", icon=":material/pause_circle:")
    _facts(tenant)
    if actor.may("tenants:update"):
        _acts(actor, tenant)
    _notices(actor, tenant)
    if actor.may("audit:read"):
        _history(actor, tenant)


def _facts(tenant: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        st.metric("Plan", tenant["tier"].capitalize(), border=True)
        st.metric("Region", tenant["region"], border=True)
        st.metric("Seats", f"{tenant['seats']:,}", border=True)
        st.metric("Domain", tenant["domain"], border=True)


def _acts(actor: Actor, tenant: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        if st.button("Edit", key="edit", icon=":material/edit:", disabled=tenant["status"] == "deleted"):
            _edit(actor, tenant)
        if tenant["status"] in ("active", "trial") and st.button("Suspend", key="suspend", icon=":material/pause:"):
            _suspend(actor, tenant)
        if tenant["status"] == "suspended" and st.button("Reactivate", key="reactivate", icon=":material/play_arrow:"):
            run_action(actions.reactivate, actor, tenant["id"], version=tenant["version"], done="Reactivated.")


@st.dialog("Edit tenant")
def _edit(actor: Actor, tenant: dict[str, Any]) -> None:
    with st.form("edit_tenant", border=False):
        name = st.text_input("Name", tenant["name"], key="edit_name", max_chars=rules.MAX_NAME)
        domain = st.text_input("Domain", tenant["domain"], key="edit_domain")
        left, right = st.columns(2)
        tier = left.selectbox(
            "Plan", rules.TIERS, rules.TIERS.index(tenant["tier"]), key="edit_tier", format_func=str.capitalize
        )
        region = right.selectbox("Region", rules.REGIONS, rules.REGIONS.index(tenant["region"]), key="edit_region")
        seats = st.number_input("Seats", 1, rules.MAX_SEATS, tenant["seats"], 1, key="edit_seats")
        if st.form_submit_button("Save", type="primary", key="edit_submit"):
            values = {"name": name, "domain": domain, "tier": tier, "region": region, "seats": seats}
            run_action(actions.update, actor, tenant["id"], version=tenant["version"], **values, done="Saved.")


@st.dialog("Suspend tenant")
def _suspend(actor: Actor, tenant: dict[str, Any]) -> None:
    st.write(
        f"**{tenant['name']}** loses access until it is reactivated. Its administrators get a mail with the reason."
    )
    with st.form("suspend_tenant", border=False):
        reason = st.text_area("Reason", key="suspend_reason", max_chars=500, placeholder="Invoices unpaid since May")
        if st.form_submit_button("Suspend", type="primary", key="suspend_submit"):
            run_action(
                actions.suspend, actor, tenant["id"], reason=reason, version=tenant["version"], done="Suspended."
            )


def _notices(actor: Actor, tenant: dict[str, Any]) -> None:
    notices = queries.notices(actor, tenant["id"])
    if notices.empty:
        return
    st.subheader("Mails to its administrators", anchor=False)
    st.dataframe(
        notices,
        hide_index=True,
        key="notices",
        column_config={
            "subject": "Subject",
            "recipients": st.column_config.ListColumn("Recipients"),
            "outcome": "Outcome",
            "error": "Problem",
            "queued_at": st.column_config.DatetimeColumn("Queued", format="distance"),
            "finished_at": st.column_config.DatetimeColumn("Finished", format="distance"),
        },
    )


def _history(actor: Actor, tenant: dict[str, Any]) -> None:
    st.subheader("History", anchor=False)
    entries = audit.entries(actor, audit.Filters(tenant_id=tenant["id"]), limit=20).frame
    if entries.empty:
        st.caption("Nothing was done with this tenant since the trail began.")
        return
    told = entries[["occurred_at", "action", "actor_name", "reason"]].assign(changed=_changed(entries))
    st.dataframe(
        told,
        hide_index=True,
        key="history",
        column_config={
            "occurred_at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm"),
            "action": "Action",
            "actor_name": "Who",
            "reason": "Why",
            "changed": st.column_config.TextColumn("Changed", width="large"),
        },
    )


def _changed(entries: pd.DataFrame) -> list[str]:
    return [
        ", ".join(
            f"{name}: {before} → {after}"
            for change in changes
            for name, (before, after) in change.get("columns", {}).items()
            if change.get("operation") == "update"
        )
        for changes in entries["changes"]
    ]
