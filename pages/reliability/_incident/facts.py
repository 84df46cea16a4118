"""What an incident is beside its timeline: times, services, who does what, who is on call."""

from datetime import datetime
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents import actions, queries, rules
from core.reliability.on_call import queries as on_call
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.reliability._incidents import known, words

_TIMES = {
    "started_at": "Began", "declared_at": "Declared", "acknowledged_at": "Acknowledged", "identified_at": "Identified",
    "monitoring_at": "Monitoring since", "resolved_at": "Resolved", "closed_at": "Closed", "archived_at": "Archived",
}  # fmt: skip
_ALWAYS = ("started_at", "declared_at", "acknowledged_at")


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """Facts, people, and those on call."""
    with st.container(border=True, gap="xsmall"):
        _people(actor, incident)
    with st.container(border=True, gap="xsmall"):
        for name, title in _TIMES.items():
            if incident[name] or name in _ALWAYS:
                _row(title, _moment(actor, incident[name]))
    with st.container(border=True, gap="xsmall"):
        _row("Services", ", ".join(incident["services"]) or "Everything")
        _row("Kind", words.KIND[incident["kind"]])
        _row("Declared by", f"{incident['reported_by_name']}, {words.SOURCE[incident['source']].lower()}")
        _row("Public title", incident["public_title"] or None)
        if incident["description"]:
            _row("Known", incident["description"])
        if incident["root_cause"]:
            _row("Root cause", incident["root_cause"])
        if incident["resolution"]:
            _row("Resolution", incident["resolution"])
    if actor.may("on_call:read") and incident["status"] in rules.LIVE:
        _on_call(actor)


def _people(actor: Actor, incident: dict[str, Any]) -> None:
    held = queries.roles(actor, incident["id"])
    may_change = actor.may("incidents:update") and not incident["merged_into_id"]
    if held.empty or "lead" not in set(held["role"]):
        _row("Incident lead", None)
    for row in held.to_dict("records"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f":gray[{row['title']}]  \n{plain(row['name'])}")
            if may_change and st.button(
                "Remove", key=f"unrole_{row['role']}_{row['operator_id']}", type="tertiary", icon=":material/close:"
            ):
                run_action(
                    actions.remove_role, actor, incident["id"], role=row["role"], operator_id=UUID(row["operator_id"]),
                    done="Removed.",
                )  # fmt: skip
    if may_change:
        _assign(actor, incident)


def _assign(actor: Actor, incident: dict[str, Any]) -> None:
    with st.popover("Assign", icon=":material/person_add:"):
        colleagues = known.colleagues(actor)
        role = st.selectbox("Part", rules.ROLES, key="role_choice", format_func=rules.ROLE_TITLES.__getitem__)
        operator_id = st.selectbox(
            "Colleague", list(colleagues), index=None, key="role_operator", format_func=colleagues.__getitem__,
            placeholder="Choose",
        )  # fmt: skip
        if st.button("Assign", key="role_submit", type="primary", disabled=operator_id is None):
            run_action(actions.assign_role, actor, incident["id"], role=role, operator_id=operator_id, done="Assigned.")


def _on_call(actor: Actor) -> None:
    found = on_call.on_call_now(actor)
    if found.empty:
        return
    with st.container(border=True, gap="xsmall"):
        for row in found.to_dict("records"):
            name = row["operator"] if isinstance(row["operator"], str) else "Nobody"
            _row(f"On call: {plain(row['schedule'])}", name)


def _row(name: str, value: Any) -> None:
    st.markdown(f":gray[{name}]  \n{plain(value) if value else UNKNOWN}")


def _moment(actor: Actor, moment: datetime | None) -> str:
    return clock(moment, zone(actor), now=utc_now()) if moment else UNKNOWN
