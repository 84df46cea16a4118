"""Timeline: shifts and gaps by week or month, with overrides to plan."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.on_call import overrides as actions
from core.reliability.on_call import queries
from pages._parts import charts
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.reliability._on_call import override_form, picture, words
from pages.reliability._on_call.dialogs import dialogs

SPANS = ("Week", "Month")


def show(actor: Actor) -> None:
    """The chart, the same as a table, and the overrides that run or come."""
    names = words.schedules(actor)
    if not names:
        st.info("There is no schedule yet. Create one under Schedules.", icon=":material/calendar_month:")
        return
    span, chosen = _choices(actor, names)
    frame = queries.course(actor, start=span[0], end=span[1], schedule_ids=[UUID(one) for one in chosen or names])
    title = f"On call from {span[0].astimezone(zone(actor)):%a %d %b %Y}, times in {zone(actor)}"
    charts.show(picture.draw(frame, title, zone(actor), span), "on_call_timeline")
    _gaps(frame)
    _table(actor, frame)
    _overrides(actor)
    if dialogs.is_open("override"):
        override_form.create(actor, names)
    if dialogs.is_open("swap"):
        override_form.swap(actor, names)


def _choices(actor: Actor, names: dict[str, str]) -> tuple[tuple[datetime, datetime], list[str]]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = st.segmented_control(
            "Span", SPANS, default="Week", key="span", bind="query-params", required=True, label_visibility="collapsed"
        )
        span = _span(actor, size)
        _steps(actor, size, span)
        chosen = st.multiselect(
            "Schedules", list(names), key="schedules", bind="query-params", format_func=names.__getitem__,
            placeholder="All schedules", label_visibility="collapsed", width=320,
        )  # fmt: skip
        if actor.may("on_call:update"):
            if st.button("Override", key="override", type="primary", icon=":material/swap_calls:"):
                dialogs.open_now("override")
            if st.button("Swap shifts", key="swap", icon=":material/swap_horiz:"):
                dialogs.open_now("swap")
    return span, chosen


def _span(actor: Actor, size: str) -> tuple[datetime, datetime]:
    """Whole days of the viewer's: from Monday, or from the first."""
    day = _day(actor)
    if size == "Week":
        first = day - timedelta(days=day.weekday())
        return _midnight(actor, first), _midnight(actor, first + timedelta(days=7))
    first = day.replace(day=1)
    return _midnight(actor, first), _midnight(actor, (first + timedelta(days=32)).replace(day=1))


def _day(actor: Actor) -> date:
    """The day in the address, else today."""
    try:
        asked = date.fromisoformat(st.query_params.get("from", ""))
        return asked if 2000 <= asked.year <= 2100 else utc_now().astimezone(zone(actor)).date()
    except ValueError:
        return utc_now().astimezone(zone(actor)).date()


def _midnight(actor: Actor, day: date) -> datetime:
    return datetime.combine(day, time(), zone(actor))


def _steps(actor: Actor, size: str, span: tuple[datetime, datetime]) -> None:
    before = span[0].date() - timedelta(days=1)
    for label, key, icon, day in (
        ("Earlier", "earlier", "chevron_left", before), ("Today", "today", "today", None),
        ("Later", "later", "chevron_right", span[1].date()),
    ):  # fmt: skip
        if st.button(label, key=key, icon=f":material/{icon}:", help=f"{label}: the {size.lower()}"):
            st.query_params.pop("from", None)
            if day is not None:
                st.query_params["from"] = day.isoformat()
            st.rerun()


def _gaps(frame: pd.DataFrame) -> None:
    gaps = frame[frame["operator"].isna()]
    if gaps.empty:
        st.caption("Somebody is on call all the time.")
        return
    total = sum((row["ends_at"] - row["starts_at"] for row in gaps.to_dict("records")), timedelta())
    count = f"{len(gaps)} gaps" if len(gaps) > 1 else "one gap"
    st.caption(f":red[:material/person_off: Nobody is on call for {words.length(total)}, in {count}.]")


def _table(actor: Actor, frame: pd.DataFrame) -> None:
    rows = frame.to_dict("records")
    shown = frame.assign(
        source=[picture.source(row) for row in rows], who=frame["operator"].fillna(words.NOBODY),
        length=[words.length(row["ends_at"] - row["starts_at"]) for row in rows],
    )  # fmt: skip
    where = str(zone(actor))
    with st.expander("The same as a table", key="as_table", on_change="rerun") as opened:
        if opened.open:
            st.dataframe(
                shown, hide_index=True, key="shifts", height=min(38 + 35 * len(shown), 420),
                column_order=["schedule", "who", "starts_at", "ends_at", "length", "source"],
                column_config={
                    "schedule": "Schedule", "who": "Who", "length": "Length", "source": "By",
                    "starts_at": st.column_config.DatetimeColumn("From", format="ddd D MMM, HH:mm", timezone=where),
                    "ends_at": st.column_config.DatetimeColumn("Until", format="ddd D MMM, HH:mm", timezone=where),
                },
            )  # fmt: skip


def _overrides(actor: Actor) -> None:
    st.subheader("Overrides", anchor=False)
    found = queries.overrides(actor)
    if found.empty:
        st.caption("Nobody stands in for anybody, now or later.")
        return
    where = str(zone(actor))
    table = st.dataframe(
        found, hide_index=True, key="overrides", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(found) <= 10 else 400,
        column_order=["schedule", "operator", "starts_at", "ends_at", "reason", "created_by_name"],
        column_config={
            "schedule": "Schedule", "operator": "Who stands in", "reason": "Why", "created_by_name": "Planned by",
            "starts_at": st.column_config.DatetimeColumn("From", format="ddd D MMM, HH:mm", timezone=where),
            "ends_at": st.column_config.DatetimeColumn("Until", format="ddd D MMM, HH:mm", timezone=where),
        },
    )  # fmt: skip
    if actor.may("on_call:update"):
        _cancel(actor, found.iloc[table.selection.rows[0]].to_dict() if table.selection.rows else None)


def _cancel(actor: Actor, chosen: dict[Any, Any] | None) -> None:
    """Two steps: a colleague may rely on it."""
    if st.button("Cancel override", key="cancel", icon=":material/event_busy:", disabled=chosen is None):
        dialogs.open_now("cancel")
    if chosen is not None and dialogs.is_open("cancel"):
        _cancelling(actor, chosen)


@st.dialog("Cancel override", on_dismiss=dialogs.close)
def _cancelling(actor: Actor, row: dict[Any, Any]) -> None:
    when = f"{words.moment(row['starts_at'], zone(actor))} to {words.moment(row['ends_at'], zone(actor))}"
    st.text(f"{row['operator']} stands in on {row['schedule']}, {when}. From now on the rotations count again.")
    if st.button("Cancel override", key="cancel_submit", type="primary"):
        run_action(actions.cancel_override, actor, UUID(row["id"]), done=dialogs.closing("Cancelled."))
