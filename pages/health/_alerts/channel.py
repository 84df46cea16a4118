"""One channel: how it does, its test button, and what was sent to it."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.health.channels import actions, queries, testing
from core.health.channels.kinds import title_of
from core.health.channels.sending import Sent
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import clock, milliseconds
from pages.health._alerts import channel_form, sent_log, words
from pages.health._alerts.dialogs import dialogs

_TESTED = "alerts_tested"


def show(actor: Actor, key: str) -> None:
    """The channel with that id, or a sentence when there is none."""
    if st.button("All channels", key="back_to_channels", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("channel", None)
        st.rerun()
    try:
        channel = queries.one_channel(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This channel does not exist. Go back to the list.", icon=":material/search_off:")
        return
    _head(channel)
    _acts(actor, channel)
    _tested(channel["id"])
    _last(actor, channel)
    st.subheader("Delivery log", anchor=False)
    sent_log.show(actor, channel["id"])


def _head(channel: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(channel["name"]), anchor=False, width="content")
        st.badge("Enabled" if channel["is_enabled"] else "Disabled", color="green" if channel["is_enabled"] else "gray")
    reaches = f" · {plain(channel['target'])}" if channel["target"] else ""
    st.caption(f"{title_of(channel['kind'])}{reaches} · the URL is stored encrypted and not shown")


def _acts(actor: Actor, channel: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        if actor.may("alert_channels:update"):
            _buttons(actor, channel)
        if actor.may("alert_channels:delete") and st.button("Delete", key="delete_channel", icon=":material/delete:"):
            dialogs.open_now("delete_channel", channel["version"])
    offered = {channel_form.EDIT: channel_form.edit, "disable_channel": _disable, "delete_channel": _delete}
    for name, dialog in offered.items():
        if dialogs.is_open(name):
            dialog(actor, channel)


def _buttons(actor: Actor, channel: dict[str, Any]) -> None:
    if st.button("Test", key="test_channel", icon=":material/send:", type="primary"):
        with st.spinner("Sending a test message"):
            run_action(_test, actor, channel["id"], done="Tested.")
    if st.button("Edit", key="edit_channel", icon=":material/edit:"):
        dialogs.open_now(channel_form.EDIT, channel["version"])
    if channel["is_enabled"]:
        if st.button("Disable", key="disable_channel", icon=":material/block:"):
            dialogs.open_now("disable_channel", channel["version"])
    elif st.button("Enable", key="enable_channel", icon=":material/play_arrow:"):
        run_action(actions.enable, actor, channel["id"], done="Enabled.")


def _test(actor: Actor, channel_id: UUID) -> Sent:
    sent = testing.test(actor, channel_id)
    st.session_state[_TESTED] = (channel_id, sent)
    return sent


def _tested(channel_id: UUID) -> None:
    """What became of the test, until another channel is opened."""
    tested, sent = st.session_state.get(_TESTED, (None, None))
    if tested != channel_id or sent is None:
        return
    took = milliseconds(sent.duration_ms)
    if sent.is_success:
        st.success(f"The test message was taken in {took}. See whether it arrived.", icon=":material/check_circle:")
    else:
        st.error(f"The test message was not sent, after {took}: {plain(sent.error)}", icon=":material/error:")


def _last(actor: Actor, channel: dict[str, Any]) -> None:
    with st.grid(4, gap="small", min_column_width=160):
        status = channel["last_status"]
        st.metric("Last outcome", words.SENT[status][0] if status else "Nothing sent yet", border=True)
        at = channel["last_at"]
        st.metric("At", clock(at, zone(actor), now=utc_now()) if at else "Never", border=True)
        st.metric("Sent in 24 h", f"{channel['sent_24h']:,}", border=True)
        st.metric("Failed in 24 h", f"{channel['failed_24h']:,}", border=True)
    if channel["last_error"]:
        st.caption(f"Last error: {plain(channel['last_error'])}")


@st.dialog("Disable channel", on_dismiss=dialogs.close)
def _disable(actor: Actor, channel: dict[str, Any]) -> None:
    st.write("Nothing is sent to it any more; what waits is given up. The log says so for each alert.")
    with st.form("disable_channel_form", border=False):
        reason = st.text_area("Reason", key="disable_channel_reason", max_chars=500, placeholder="The team moves house")
        if st.form_submit_button("Disable", type="primary", key="disable_channel_submit"):
            given = {"reason": reason, "version": dialogs.version()}
            run_action(actions.disable, actor, channel["id"], **given, done=dialogs.closing("Disabled."))


@st.dialog("Delete channel", on_dismiss=dialogs.close)
def _delete(actor: Actor, channel: dict[str, Any]) -> None:
    st.write(f"**{plain(channel['name'])}** is gone for good; its delivery log stays.")
    with st.form("delete_channel_form", border=False):
        reason = st.text_area("Reason", key="delete_channel_reason", max_chars=500, placeholder="Nobody reads it")
        if st.form_submit_button("Delete", type="primary", key="delete_channel_submit"):
            run_action(_deleted, actor, channel["id"], reason, dialogs.version(), done=dialogs.closing("Deleted."))


def _deleted(actor: Actor, channel_id: UUID, reason: str, version: int | None) -> None:
    actions.delete(actor, channel_id, reason=reason, version=version)
    st.query_params.pop("channel", None)
