"""The form of a new endpoint."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.platform.webhooks import actions
from core.platform.webhooks.actions import Made
from pages._parts.frame import run_action
from pages.platform._webhooks import form, owners, secrets
from pages.platform._webhooks.dialogs import dialogs

NAME = "create"
SIGNINGS = {"v1": "v1: shared secret (HMAC-SHA256)", "v1a": "v1a: key pair (Ed25519)"}


def button() -> None:
    """The button that opens the form."""
    if st.button("Create webhook", key="create", type="primary", icon=":material/add:"):
        dialogs.open_now(NAME)


def show(actor: Actor) -> None:
    """The form, while it is open."""
    if dialogs.is_open(NAME):
        _form(actor)


@st.dialog("Create webhook", width="medium", on_dismiss=dialogs.close)
def _form(actor: Actor) -> None:
    for_tenant, tenant_id = owners.ask(actor)
    with st.form("create_webhook", border=False):
        typed = form.main(form.FRESH, for_tenant=for_tenant, key="new")
        with st.expander("Signature and sending", icon=":material/tune:"):
            signing = st.radio("Signature", list(SIGNINGS), format_func=SIGNINGS.__getitem__, key="new_signing")
            secret = st.text_input(
                "Own secret", key="new_secret", type="password", autocomplete="off", placeholder="Leave empty to have one made",
                help="whsec_ and 24 to 64 bytes in base64; for v1a whsk_ and 32 bytes.",
            )  # fmt: skip
            typed |= form.advanced(form.FRESH, key="new")
        if st.form_submit_button("Create webhook", type="primary", key="new_submit"):
            typed |= {"signing": signing, "secret": secret, "for_tenant": for_tenant, "tenant_id": tenant_id}
            run_action(_create, actor, typed, done=dialogs.closing("Created."))


def _create(actor: Actor, typed: dict[str, Any]) -> Made:
    if typed.pop("for_tenant") and typed["tenant_id"] is None:
        raise Invalid("Choose the tenant that the webhook belongs to.")
    tenant_id: UUID | None = typed.pop("tenant_id")
    made = actions.create(actor, tenant_id=tenant_id, **form.values(typed))
    secrets.keep(made)
    st.query_params["webhook"] = str(made.webhook.id)
    return made
