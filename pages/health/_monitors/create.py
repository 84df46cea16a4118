"""The form of a new monitor."""

from typing import Any

import streamlit as st

from core.health.monitors import actions, rules
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages.health._monitors import form, kinds, push, texts, trial
from pages.health._monitors.dialogs import dialogs

NAME = "create"


def button(actor: Actor, *, key: str = "create") -> None:
    """The button that opens the form, for those who may create."""
    if actor.may("monitors:create") and st.button("Create monitor", key=key, type="primary", icon=":material/add:"):
        trial.forget()
        dialogs.open_now(NAME)


def show(actor: Actor) -> None:
    """The form, while it is open."""
    if dialogs.is_open(NAME):
        _form(actor)


@st.dialog("Create monitor", width="large", on_dismiss=dialogs.close, icon=":material/network_check:")
def _form(actor: Actor) -> None:
    kind = st.segmented_control(
        "Kind", rules.KINDS, default="http", key="new_kind", required=True, format_func=texts.KINDS.__getitem__
    )
    with st.form("create_monitor", border=False):
        typed = form.about(form.FRESH, key="new")
        settings = kinds.fields(kind, {}, key="new")
        typed |= form.timing(form.FRESH, kind, key="new")
        with st.expander("Tags, owner, tenants, addresses", icon=":material/tune:", key="new_more"):
            typed |= form.belonging(actor, form.FRESH, key="new")
        buttons = st.container(horizontal=True)
        is_wanted = buttons.form_submit_button("Create monitor", type="primary", key="new_submit")
        is_tried = kind != "push" and buttons.form_submit_button("Test", key="new_test", icon=":material/play_arrow:")
    if is_wanted:
        run_action(_create, actor, kind, settings, typed, done=dialogs.closing("Created. The first check follows."))
    trial.show(actor, kind, settings, typed, is_wanted=is_tried)


def _create(actor: Actor, kind: str, settings: dict[str, Any], typed: dict[str, Any]) -> None:
    made = actions.create(actor, kind=kind, settings=settings, **typed)
    push.keep(made)
    trial.forget()
    st.query_params["monitor"] = str(made.monitor.id)
