"""The forms of a channel. Its URL is typed and never shown again."""

from typing import Any

import streamlit as st

from core.health.channels import actions
from core.health.channels.kinds import KINDS, MAIL, MAX_URL
from core.health.channels.rules import MAX_NAME
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages.health._alerts.dialogs import dialogs

CREATE, EDIT = "create_channel", "edit_channel"


@st.dialog("Create channel", width="medium", on_dismiss=dialogs.close)
def create(actor: Actor) -> None:
    """The form of a new channel; made, it is opened, so that it can be tested."""
    kind = st.selectbox("Kind", list(KINDS), format_func=lambda one: KINDS[one].title, key="channel_kind")
    with st.form("channel_form", border=False):
        name = st.text_input("Name", key="channel_name", max_chars=MAX_NAME, placeholder="On-call")
        typed = _addresses("channel_url") if kind == MAIL else _url("channel_url", kind)
        if st.form_submit_button("Create channel", type="primary", key="channel_submit"):
            run_action(_created, actor, name, typed, done=dialogs.closing("Created. Test it now."))


def _addresses(key: str) -> str:
    given = st.text_input(
        "Addresses", key=f"{key}_mail", max_chars=MAX_URL - 10, placeholder="ops@example.com, lead@example.com",
        help="The portal's own mail server sends to them.",
    )  # fmt: skip
    return f"{MAIL}://{given}"


def _url(key: str, kind: str) -> str:
    return st.text_input(
        "URL", key=f"{key}_{kind}", type="password", autocomplete="off", max_chars=MAX_URL, placeholder=KINDS[kind].form,
        help=f"As Apprise writes it: {KINDS[kind].form}. It is encrypted, and never shown again.",
    )  # fmt: skip


def _created(actor: Actor, name: str, url: str) -> Any:
    made = actions.create(actor, name=name, url=url)
    st.query_params["channel"] = str(made.id)
    return made


@st.dialog("Edit channel", width="medium", on_dismiss=dialogs.close)
def edit(actor: Actor, channel: dict[str, Any]) -> None:
    """The name, and another URL in place of the stored one."""
    with st.form("channel_edit", border=False):
        name = st.text_input("Name", channel["name"], key="channel_edit_name", max_chars=MAX_NAME)
        url = st.text_input(
            "New URL", key="channel_edit_url", type="password", autocomplete="off", max_chars=MAX_URL,
            placeholder="Leave empty to keep the stored one", help=f"Such as {KINDS[channel['kind']].form}",
        )  # fmt: skip
        if st.form_submit_button("Save", type="primary", key="channel_edit_submit"):
            values = {"name": name, "url": url or None, "version": dialogs.version()}
            run_action(actions.edit, actor, channel["id"], **values, done=dialogs.closing("Saved."))
