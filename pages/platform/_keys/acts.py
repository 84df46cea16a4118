"""What can be done with one key."""

from datetime import timedelta
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.platform.keys import actions, rules
from pages._parts.frame import run_action
from pages.platform._keys import form, issued
from pages.platform._keys.dialogs import dialogs

OVERLAPS = {0: "Not at all", 1: "1 hour", 24: "24 hours", 72: "3 days", 168: "7 days"}


def show(actor: Actor, key: dict[str, Any]) -> None:
    """The buttons that fit the key's state, and the dialog that one of them opened."""
    if key["status"] == "revoked":
        return
    with st.container(horizontal=True):
        for name, (label, icon) in _offered(actor, key).items():
            if st.button(label, key=name, icon=f":material/{icon}:"):
                dialogs.open_now(name, key["version"])
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, key)


def _offered(actor: Actor, key: dict[str, Any]) -> dict[str, tuple[str, str]]:
    offered = {}
    if actor.may("api_keys:update"):
        offered["edit"] = ("Edit", "edit")
        if key["status"] == "active":
            offered["rotate"] = ("Rotate", "autorenew")
    if actor.may("api_keys:delete"):
        offered["revoke"] = ("Revoke", "block")
    return offered


@st.dialog("Edit API key", width="medium", on_dismiss=dialogs.close)
def _edit(actor: Actor, key: dict[str, Any]) -> None:
    with st.form("edit_key", border=False):
        typed = form.values(actor, key, prefix="edit")
        if st.form_submit_button("Save", type="primary", key="edit_submit"):
            run_action(
                actions.update, actor, key["id"], version=dialogs.version(), **typed, done=dialogs.closing("Saved.")
            )


@st.dialog("Rotate API key", on_dismiss=dialogs.close)
def _rotate(actor: Actor, key: dict[str, Any]) -> None:
    st.write("A new secret is made. Give it to whoever calls with this key before the present one stops counting.")
    with st.form("rotate_key", border=False):
        hours = st.selectbox(
            "The present secret counts for", list(OVERLAPS), list(OVERLAPS).index(24), key="rotate_overlap",
            format_func=OVERLAPS.__getitem__,
        )  # fmt: skip
        if st.form_submit_button("Rotate", type="primary", key="rotate_submit"):
            run_action(_rotated, actor, key, timedelta(hours=hours), done=dialogs.closing("Rotated."))


def _rotated(actor: Actor, key: dict[str, Any], overlap: timedelta = rules.DEFAULT_OVERLAP) -> None:
    issued.keep(actions.rotate(actor, key["id"], overlap=overlap, version=dialogs.version()))


@st.dialog("Revoke API key", on_dismiss=dialogs.close)
def _revoke(actor: Actor, key: dict[str, Any]) -> None:
    st.text(f"{key['name']} is refused everywhere within 5 seconds. A revoked key never counts again.")
    with st.form("revoke_key", border=False):
        reason = st.text_area("Reason", key="revoke_reason", max_chars=500, placeholder="Found in a public repository")
        if st.form_submit_button("Revoke", type="primary", key="revoke_submit"):
            run_action(
                actions.revoke,
                actor,
                key["id"],
                reason=reason,
                version=dialogs.version(),
                done=dialogs.closing("Revoked."),
            )


_DIALOGS = {"edit": _edit, "rotate": _rotate, "revoke": _revoke}
