"""What can be done with one tenant."""

from typing import Any

import streamlit as st

from core.customers.tenants import actions, rules
from core.kernel.actor import Actor
from pages._parts.frame import run_action


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """The buttons that fit the tenant's state."""
    with st.container(horizontal=True):
        if st.button("Edit", key="edit", icon=":material/edit:", disabled=tenant["status"] == "deleted"):
            _edit(actor, tenant)
        if tenant["status"] in ("active", "trial") and st.button("Suspend", key="suspend", icon=":material/pause:"):
            _suspend(actor, tenant)
        if tenant["status"] == "suspended" and st.button("Reactivate", key="reactivate", icon=":material/play_arrow:"):
            run_action(actions.reactivate, actor, tenant["id"], version=tenant["version"], done="Reactivated.")
        if actor.may("tenants:delete"):
            _take_out(actor, tenant)


def _take_out(actor: Actor, tenant: dict[str, Any]) -> None:
    if tenant["status"] != "deleted":
        if st.button("Delete", key="delete", icon=":material/delete:"):
            _delete(actor, tenant)
    elif st.button("Restore", key="restore", icon=":material/restore_from_trash:"):
        run_action(actions.restore, actor, tenant["id"], version=tenant["version"], done="Restored.")


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


@st.dialog("Delete tenant")
def _delete(actor: Actor, tenant: dict[str, Any]) -> None:
    st.write(f"**{tenant['name']}** goes out of use and out of the lists. Its data stay, and it can be restored.")
    with st.form("delete_tenant", border=False):
        reason = st.text_area("Reason", key="delete_reason", max_chars=500, placeholder="Contract ended in May")
        typed = st.text_input(f"Type {tenant['domain']} to confirm", key="delete_domain")
        if st.form_submit_button("Delete", type="primary", key="delete_submit"):
            if typed.strip().lower() != tenant["domain"]:
                st.error(f"Type {tenant['domain']} as it stands.", icon=":material/error:")
            else:
                run_action(
                    actions.delete, actor, tenant["id"], reason=reason, version=tenant["version"], done="Deleted."
                )
