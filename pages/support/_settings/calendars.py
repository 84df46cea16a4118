"""Business calendars: each as the picture of its week, with its holidays."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.sla import actions, queries
from pages._parts import charts
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.support._settings import calendar_form, preview, week
from pages.support._settings.dialogs import dialogs


def show(actor: Actor) -> None:
    """The calendars to choose from, and the chosen one."""
    frame = queries.calendars(actor)
    names = dict(zip(frame["id"], frame["name"], strict=True))
    may = actor.may("support_settings:update")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Calendar", list(names), key="calendar", bind="query-params", format_func=lambda one: names.get(one, one)
        )
        if may and st.button("Create calendar", key="create_calendar", icon=":material/add:"):
            preview.forget()
            dialogs.open_now("create_calendar")
    if dialogs.is_open("create_calendar"):
        calendar_form.create(actor)
    if chosen is None:
        st.info("There is no calendar yet. Create one that says when support works.", icon=":material/calendar_month:")
        return
    _calendar(actor, queries.calendar(actor, UUID(chosen)), may)


def _calendar(actor: Actor, calendar: dict[str, Any], may: bool) -> None:
    charts.show(week.picture(calendar), "week")
    _holidays(calendar)
    if not may or calendar["archived_at"] is not None:
        return
    with st.container(horizontal=True):
        if st.button("Edit", key="edit_calendar", icon=":material/edit:"):
            preview.forget()
            dialogs.open_now("edit_calendar", calendar["version"])
        if st.button("Archive", key="archive_calendar", icon=":material/archive:"):
            dialogs.open_now("archive_calendar", calendar["version"])
    if dialogs.is_open("edit_calendar"):
        calendar_form.edit(actor, calendar)
    if dialogs.is_open("archive_calendar"):
        _archive(actor, calendar)


def _holidays(calendar: dict[str, Any]) -> None:
    if calendar["is_always"]:
        st.caption("Every hour of every day counts; this calendar has no holidays.")
        return
    days = calendar["holidays"]
    if not days:
        st.caption("No holidays are listed.")
        return
    frame = pd.DataFrame({"day": pd.to_datetime(list(days)), "name": list(days.values())})
    st.dataframe(
        frame, hide_index=True, key="holidays", width="content", height=min(38 + 35 * len(frame), 320),
        column_config={"day": st.column_config.DateColumn("Holiday", format="ddd D MMM YYYY"), "name": "Name"},
    )  # fmt: skip


@st.dialog("Archive calendar", on_dismiss=dialogs.close)
def _archive(actor: Actor, calendar: dict[str, Any]) -> None:
    st.write(f"{plain(calendar['name'])} is offered to no policy any more. Tickets that keep it count by it as before.")
    if st.button("Archive", type="primary", key="archive_calendar_submit"):
        run_action(
            actions.archive_calendar,
            actor,
            calendar["id"],
            version=dialogs.version(),
            done=dialogs.closing("Archived."),
        )
