"""The clock panel of a ticket: how each target stands, and why."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.sla import explaining
from core.support.sla.explaining import Explained, Explanation, Stretch
from pages._parts import charts
from pages._parts.charts import FAINT, TONES, Axes
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.support import _words as words

TARGETS = {"first_response": "First response", "next_response": "Next response", "resolution": "Resolution"}
_STATES = {"running": "Running", "paused": "Paused", "met": "Met", "missed": "Missed"}
_COLOURS: dict[str, words.Colour] = {"running": "blue", "paused": "yellow", "met": "green", "missed": "red"}


def show(actor: Actor, ticket: Mapping[str, Any]) -> None:
    """Every clock of the ticket with what is left, and each stretch that ran or rested, with its cause and rule."""
    explanation = explaining.explain(actor, UUID(str(ticket["id"])))
    if explanation.content is None or not explanation.clocks:
        st.caption("No policy gives this ticket a target.")
        return
    for one in explanation.clocks:
        _line(actor, one)
    _explained(actor, explanation)


def _line(actor: Actor, one: Explained) -> None:
    state, colour = _STATES[one.state], _COLOURS[one.state]
    if one.breached_at is not None and one.state in ("running", "paused"):
        state, colour = "Overdue", "red"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(state, color=colour)
        st.text(f"{TARGETS[one.target]}: {length(one.elapsed_s)} of {length(one.target_s)}", width="content")
    if one.due_at is not None:
        st.caption(f"Due {clock(one.due_at, zone(actor), now=utc_now())}")


def length(seconds: float) -> str:
    """Working time as people read it, in hours beyond a day: a working day is not 24 h."""
    hours, rest = divmod(int(seconds), 3600)
    if hours:
        return f"{hours:,} h {rest // 60} min" if rest >= 60 else f"{hours:,} h"
    return words.length(timedelta(seconds=seconds))


def _explained(actor: Actor, explanation: Explanation) -> None:
    _terms(actor, explanation)
    charts.show(_figure(actor, explanation.clocks), "clock_course")
    for one in explanation.clocks:
        ended = f", over since {clock(one.stopped_at, zone(actor), now=utc_now())}" if one.stopped_at else ""
        st.markdown(f"**{TARGETS[one.target]}**: {length(one.elapsed_s)} of {length(one.target_s)} counted{ended}")
        st.dataframe(
            _table(actor, one), hide_index=True, key=f"clock_{one.target}",
            column_config={
                "since": st.column_config.DatetimeColumn("From", format="D MMM YYYY HH:mm:ss"),
                "until": st.column_config.DatetimeColumn("Until", format="D MMM YYYY HH:mm:ss"),
                "what": "Clock", "counted": "Counted", "cause": "Why", "rule": "Calendar rule",
            },
        )  # fmt: skip


def _terms(actor: Actor, explanation: Explanation) -> None:
    content = explanation.content or {}
    calendar = content["calendar"]
    hours = (
        "around the clock"
        if calendar["is_always"]
        else f"in the hours of {plain(calendar['name'])}, {calendar['time_zone']}"
    )
    pausing = ", ".join(words.STATUS[one].lower() for one in content["pauses_in"]) or "no state"
    st.caption(
        f"Policy {plain(content['policy'])}, counted {hours}, resting in: {pausing}. The ticket keeps these terms, which were in"
        " force when it took them, until they are reapplied."
    )


def _table(actor: Actor, one: Explained) -> pd.DataFrame:
    frame = pd.DataFrame(list(_rows(one)), columns=["since", "until", "what", "counted", "cause", "rule"])
    for name in ("since", "until"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert(zone(actor))
    return frame


def _rows(one: Explained) -> Iterator[tuple[Any, ...]]:
    for stretch in one.stretches:
        if not stretch.is_running:
            yield stretch.since, stretch.until, "Paused", UNKNOWN, stretch.cause, "Nothing counts while it rests"
        elif not stretch.parts:
            yield stretch.since, stretch.until, "Ran", length(stretch.counted_s), stretch.cause, _whole(stretch)
        for part in stretch.parts:
            what = "Ran" if part.counted_s else "Stood still"
            counted = length(part.counted_s) if part.counted_s else UNKNOWN
            yield part.since, part.until, what, counted, stretch.cause, part.rule


def _whole(stretch: Stretch) -> str:
    passed = (stretch.until - stretch.since).total_seconds()
    return "Every hour counts" if stretch.counted_s == passed else "Working hours within this stretch"


def _figure(actor: Actor, clocks: tuple[Explained, ...]) -> Any:
    rows = [
        {"since": since, "until": until, "lane": TARGETS[one.target], "told": f"{what}: {why}<br>{rule}",
         "colour": {"Ran": TONES["healthy"], "Paused": TONES["degraded"]}.get(what, FAINT), "is_hatched": what == "Paused"}
        for one in clocks for since, until, what, _, why, rule in _rows(one)
    ]  # fmt: skip
    lanes = [TARGETS[one.target] for one in clocks]
    frame = pd.DataFrame(rows)
    for name in ("since", "until"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return charts.spans(frame, lanes, Axes("When the clocks ran", "", zone(actor), height=90 + 34 * len(lanes)))
