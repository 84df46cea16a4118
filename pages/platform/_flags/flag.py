"""One flag: what it is, its state in the chosen environment, and the parts in which it is looked at and changed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.platform.flags import queries
from pages._parts.frame import zone
from pages.platform._flags import acts, adoption, history, overrides, review, saving, targeting, who, words
from pages.platform._flags.environment import choice

Part = Callable[[Actor, dict[str, Any], dict[str, Any]], None]
PARTS: dict[str, Part] = {
    "Targeting": targeting.show, "Who has it": who.show, "Overrides": overrides.show, "Adoption": adoption.of_flag,
    "History": history.show,
}  # fmt: skip
# An archived flag is evaluated nowhere.
OF_ARCHIVED = ("Targeting", "History")


def show(actor: Actor, key: str) -> None:
    """The flag with that id, or a sentence when there is none."""
    if st.button("All flags", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["flag"]
        st.rerun()
    try:
        flag = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This flag does not exist.", icon=":material/search_off:")
        return
    _head(actor, flag)
    environments = queries.environments(actor, flag["id"])
    name = _environment(actor, flag, environments)
    parts = [name for name in PARTS if flag["archived_at"] is None or name in OF_ARCHIVED]
    part = st.segmented_control(
        "Part", parts, default="Targeting", key="part", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    PARTS[part](actor, flag, environments[name])


def _head(actor: Actor, flag: dict[str, Any]) -> None:
    here = zone(actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="stretch"):
            st.header(words.plain(flag["name"]), anchor=False)
            if flag["is_protected"]:
                st.badge(
                    "Protected",
                    icon=":material/shield:",
                    color="violet",
                    help="A second person approves changes in production.",
                )
            if flag["archived_at"] is not None:
                st.badge(f"Archived {words.moment(flag['archived_at'], here)}", color="gray")
        acts.of_flag(actor, flag)
    st.markdown(f":small[{' · '.join(_facts(flag))}]")
    if flag["description"]:
        st.markdown(words.plain(flag["description"]))


def _facts(flag: dict[str, Any]) -> list[str]:
    variants = ", ".join(f"`{name}`" for name in flag["variants"])
    facts = [f"`{flag['key']}`", f"{words.KINDS[flag['kind']]}: {variants}", f"off is `{flag['off_variant']}`"]
    facts.append(f"percentages count {words.UNITS[flag['unit']]}")
    facts.append(f"owner {words.plain(flag['owner'])}" if flag["owner"] else "nobody owns it")
    if flag["expires_on"]:
        facts.append(f"expires {flag['expires_on']:%d %b %Y}")
    return facts


def _environment(actor: Actor, flag: dict[str, Any], environments: dict[str, dict[str, Any]]) -> str:
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
        acts.of_environment(actor, flag, environment)
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
            review.one(actor, queries.change(actor, UUID(str(change["id"]))))
