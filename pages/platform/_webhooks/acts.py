"""What can be done with one endpoint."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.platform.webhooks import actions
from pages._parts.frame import run_action
from pages.platform._webhooks import create, form, replay, secrets, tester, texts
from pages.platform._webhooks.dialogs import dialogs


def show(actor: Actor, webhook: dict[str, Any]) -> None:
    """The buttons that fit state and rights, and the dialog that one of them opened."""
    with st.container(horizontal=True):
        if actor.may("webhooks:update"):
            _buttons(webhook)
        if actor.may("webhooks:delete") and st.button("Delete", key="delete", icon=":material/delete:"):
            dialogs.open_now("delete")
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, webhook)


def _buttons(webhook: dict[str, Any]) -> None:
    offered = {"edit": ("Edit", "edit"), "test": ("Test", "network_check"), "replay": ("Replay", "replay"),
               "rotate": ("Rotate secret", "autorenew"), secrets.REVEAL: ("Reveal secret", "visibility")}  # fmt: skip
    if webhook["state"] != "disabled":
        offered["disable"] = ("Disable", "block")
    for name, (label, icon) in offered.items():
        if st.button(label, key=name, icon=f":material/{icon}:"):
            dialogs.open_now(name)


@st.dialog("Edit webhook", width="medium", on_dismiss=dialogs.close)
def _edit(actor: Actor, webhook: dict[str, Any]) -> None:
    with st.form("edit_webhook", border=False):
        typed = form.main(webhook, for_tenant=webhook["tenant_id"] is not None, key="edit")
        with st.expander("Sending", icon=":material/tune:"):
            typed |= form.advanced(webhook, key="edit")
        if st.form_submit_button("Save", type="primary", key="edit_submit"):
            run_action(_save, actor, webhook, typed, done=dialogs.closing("Saved."))


def _save(actor: Actor, webhook: dict[str, Any], typed: dict[str, Any]) -> None:
    actions.edit(actor, webhook["id"], version=webhook["version"], **form.values(typed))


@st.dialog("Test webhook", width="large", on_dismiss=dialogs.close)
def _test(actor: Actor, webhook: dict[str, Any]) -> None:
    tester.bench(actor, webhook)


@st.dialog("Rotate secret", width="medium", on_dismiss=dialogs.close)
def _rotate(actor: Actor, webhook: dict[str, Any]) -> None:
    st.write("Messages are signed with the new secret and, for 24 hours, with the present one too.")
    with st.form("rotate_secret", border=False):
        signing = st.radio(
            "Signature", list(create.SIGNINGS), list(create.SIGNINGS).index(webhook["signing"]),
            format_func=create.SIGNINGS.__getitem__, key="rotate_signing",
        )  # fmt: skip
        secret = st.text_input(
            "Own secret",
            key="rotate_secret_own",
            type="password",
            autocomplete="off",
            placeholder="Leave empty to have one made",
        )
        if st.form_submit_button("Rotate secret", type="primary", key="rotate_submit"):
            run_action(_rotated, actor, webhook, signing, secret, done=dialogs.closing("Rotated."))


def _rotated(actor: Actor, webhook: dict[str, Any], signing: str, secret: str) -> None:
    secrets.keep(actions.rotate(actor, webhook["id"], signing=signing, secret=secret))


def _reveal(actor: Actor, webhook: dict[str, Any]) -> None:
    secrets.reveal(actor, webhook["id"])


@st.dialog("Disable webhook", on_dismiss=dialogs.close)
def _disable(actor: Actor, webhook: dict[str, Any]) -> None:
    st.write("It is sent nothing more. What waits stays; what happens until it is enabled again is not kept for it.")
    with st.form("disable_webhook", border=False):
        reason = st.text_area("Reason", key="disable_reason", max_chars=500, placeholder="The receiver moves house")
        if st.form_submit_button("Disable", type="primary", key="disable_submit"):
            run_action(actions.disable, actor, webhook["id"], reason=reason, done=dialogs.closing("Disabled."))


@st.dialog("Delete webhook", on_dismiss=dialogs.close)
def _delete(actor: Actor, webhook: dict[str, Any]) -> None:
    st.write(
        f"**{texts.plain(webhook['name'])}** and what waits for it are gone for good; its attempts stay in the log."
    )
    with st.form("delete_webhook", border=False):
        typed = st.text_input("Type its name", key="delete_name", placeholder=webhook["name"], autocomplete="off")
        reason = st.text_area("Reason", key="delete_reason", max_chars=500, placeholder="The customer has left")
        if st.form_submit_button("Delete", type="primary", key="delete_submit"):
            run_action(_deleted, actor, webhook, typed, reason, done=dialogs.closing("Deleted."))


def _deleted(actor: Actor, webhook: dict[str, Any], typed: str, reason: str) -> None:
    if " ".join(typed.split()) != webhook["name"]:
        raise Invalid(f"Type the name {webhook['name']} to confirm.")
    actions.delete(actor, webhook["id"], reason=reason, version=webhook["version"])
    del st.query_params["webhook"]


_DIALOGS = {
    "edit": _edit, "test": _test, "replay": replay.dialog, "rotate": _rotate, secrets.REVEAL: _reveal,
    "disable": _disable, "delete": _delete,
}  # fmt: skip
