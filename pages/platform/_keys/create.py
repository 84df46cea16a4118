"""The form for a new key."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import as_id
from core.platform.keys import actions, format, queries
from pages._parts.frame import run_action
from pages.platform._keys import form as fields
from pages.platform._keys import issued
from pages.platform._keys.dialogs import dialogs

PLATFORM = "The whole platform"


@st.dialog("Create API key", width="medium", on_dismiss=dialogs.close, icon=":material/key:")
def form(actor: Actor) -> None:
    """Everything that a key is; the key itself is shown when it has been made."""
    with st.form("create_key", border=False):
        owner = _owner(actor)
        mode = st.segmented_control(
            "Mode", format.MODES, default="live", key="new_mode", required=True, format_func=str.capitalize,
            help="A test key only reads, whatever its scopes.",
        )  # fmt: skip
        typed = fields.values(actor, None, prefix="new")
        if st.form_submit_button("Create key", type="primary", key="new_submit"):
            run_action(_create, actor, owner, {"mode": mode, **typed}, done=dialogs.closing("Created."))


def _owner(actor: Actor) -> str:
    """The id of a tenant, or nothing for the platform. Who may not see tenants names one by its id."""
    if not actor.may("tenants:read"):
        return st.text_input("Tenant id", key="new_tenant", placeholder="Empty: the whole platform")
    found = queries.tenants(actor)
    labels = dict(zip(found["id"], found["name"] + " · " + found["domain"], strict=True))
    offered = ({"": PLATFORM} if actor.scope == "all" else {}) | labels
    chosen: str | None = st.selectbox(
        "Bound to", list(offered), index=0 if "" in offered else None, key="new_tenant", placeholder="Choose a tenant",
        format_func=lambda one: offered.get(one, one), help="A key of a tenant sees that tenant's data alone.",
    )  # fmt: skip
    return chosen or ""


def _create(actor: Actor, owner: str, typed: dict[str, Any]) -> None:
    tenant_id: UUID | None = as_id(owner) if owner.strip() else None
    if owner.strip() and tenant_id is None:
        raise Invalid("This is no id of a tenant. Copy it from the tenant's page.", {"tenant_id": "This is no id."})
    issued.keep(actions.create(actor, tenant_id=tenant_id, **typed))
