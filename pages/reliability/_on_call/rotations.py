"""The editor of a schedule's rotations: layers on each other, with a preview of the coming weeks before they are saved."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.reliability.on_call import queries, rules
from core.reliability.on_call import rotations as actions
from core.reliability.on_call.loading import Plan
from core.reliability.on_call.rotating import Rotation, Shift, Unit
from core.support.sla.rules import WEEKDAYS
from core.support.sla.writing import hours_of, periods_of
from pages._parts import charts
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.reliability._on_call import picture, words
from pages.reliability._on_call.dialogs import dialogs

AHEAD = timedelta(days=28)
_LAYERS, _KNOWN, _NEXT = "on_call_layers", "on_call_known_layers", "on_call_next_layer"


def begin(layers: Sequence[Rotation], time_zone: str) -> None:
    """Starts an edit with these layers; what was typed in an edit before is forgotten."""
    run = st.session_state.get(_NEXT, 0) + 1
    known = {f"{run}_{place}": _given(one, time_zone) for place, one in enumerate(layers)}
    st.session_state[_KNOWN], st.session_state[_LAYERS], st.session_state[_NEXT] = known, list(known), run
    if not known:
        _add(time_zone)


def _given(one: Rotation, time_zone: str) -> dict[str, Any]:
    where = ZoneInfo(time_zone)
    return {
        "id": one.id, "name": one.name, "people": [str(person) for person in one.people], "unit": one.unit,
        "length": one.length, "periods": one.periods, "starts_at": _wall(one.starts_at, where),
        "ends_at": _wall(one.ends_at, where) if one.ends_at else None, "exactly": (one.starts_at, one.ends_at),
    }  # fmt: skip


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _add(time_zone: str) -> None:
    """A weekly layer from the Monday of this week at nine."""
    run = st.session_state[_NEXT] = st.session_state.get(_NEXT, 0) + 1
    today = utc_now().astimezone(ZoneInfo(time_zone)).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
    monday = today - timedelta(days=today.weekday())
    key = f"new_{run}"
    st.session_state[_KNOWN][key] = {
        "id": None, "name": f"Layer {len(st.session_state[_LAYERS]) + 1}", "people": [], "unit": "week", "length": 1,
        "periods": (), "starts_at": monday, "ends_at": None, "exactly": (None, None),
    }  # fmt: skip
    st.session_state[_LAYERS].append(key)


@st.dialog("Edit rotations", width="large", on_dismiss=dialogs.close, icon=":material/edit_calendar:")
def edit(actor: Actor, schedule: dict[str, Any]) -> None:
    """The layers, the preview, and Save: from now on, the past stays as it was."""
    people = words.colleagues(actor)
    st.caption(
        f"A lower layer wins over the ones above it. Times in {schedule['time_zone']}. "
        "Changes count from now on; who was on call before stays known."
    )
    typed = [_layer(key, people, schedule["time_zone"]) for key in list(st.session_state[_LAYERS])]
    is_full = len(typed) >= rules.MAX_ROTATIONS
    st.button(
        "Add layer",
        key="add_layer",
        icon=":material/add:",
        disabled=is_full,
        on_click=_add,
        args=(schedule["time_zone"],),
    )
    layers = _checked(typed)
    if layers is not None:
        _preview(actor, schedule, layers)
    if st.button("Save", key="rotations_submit", type="primary", disabled=layers is None):
        run_action(
            actions.set_rotations, actor, schedule["id"], rotations=layers or [], version=dialogs.version(),
            done=dialogs.closing("Saved."),
        )  # fmt: skip


def _layer(key: str, people: Mapping[str, str], time_zone: str) -> dict[str, Any]:
    """What is typed of a layer; `hours` are the lines of its weekdays, None for always."""
    given = st.session_state[_KNOWN][key]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", given["name"], key=f"{key}_name", max_chars=rules.MAX_NAME)
            _moves(key)
        offered = [*people, *(one for one in given["people"] if one not in people)]
        chosen = st.multiselect(
            "Who takes turns, in this order", offered, given["people"], key=f"{key}_people",
            format_func=lambda one: words.named(people, one), placeholder="Choose colleagues",
        )  # fmt: skip
        turns = _turns(given, key, time_zone)
        return {"id": given["id"], "name": name, "operator_ids": chosen, "hours": _hours(given, key), **turns}


def _moves(key: str) -> None:
    is_first = st.session_state[_LAYERS].index(key) == 0
    st.button("Up", key=f"{key}_up", icon=":material/arrow_upward:", disabled=is_first, on_click=_raise, args=(key,))
    st.button("Remove", key=f"{key}_remove", icon=":material/delete:", on_click=_remove, args=(key,))


def _raise(key: str) -> None:
    layers: list[str] = st.session_state[_LAYERS]
    place = layers.index(key)
    layers[place - 1], layers[place] = layers[place], layers[place - 1]


def _remove(key: str) -> None:
    st.session_state[_LAYERS].remove(key)


def _turns(given: Mapping[str, Any], key: str, time_zone: str) -> dict[str, Any]:
    length, unit, begins, ends = st.columns([1, 1, 2, 2])
    units: tuple[Unit, ...] = ("hour", "day", "week")
    found = {
        "length": length.number_input("A turn is", 1, 366, given["length"], key=f"{key}_length"),
        "unit": unit.selectbox("Unit", units, units.index(given["unit"]), key=f"{key}_unit", format_func=lambda one: f"{one}s"),
        "starts_at": begins.datetime_input("First turn", given["starts_at"], key=f"{key}_begins", format="YYYY-MM-DD"),
        "ends_at": ends.datetime_input("Ends", given["ends_at"], key=f"{key}_ends", format="YYYY-MM-DD", help="Empty: goes on."),
    }  # fmt: skip
    for name, exactly in zip(("starts_at", "ends_at"), given["exactly"], strict=True):
        found[name] = _moment(found[name], given[name], exactly, ZoneInfo(time_zone))
    return found


def _moment(
    typed: datetime | None, shown: datetime | None, exactly: datetime | None, zone: ZoneInfo
) -> datetime | None:
    """The moment as it was where it was left alone: an hour that comes twice cannot be told apart on screen."""
    if typed is None or (exactly is not None and typed == shown):
        return exactly if typed is not None else None
    return typed.replace(tzinfo=zone)


def _hours(given: Mapping[str, Any], key: str) -> list[str] | None:
    if not st.toggle("Only at certain hours", bool(given["periods"]), key=f"{key}_limited"):
        return None
    st.caption(
        "Hours as 09:00-17:00, 20:00-24:00; nothing for a day without. A night goes on with the next day's 00:00."
    )
    lines, columns = hours_of(given["periods"]), st.columns(2)
    return [
        columns[day % 2].text_input(
            title, lines[day], key=f"{key}_day_{day}", placeholder="Not on this day", max_chars=200
        )
        for day, title in enumerate(WEEKDAYS)
    ]


def _checked(typed: Sequence[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The layers as they would be saved; None, with the reason on screen, while something is wrong."""
    try:
        found = [_with_periods(one) for one in typed]
        rules.clean_rotations(found)
    except Invalid as error:
        st.error(plain(error), icon=":material/error:")
        return None
    return found


def _with_periods(typed: Mapping[str, Any]) -> dict[str, Any]:
    hours = typed["hours"]
    periods = periods_of(hours) if hours is not None else []
    if hours is not None and not periods:
        told = f"{typed['name']}: write at least one day's hours, or switch the hours off."
        raise Invalid(told, {"periods": told})
    return {name: value for name, value in typed.items() if name != "hours"} | {"periods": periods}


def _preview(actor: Actor, schedule: Mapping[str, Any], layers: Sequence[Mapping[str, Any]]) -> None:
    """The next four weeks as they would be, what of it is a gap, and how much of it changes."""
    now = utc_now()
    span = (now, now + AHEAD)
    before = queries.plan_of(actor, schedule["id"], *span)
    rotations = tuple(_computed(one, now) for one in rules.clean_rotations(layers))
    after = Plan(before.schedule, rotations, before.overrides)
    shifts = after.course(*span)
    frame = queries.shifts_frame([(after, shifts)])
    where = ZoneInfo(schedule["time_zone"])
    charts.show(picture.draw(frame, "The next four weeks, once this is saved", where, span), "rotations_preview")
    gaps = sum((one.ends_at - one.starts_at for one in shifts if one.person is None), timedelta())
    changed = _difference(before.course(*span), shifts)
    said = f":red[Nobody is on call for {words.length(gaps)}.]" if gaps else "Somebody is on call all the time."
    st.caption(f"{said} Somebody else than now is on call for {words.length(changed)} of it.")


def _computed(row: Mapping[str, Any], now: datetime) -> Rotation:
    periods = tuple((day, first, last) for day, first, last in row["periods"])
    people = tuple(cast(list[UUID], row["operator_ids"]))
    return Rotation(
        people, row["starts_at"], row["unit"], row["length"], row["position"], periods, row["ends_at"], now,
        UUID(int=row["position"]), row["name"],
    )  # fmt: skip


def _difference(before: Sequence[Shift], after: Sequence[Shift]) -> timedelta:
    """How long another person (or nobody) would be on call."""
    total, place = timedelta(), 0
    for one in after:
        while before[place].ends_at <= one.starts_at:
            place += 1
        for other in before[place:]:
            if other.starts_at >= one.ends_at:
                break
            if other.person != one.person:
                total += min(one.ends_at, other.ends_at) - max(one.starts_at, other.starts_at)
    return total
