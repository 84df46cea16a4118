"""Who is told of a ticket that is not his."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import watchers
from pages._parts.frame import run_action


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """The watchers, read when the popover is open, and joining or leaving them."""
    popover = st.popover(
        "Watchers", icon=":material/notifications:", key="watchers", on_change="rerun", width="stretch"
    )
    if popover.open:
        with popover:
            _panel(actor, ticket)


def _panel(actor: Actor, ticket: dict[str, Any]) -> None:
    found = watchers.of(actor, ticket["id"])
    for one in found:
        st.text(f"{one['name']} ({one['why']})")
    if not found:
        st.caption("Nobody watches this ticket.")
    if not actor.may("tickets:update"):
        return
    if any(one["operator_id"] == actor.operator_id for one in found):
        if st.button("Unwatch", key="unwatch", icon=":material/notifications_off:"):
            run_action(watchers.unwatch, actor, ticket["id"], done="You are not told of it any more.")
    elif st.button("Watch", key="watch", icon=":material/notifications_active:"):
        run_action(watchers.watch, actor, ticket["id"], done="You are told of it from now on.")
