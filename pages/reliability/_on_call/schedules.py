"""Schedules: each with its rotations, its calendar and what can be done with it."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.on_call import actions, queries
from core.reliability.on_call.rotating import Rotation
from core.reliability.on_call.rules import MAX_DESCRIPTION, MAX_NAME
from core.support.sla.rules import zones
from core.support.sla.writing import hours_of
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.reliability._on_call import issued, rotations, words
from pages.reliability._on_call.dialogs import dialogs

_CREATED = "on_call_created"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def show(actor: Actor) -> None:
    """The schedules to choose from, and the chosen one."""
    names, may = words.schedules(actor), actor.may("on_call:update")
    _choose(names)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen: str | None = st.selectbox(
            "Schedule", list(names), key="schedule", bind="query-params", width=320,
            format_func=lambda one: names.get(one, one),
        )  # fmt: skip
        if may and st.button("Create schedule", key="create_schedule", icon=":material/add:"):
            dialogs.open_now("create_schedule")
    if dialogs.is_open("create_schedule"):
        _create(actor)
    if chosen is None:
        st.info("There is no schedule yet. Create one, then say who takes turns.", icon=":material/calendar_month:")
        return
    _schedule(actor, queries.one(actor, UUID(chosen)), may)


def _choose(names: dict[str, str]) -> None:
    """What was just created is chosen; of what is gone, the first one is. A list that was empty would stay without choice."""
    created = st.session_state.pop(_CREATED, None)
    if created in names:
        st.session_state["schedule"] = created
    elif st.session_state.get("schedule") not in names:
        st.session_state.pop("schedule", None)


def _schedule(actor: Actor, schedule: dict[str, Any], may: bool) -> None:
    st.caption(f"Hand-overs by the clock of {schedule['time_zone']}. {plain(schedule['description'])}")
    layers = queries.rotations(actor, schedule["id"])
    _layers(actor, layers, schedule["time_zone"])
    if may:
        _acts(actor, schedule, layers)


def _layers(actor: Actor, layers: list[Rotation], time_zone: str) -> None:
    if not layers:
        st.info("Nobody takes turns here yet. Edit the rotations.", icon=":material/person_off:")
        return
    names = words.colleagues(actor)
    shown = pd.DataFrame({
        "name": [one.name for one in reversed(layers)],
        "people": [[words.named(names, str(person)) for person in one.people] for one in reversed(layers)],
        "turn": [_turn(one) for one in reversed(layers)],
        "hours": [_hours(one) for one in reversed(layers)],
        "begins": [one.starts_at for one in reversed(layers)], "ends": [one.ends_at for one in reversed(layers)],
    })  # fmt: skip
    st.dataframe(
        shown, hide_index=True, key="layers", height="content", placeholder=UNKNOWN,
        column_config={
            "name": "Rotation, the highest first", "people": st.column_config.ListColumn("Turns, in this order"),
            "turn": "A turn is", "hours": "When",
            "begins": st.column_config.DatetimeColumn("First turn", format="ddd D MMM YYYY, HH:mm", timezone=time_zone),
            "ends": st.column_config.DatetimeColumn("Ends", format="ddd D MMM YYYY, HH:mm", timezone=time_zone),
        },
    )  # fmt: skip


def _turn(one: Rotation) -> str:
    return f"1 {one.unit}" if one.length == 1 else f"{one.length} {one.unit}s"


def _hours(one: Rotation) -> str:
    """Days with the same hours together."""
    if not one.periods:
        return "Always"
    found: dict[str, list[str]] = {}
    for day, hours in zip(_DAYS, hours_of(one.periods), strict=True):
        if hours:
            found.setdefault(hours, []).append(day)
    return "; ".join(
        f"{', '.join(days) if len(days) < len(_DAYS) else 'Every day'} {hours}" for hours, days in found.items()
    )


def _acts(actor: Actor, schedule: dict[str, Any], layers: list[Rotation]) -> None:
    with st.container(horizontal=True):
        if st.button("Edit rotations", key="edit_rotations", type="primary", icon=":material/edit_calendar:"):
            rotations.begin(layers, schedule["time_zone"])
            dialogs.open_now("rotations", schedule["version"])
        for name, label, icon in (
            ("edit_schedule", "Edit", "edit"), ("feed", "Calendar", "event"), ("archive", "Archive", "archive"),
        ):  # fmt: skip
            if st.button(label, key=name, icon=f":material/{icon}:"):
                dialogs.open_now(name, schedule["version"])
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, schedule)


def _fields(given: dict[str, Any], prefix: str) -> dict[str, Any]:
    named, offered = given.get("name", ""), zones()
    name = st.text_input("Name", named, key=f"{prefix}_name", max_chars=MAX_NAME, placeholder="Primary")
    place = offered.index(given["time_zone"])
    time_zone = st.selectbox(
        "Time zone", offered, place, key=f"{prefix}_zone",
        help="Hand-overs keep their hour by this clock. It stays once there is a rotation.",
    )  # fmt: skip
    description = st.text_area(
        "Description", given.get("description", ""), key=f"{prefix}_description", max_chars=MAX_DESCRIPTION, height=80
    )
    return {"name": name, "time_zone": time_zone, "description": description}


@st.dialog("Create schedule", on_dismiss=dialogs.close)
def _create(actor: Actor) -> None:
    with st.form("create_schedule_form", border=False):
        typed = _fields({"time_zone": str(zone(actor))}, "new_schedule")
        if st.form_submit_button("Create schedule", type="primary", key="new_schedule_submit"):
            run_action(_make, actor, **typed, done=dialogs.closing("Created."))


def _make(actor: Actor, **typed: Any) -> None:
    st.session_state[_CREATED] = str(actions.create_schedule(actor, **typed).id)


@st.dialog("Edit schedule", on_dismiss=dialogs.close)
def _edit(actor: Actor, schedule: dict[str, Any]) -> None:
    with st.form("edit_schedule_form", border=False):
        typed = _fields(schedule, "schedule")
        if st.form_submit_button("Save", type="primary", key="schedule_submit"):
            run_action(
                actions.update_schedule, actor, schedule["id"], version=dialogs.version(), **typed,
                done=dialogs.closing("Saved."),
            )  # fmt: skip


@st.dialog("Calendar", on_dismiss=dialogs.close, icon=":material/event:")
def _feed(actor: Actor, schedule: dict[str, Any]) -> None:
    """A new address ends the one before; so does revoking it."""
    told = "An address was given out." if schedule["has_feed"] else "No address was given out yet."
    st.write(f"Calendar programs subscribe to the shifts of {plain(schedule['name'])} by an address. {told}")
    if schedule["has_feed"]:
        st.caption("A new address takes the place of the one before, which stops working at once.")
    with st.container(horizontal=True):
        if st.button("New address", key="feed_new", type="primary", icon=":material/link:"):
            run_action(_issue, actor, schedule["id"], done=dialogs.closing("A new address counts."))
        if schedule["has_feed"] and st.button("Revoke", key="feed_revoke", icon=":material/link_off:"):
            run_action(actions.revoke_feed, actor, schedule["id"], done=dialogs.closing("Revoked."))


def _issue(actor: Actor, schedule_id: UUID) -> None:
    issued.keep(actions.issue_feed(actor, schedule_id))


@st.dialog("Archive schedule", on_dismiss=dialogs.close)
def _archive(actor: Actor, schedule: dict[str, Any]) -> None:
    st.write(f"{plain(schedule['name'])} is shown no more, its calendar closes, and no policy can call it.")
    if st.button("Archive", key="archive_submit", type="primary"):
        run_action(
            actions.archive_schedule,
            actor,
            schedule["id"],
            version=dialogs.version(),
            done=dialogs.closing("Archived."),
        )


_DIALOGS = {"rotations": rotations.edit, "edit_schedule": _edit, "feed": _feed, "archive": _archive}
