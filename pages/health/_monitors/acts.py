"""What can be done with one monitor."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from core.health.monitors import actions
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.health._monitors import form, kinds, push, trial
from pages.health._monitors.dialogs import dialogs


def show(actor: Actor, monitor: dict[str, Any]) -> None:
    """The buttons that fit state and rights, and the dialog that one of them opened."""
    with st.container(horizontal=True):
        if actor.may("monitors:update"):
            _buttons(actor, monitor)
        if actor.may("monitors:delete") and st.button("Delete", key="delete", icon=":material/delete:"):
            dialogs.open_now("delete", monitor["version"])
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, monitor)


def _buttons(actor: Actor, monitor: dict[str, Any]) -> None:
    if st.button("Edit", key="edit", icon=":material/edit:"):
        trial.forget()
        dialogs.open_now("edit", monitor["version"])
    if monitor["is_paused"]:
        if st.button("Resume", key="resume", icon=":material/play_arrow:"):
            run_action(actions.resume, actor, [monitor["id"]], done="Resumed. The next check follows.")
        return
    if monitor["kind"] == "push":
        if st.button("Rotate URL", key="rotate", icon=":material/autorenew:"):
            dialogs.open_now("rotate")
    elif st.button("Check now", key="check_now", icon=":material/refresh:"):
        run_action(actions.check_now, actor, monitor["id"], done="Asked for. The result shows here in a moment.")
    if st.button("Pause", key="pause", icon=":material/pause:"):
        dialogs.open_now("pause")


@st.dialog("Edit monitor", width="large", on_dismiss=dialogs.close)
def _edit(actor: Actor, monitor: dict[str, Any]) -> None:
    kind = monitor["kind"]
    with st.form("edit_monitor", border=False):
        typed = form.about(monitor, key="edit")
        settings = kinds.fields(kind, monitor["settings"], key="edit")
        typed |= form.timing(monitor, kind, key="edit")
        with st.expander("Tags, owner, tenants, addresses", icon=":material/tune:", key="edit_more"):
            typed |= form.belonging(actor, monitor, key="edit")
        buttons = st.container(horizontal=True)
        is_wanted = buttons.form_submit_button("Save", type="primary", key="edit_submit")
        is_tried = kind != "push" and buttons.form_submit_button("Test", key="edit_test", icon=":material/play_arrow:")
    if is_wanted:
        run_action(
            actions.update, actor, monitor["id"], version=dialogs.version(), settings=settings, **typed,
            done=dialogs.closing("Saved."),
        )  # fmt: skip
    trial.show(actor, kind, settings, typed, is_wanted=is_tried)


@st.dialog("Pause monitor", on_dismiss=dialogs.close)
def _pause(actor: Actor, monitor: dict[str, Any]) -> None:
    st.write("It is not checked, and nobody is told, until it is resumed. The time counts for no availability.")
    pause_form(actor, [monitor["id"]])


def pause_form(actor: Actor, ids: list[UUID], *, then: Callable[[], None] = lambda: None) -> None:
    """Asks why, and pauses them."""
    with st.form("pause_monitor", border=False):
        reason = st.text_input("Reason", key="pause_reason", max_chars=500, placeholder="The service is being moved")
        if st.form_submit_button("Pause", type="primary", key="pause_submit"):
            run_action(_pause_all, actor, ids, reason, then, done=dialogs.closing(_paused))


def _pause_all(actor: Actor, ids: list[UUID], reason: str, then: Callable[[], None]) -> int:
    count = actions.pause(actor, ids, reason=reason or None)
    then()
    return count


def _paused(count: int) -> str:
    return "Paused." if count == 1 else f"{count:,} paused."


@st.dialog("Rotate URL", on_dismiss=dialogs.close)
def _rotate(actor: Actor, monitor: dict[str, Any]) -> None:
    st.write("A new URL is made. The present one counts for 24 hours more: change the callers until then.")
    if st.button("Rotate URL", type="primary", key="rotate_submit"):
        run_action(_rotated, actor, monitor["id"], done=dialogs.closing("Rotated."))


def _rotated(actor: Actor, monitor_id: UUID) -> None:
    push.keep(actions.rotate_token(actor, monitor_id))


@st.dialog("Delete monitor", on_dismiss=dialogs.close)
def _delete(actor: Actor, monitor: dict[str, Any]) -> None:
    st.write(f"**{plain(monitor['name'])}** and its history are gone for good. To stop its checks only, pause it.")
    with st.form("delete_monitor", border=False):
        typed = st.text_input("Type its name", key="delete_name", placeholder=monitor["name"], autocomplete="off")
        reason = st.text_input("Reason", key="delete_reason", max_chars=500, placeholder="The service was switched off")
        if st.form_submit_button("Delete", type="primary", key="delete_submit"):
            run_action(_deleted, actor, monitor, typed, reason, done=dialogs.closing("Deleted."))


def _deleted(actor: Actor, monitor: dict[str, Any], typed: str, reason: str) -> None:
    if " ".join(typed.split()) != monitor["name"]:
        raise Invalid(f"Type the name {monitor['name']} to confirm.")
    actions.delete(actor, monitor["id"], reason=reason, version=dialogs.version())
    st.query_params.pop("monitor", None)


_DIALOGS = {"edit": _edit, "pause": _pause, "rotate": _rotate, "delete": _delete}
