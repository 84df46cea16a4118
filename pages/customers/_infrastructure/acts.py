"""What can be done with a record, and the dialogs for it."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.infrastructure import actions, queries, rules
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import as_id
from pages._parts.frame import run_action
from pages.customers._infrastructure import form
from pages.customers._infrastructure.dialogs import dialogs

_LABELS = {
    "edit": ("Edit", "edit", "update"), "start": ("Start provisioning", "play_arrow", "start"),
    "make_ready": ("Make ready", "check_circle", "make_ready"), "retire": ("Retire", "archive", "retire"),
}  # fmt: skip


def show(actor: Actor, record: dict[str, Any]) -> None:
    """The buttons that fit the record's status, and the dialog that one of them opened."""
    if not actor.may("infrastructure:update"):
        return
    with st.container(horizontal=True):
        for name, (label, icon, act) in _LABELS.items():
            is_offered = record["status"] in rules.ALLOWED[act]
            if is_offered and st.button(label, key=name, icon=f":material/{icon}:"):
                _begin(actor, record, name)
    if dialogs.is_open("edit"):
        _edit(actor, record)
    if dialogs.is_open("retire"):
        _retire(actor, record)


def _begin(actor: Actor, record: dict[str, Any], name: str) -> None:
    if name == "start":
        run_action(actions.start, actor, record["id"], version=record["version"], done="Provisioning has begun.")
    elif name == "make_ready":
        run_action(actions.make_ready, actor, record["id"], version=record["version"], done="Ready.")
    else:
        dialogs.open_now(name, record["version"])


@st.dialog("Edit infrastructure", width="large", on_dismiss=dialogs.close)
def _edit(actor: Actor, record: dict[str, Any]) -> None:
    typed = form.values(record, prefix="edit")
    if st.button("Save", type="primary", key="edit_submit"):
        version = dialogs.version()
        run_action(actions.update, actor, record["id"], version=version, **typed, done=dialogs.closing("Saved."))


@st.dialog("Retire infrastructure", on_dismiss=dialogs.close)
def _retire(actor: Actor, record: dict[str, Any]) -> None:
    st.write(
        "It counts as gone: its checklist is closed and a violation of it is settled. The record stays. This is final."
    )
    with st.form("retire_record", border=False):
        reason = st.text_area(
            "Reason", key="retire_reason", max_chars=500, placeholder="Moved to Frankfurt; disks wiped"
        )
        if st.form_submit_button("Retire", type="primary", key="retire_submit"):
            version = dialogs.version()
            run_action(
                actions.retire, actor, record["id"], reason=reason, version=version, done=dialogs.closing("Retired.")
            )


@st.dialog("Request infrastructure", width="large", on_dismiss=dialogs.close, icon=":material/dns:")
def request(actor: Actor, tenant_id: UUID | None = None) -> None:
    """For one tenant, or for one that is chosen. A checklist comes with it."""
    chosen = str(tenant_id) if tenant_id else _tenant(actor)
    typed = form.values(None, prefix="new")
    if st.button("Request", type="primary", key="new_submit"):
        run_action(_create, actor, chosen, typed, done=dialogs.closing("Requested."))


def _tenant(actor: Actor) -> str:
    if not actor.may("tenants:read"):
        return st.text_input("Tenant id", key="new_tenant")
    found = queries.tenants(actor)
    labels = dict(zip(found["id"], found["name"] + " · " + found["domain"] + " · " + found["region"], strict=True))
    chosen: str | None = st.selectbox(
        "Tenant",
        list(labels),
        index=None,
        key="new_tenant",
        placeholder="Choose a tenant",
        format_func=lambda one: labels[one],
    )
    return chosen or ""


def _create(actor: Actor, tenant: str, typed: dict[str, Any]) -> None:
    tenant_id = as_id(tenant)
    if tenant_id is None:
        raise Invalid("Choose a tenant first.", {"tenant_id": "Choose a tenant first."})
    actions.create(actor, tenant_id, **typed)
