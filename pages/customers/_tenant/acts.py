"""What can be done with one tenant in the state it is in."""

from typing import Any

import streamlit as st

from core.customers.tenants import actions, rules
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.customers._tenant import life, radius
from pages.customers._tenant.dialogs import dialogs

_BUTTONS = {
    "edit": ("Edit", "edit"), "suspend": ("Suspend", "pause"), "reactivate": ("Reactivate", "play_arrow"),
    "delete": ("Delete", "delete"), "restore": ("Restore", "restore_from_trash"),
}  # fmt: skip
_AT_ONCE = {"reactivate": (actions.reactivate, "Reactivated."), "restore": (actions.restore, "Restored.")}


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """What state it is in where that is out of the ordinary, the buttons that fit it, and the dialog that is open."""
    life.show(actor, tenant)
    with st.container(horizontal=True):
        for name in _offered(actor, tenant["status"]):
            label, icon = _BUTTONS[name]
            if st.button(label, key=name, icon=f":material/{icon}:"):
                _begin(actor, tenant, name)
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, tenant)


def _offered(actor: Actor, status: str) -> list[str]:
    """The acts that the status bears and the role has the right to."""
    rights = {"delete": "tenants:delete", "restore": "tenants:delete"}
    acts = {"edit": "update"}
    return [
        name for name in _BUTTONS
        if status in rules.ALLOWED[acts.get(name, name)] and actor.may(rights.get(name, "tenants:update"))
    ]  # fmt: skip


def _begin(actor: Actor, tenant: dict[str, Any], name: str) -> None:
    if name in _AT_ONCE:
        action, said = _AT_ONCE[name]
        run_action(action, actor, tenant["id"], version=tenant["version"], done=said)
    else:
        dialogs.open_now(name, tenant["version"])


@st.dialog("Edit tenant", on_dismiss=dialogs.close)
def _edit(actor: Actor, tenant: dict[str, Any]) -> None:
    with st.form("edit_tenant", border=False):
        name = st.text_input("Name", tenant["name"], key="edit_name", max_chars=rules.MAX_NAME)
        domain = st.text_input("Domain", rules.shown_domain(tenant["domain"]), key="edit_domain")
        region = st.selectbox("Region", rules.REGIONS, rules.REGIONS.index(tenant["region"]), key="edit_region")
        tags = st.multiselect(
            "Tags", tenant["tags"], tenant["tags"], key="edit_tags", accept_new_options=True, placeholder="Add a tag"
        )
        st.caption("Plan and seats are changed on the tab Subscription.")
        if st.form_submit_button("Save", type="primary", key="edit_submit"):
            values = {"name": name, "domain": domain, "region": region, "tags": tags}
            run_action(
                actions.update, actor, tenant["id"], version=dialogs.version(), **values, done=dialogs.closing("Saved.")
            )


@st.dialog("Suspend tenant", on_dismiss=dialogs.close)
def _suspend(actor: Actor, tenant: dict[str, Any]) -> None:
    st.write(
        f"**{plain(tenant['name'])}** loses access until it is reactivated: its campaigns pause, its API keys are refused,"
        " and its administrators get a mail with the reason."
    )
    radius.show(actor, tenant["id"])
    with st.form("suspend_tenant", border=False):
        reason = st.text_area("Reason", key="suspend_reason", max_chars=500, placeholder="Invoices unpaid since May")
        typed = st.text_input("Type its name", key="suspend_name", placeholder=tenant["name"], autocomplete="off")
        if st.form_submit_button("Suspend", type="primary", key="suspend_submit"):
            run_action(_confirmed, actor, actions.suspend, tenant, typed, reason, done=dialogs.closing("Suspended."))


@st.dialog("Delete tenant", on_dismiss=dialogs.close)
def _delete(actor: Actor, tenant: dict[str, Any]) -> None:
    st.write(
        f"**{plain(tenant['name'])}** goes out of use and its subscription is cancelled. It can be restored for"
        f" {rules.GRACE.days} days; then its data are removed for good."
    )
    radius.show(actor, tenant["id"])
    with st.form("delete_tenant", border=False):
        reason = st.text_area("Reason", key="delete_reason", max_chars=500, placeholder="Contract ended in May")
        typed = st.text_input("Type its name", key="delete_name", placeholder=tenant["name"], autocomplete="off")
        if st.form_submit_button("Delete", type="primary", key="delete_submit"):
            run_action(_confirmed, actor, actions.delete, tenant, typed, reason, done=dialogs.closing("Deleted."))


def _confirmed(actor: Actor, action: Any, tenant: dict[str, Any], typed: str, reason: str) -> None:
    if " ".join(typed.split()) != tenant["name"]:
        raise Invalid(f"Type the name {tenant['name']} to confirm.")
    action(actor, tenant["id"], reason=reason, version=dialogs.version())


_DIALOGS = {"edit": _edit, "suspend": _suspend, "delete": _delete}
