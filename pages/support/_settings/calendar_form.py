"""The form of a calendar, new or old."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.support.sla import actions, effects, rules, writing
from pages._parts import charts
from pages._parts.frame import run_action
from pages.support._settings import preview, week
from pages.support._settings.dialogs import dialogs

_USUAL = {"name": "", "time_zone": "UTC", "is_always": False, "holidays": {},
          "periods": [[day, 9 * 60, 17 * 60] for day in range(5)]}  # fmt: skip


@st.dialog("Create calendar", width="large", on_dismiss=dialogs.close)
def create(actor: Actor) -> None:
    """A calendar that no policy counts by yet: nothing changes for any ticket."""
    typed = _values(_USUAL, "new_calendar")
    if st.button("Create calendar", type="primary", key="new_calendar_submit", disabled=typed is None):
        run_action(actions.create_calendar, actor, **(typed or {}), done=dialogs.closing("Created."))


@st.dialog("Edit calendar", width="large", on_dismiss=dialogs.close)
def edit(actor: Actor, calendar: Mapping[str, Any]) -> None:
    """What it says, and what that would change for open tickets, before it is saved."""
    typed = _values(calendar, "calendar")
    if typed is None:
        return
    is_ready = preview.checked(typed, lambda: effects.of_calendar(actor, calendar["id"], typed), key="calendar")
    if st.button("Save", type="primary", key="calendar_submit", disabled=not is_ready):
        run_action(
            actions.update_calendar,
            actor,
            calendar["id"],
            version=dialogs.version(),
            **typed,
            done=dialogs.closing("Saved."),
        )


def _values(calendar: Mapping[str, Any], prefix: str) -> dict[str, Any] | None:
    """What is typed; None, with the reason on screen, while it says nothing."""
    name = st.text_input("Name", calendar["name"], key=f"{prefix}_name", max_chars=rules.MAX_NAME)
    zones = rules.zones()
    time_zone = st.selectbox("Time zone", zones, zones.index(calendar["time_zone"]), key=f"{prefix}_zone")
    is_always = st.toggle("Around the clock, every day", calendar["is_always"], key=f"{prefix}_always")
    typed = {"name": name, "time_zone": time_zone, "is_always": is_always}
    if is_always:
        return typed | {"periods": [], "holidays": {}}
    try:
        typed |= _hours(calendar, prefix)
        charts.show(week.picture(typed), f"{prefix}_week")
        return typed | {"holidays": _holidays(calendar, prefix)}
    except Invalid as error:
        st.error(str(error), icon=":material/error:")
        return None


def _hours(calendar: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    st.caption(
        "Hours as 09:00-12:00, 13:00-17:00; nothing for a day without work. A shift past midnight goes on the next day."
    )
    lines = writing.hours_of(calendar["periods"])
    columns = st.columns(2)
    written = [
        columns[day % 2].text_input(title, lines[day], key=f"{prefix}_day_{day}", placeholder="Closed", max_chars=200)
        for day, title in enumerate(rules.WEEKDAYS)
    ]
    return {"periods": writing.periods_of(written)}


def _holidays(calendar: Mapping[str, Any], prefix: str) -> dict[Any, str]:
    text = st.text_area(
        "Holidays", writing.days_of(calendar["holidays"]), key=f"{prefix}_holidays", height=110,
        placeholder="2026-12-25 Christmas", help="One a line: the day, then its name.",
    )  # fmt: skip
    return writing.holidays_of(text)
