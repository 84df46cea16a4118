"""How one flag is in one environment: state, what comes next, why it is stopped, what waits for review."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages.platform._flags import proposal, saving, stopping, words
from pages.platform._flags.environment import choice


def choose(actor: Actor, flag: dict[str, Any], environments: dict[str, dict[str, Any]]) -> str:
    """Lets choose the environment, and says how the flag is there. Returns its name."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="stretch"):
            environment = environments[choice()]
            title, colour, icon = words.STATES[environment["state"]]
            st.badge(title, color=colour, icon=icon)
            if environment["state"] == "partial":
                st.badge(f"Rollout {words.share(environment['rollout_percentage'])}", color="gray")
            if environment["environment"] == "production":
                st.badge("Customers see this", icon=":material/public:", color="orange")
            _next(actor, environment)
        stopping.of_environment(actor, flag, environment)
    _stopped(actor, environment)
    _proposals(actor, flag, environment["environment"])
    return str(environment["environment"])


def _next(actor: Actor, environment: dict[str, Any]) -> None:
    here = zone(actor)
    for name, told in (("next_step_at", "Next step"), ("enable_at", "Turns on"), ("disable_at", "Turns off")):
        if environment[name] is not None:
            st.badge(f"{told} {words.moment(environment[name], here)}", icon=":material/schedule:", color="gray")


def _stopped(actor: Actor, environment: dict[str, Any]) -> None:
    here = zone(actor)
    if environment["killed_at"] is not None:
        who, at = words.plain(environment["killed_by"]), words.moment(environment["killed_at"], here)
        st.error(f"Killed by {who}, {at}: {words.plain(environment['kill_reason'])}", icon=":material/dangerous:")
    if environment["paused_at"] is not None:
        who = words.plain(environment["paused_by"]) if environment["paused_by"] else "a guardrail"
        at = words.moment(environment["paused_at"], here)
        st.warning(f"Paused by {who}, {at}: {words.plain(environment['pause_reason'])}", icon=":material/pause_circle:")


def _proposals(actor: Actor, flag: dict[str, Any], environment: str) -> None:
    """Those that wait, where somebody would otherwise edit past them."""
    if not saving.is_reviewed(flag, environment):
        return
    found = queries.changes(actor, flag_id=flag["id"])
    for change in found.to_dict("records"):
        who, what = words.plain(change["proposed_by_name"]), words.plain(change["explanation"])
        with st.expander(
            f"Waits for review: {what} ({who})", icon=":material/rate_review:", key=f"change_{change['id']}"
        ):
            proposal.one(actor, queries.change(actor, UUID(str(change["id"]))))
