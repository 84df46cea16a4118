"""Standing in for somebody, and swapping two shifts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid
from core.kernel.times import utc_now
from core.reliability.on_call import overrides as actions
from core.reliability.on_call import queries
from core.reliability.on_call.rules import MAX_REASON
from pages._parts.frame import run_action, zone
from pages.reliability._on_call import words
from pages.reliability._on_call.dialogs import dialogs

AHEAD = timedelta(days=42)


@st.dialog("Override", width="medium", on_dismiss=dialogs.close, icon=":material/swap_calls:")
def create(actor: Actor, names: dict[str, str]) -> None:
    """Who stands in on which schedule, from when until when, and whom that replaces."""
    people = words.colleagues(actor)
    schedule = st.selectbox("Schedule", list(names), key="override_schedule", format_func=names.__getitem__)
    mine = str(actor.operator_id)
    person = st.selectbox(
        "Who stands in", list(people), list(people).index(mine) if mine in people else None, key="override_person",
        format_func=people.__getitem__, placeholder="Choose a colleague",
    )  # fmt: skip
    left, right = st.columns(2)
    hour = utc_now().astimezone(zone(actor)).replace(minute=0, second=0, microsecond=0)
    since = _moment(actor, left, "From", hour, "override_from")
    until = _moment(actor, right, "Until", hour + timedelta(hours=9), "override_until")
    reason = st.text_input("Reason", key="override_reason", max_chars=MAX_REASON, placeholder="Dentist")
    st.caption(f"Times in {zone(actor)}. {_replaced(actor, schedule, since, until)}")
    if st.button("Save", key="override_submit", type="primary"):
        run_action(_save, actor, schedule, person, since, until, reason, done=dialogs.closing("Saved."))


def _save(
    actor: Actor, schedule: str, person: str | None, since: datetime | None, until: datetime | None, reason: str
) -> None:
    if person is None:
        raise Invalid("Choose who stands in.", {"operator_id": "Choose who stands in."})
    window: dict[str, Any] = {"starts_at": since, "ends_at": until}
    actions.override(actor, UUID(schedule), operator_id=UUID(person), reason=reason, **window)


def _moment(actor: Actor, place: Any, label: str, value: datetime, key: str) -> datetime | None:
    given = place.datetime_input(label, value.replace(tzinfo=None), key=key, format="YYYY-MM-DD")
    return given.replace(tzinfo=zone(actor)) if given is not None else None


def _replaced(actor: Actor, schedule: str, since: datetime | None, until: datetime | None) -> str:
    """Whom the override would replace, as it is now."""
    if since is None or until is None:
        return ""
    try:
        frame = queries.course(actor, start=since, end=until, schedule_ids=[UUID(schedule)])
    except ExpectedError:  # what is wrong with the time is said when it is saved
        return ""
    found = list(dict.fromkeys(frame["operator"].fillna(words.NOBODY.lower())))
    return f"On call in that time without it: {', '.join(found)}."


@st.dialog("Swap shifts", width="medium", on_dismiss=dialogs.close, icon=":material/swap_horiz:")
def swap(actor: Actor, names: dict[str, str]) -> None:
    """Two shifts of the next six weeks: their owners exchange them."""
    schedule = st.selectbox("Schedule", list(names), key="swap_schedule", format_func=names.__getitem__)
    now = utc_now()
    frame = queries.course(actor, start=now, end=now + AHEAD, schedule_ids=[UUID(schedule)])
    shifts = frame[frame["operator"].notna()].reset_index(drop=True)
    if len(shifts) < 2:
        st.info("There are no two shifts to swap in the next six weeks.", icon=":material/event_busy:")
        return
    labels = [_label(actor, row) for row in shifts.to_dict("records")]
    first = st.selectbox("Shift", range(len(labels)), key="swap_first", format_func=labels.__getitem__)
    second = st.selectbox("With", range(len(labels)), 1, key="swap_second", format_func=labels.__getitem__)
    reason = st.text_input("Reason", key="swap_reason", max_chars=MAX_REASON)
    st.caption(f"Times in {zone(actor)}.")
    if st.button("Swap", key="swap_submit", type="primary"):
        windows = {"first": _window(shifts, first), "second": _window(shifts, second)}
        run_action(actions.swap, actor, UUID(schedule), **windows, reason=reason, done=dialogs.closing("Swapped."))


def _label(actor: Actor, row: dict[Any, Any]) -> str:
    where = zone(actor)
    return f"{row['operator']}: {words.moment(row['starts_at'], where)} to {words.moment(row['ends_at'], where)}"


def _window(shifts: pd.DataFrame, place: int) -> tuple[datetime, datetime]:
    row = shifts.iloc[place]
    return row["starts_at"].to_pydatetime(), row["ends_at"].to_pydatetime()
