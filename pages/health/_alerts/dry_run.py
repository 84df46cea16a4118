"""The dry run: when a rule would have fired over the past, before it is saved."""

from typing import Any

import pandas as pd
import streamlit as st

from core.health.alerts.dry_run import DryRun, dry_run
from core.health.alerts.measures import MEASURES
from core.kernel.actor import Actor
from core.kernel.db import to_json
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.health._alerts import course, words

_RESULT, LISTED = "alerts_dry_run", 200
_UNSAID = ("name", "description", "runbook_url", "severity", "is_enabled")


def button(actor: Actor, typed: dict[str, Any]) -> None:
    """Runs it; what is wrong with the values is told as when saving."""
    if st.button("Dry run over 30 days", key="dry_run", icon=":material/history:"):
        with st.spinner("Judging the past 30 days"):
            run_action(_run, actor, typed, done=lambda result: result.told)


def _run(actor: Actor, typed: dict[str, Any]) -> DryRun:
    # A name is needed to save and not to try.
    result = dry_run(actor, typed | {"name": typed["name"].strip() or "New rule"})
    st.session_state[_RESULT] = (_print(typed), result)
    return result


def _print(typed: dict[str, Any]) -> str:
    return to_json({name: value for name, value in typed.items() if name not in _UNSAID})


def forget() -> None:
    st.session_state.pop(_RESULT, None)


def show(actor: Actor, typed: dict[str, Any]) -> None:
    """The last result, as long as it is of these values."""
    made_of, result = st.session_state.get(_RESULT, (None, None))
    if result is None:
        return
    if made_of != _print(typed):
        st.info("The rule was changed since the dry run. Run it again.", icon=":material/update:")
        return
    _told(result)
    _chart(actor, typed, result)
    _list(actor, typed, result)


def _told(result: DryRun) -> None:
    lasted = _lengths(result.intervals)
    longest = f" The longest took {words.lasting(lasted.max())}." if len(lasted) else ""
    icon = ":material/notifications_active:" if result.count else ":material/notifications_off:"
    st.info(plain(result.told) + longest, icon=icon)


def _lengths(intervals: pd.DataFrame) -> pd.Series:
    return intervals["cleared_at"].fillna(pd.Timestamp(utc_now())) - intervals["fired_at"]


def _chart(actor: Actor, typed: dict[str, Any], result: DryRun) -> None:
    """The subject that fired most, or another of those that were drawn."""
    subjects = list(dict.fromkeys(result.series["subject"])) if len(result.series) else []
    if not subjects:
        return
    named = [one or "All together" for one in subjects]
    chosen = subjects[0]
    if len(subjects) > 1:
        chosen = subjects[named.index(st.selectbox("Subject", named, key="dry_run_subject", width=320))]
    found = result.series[result.series["subject"] == chosen]
    measure, where = MEASURES[typed["measure"]], zone(actor)
    unit = {"burn_rate": "times", "rate_of_change": "ratio", "absence": "s"}.get(typed["kind"], measure.unit)
    with_bound = found if typed["kind"] in ("anomaly", "absence", "burn_rate") else found.assign(bound=result.bound)
    figure = course.drawn(with_bound, f"{measure.title}: {chosen}" if chosen else measure.title, unit, where)
    for row in result.intervals[result.intervals["subject"] == chosen].head(40).to_dict("records"):
        course.mark(figure, row["fired_at"], "", "down", where)
    with st.container(border=True):
        charts.show(figure, "dry_run_chart")


def _list(actor: Actor, typed: dict[str, Any], result: DryRun) -> None:
    if result.intervals.empty:
        return
    unit = MEASURES[typed["measure"]].unit if typed["kind"] in ("threshold", "certificate") else ""
    shown = result.intervals.assign(
        lasted=[words.lasting(one) for one in _lengths(result.intervals)],
        worst=[words.figure(one, unit) for one in result.intervals["worst"]],
    ).head(LISTED)
    where, column = str(zone(actor)), st.column_config
    st.dataframe(
        shown[["subject", "since", "fired_at", "cleared_at", "lasted", "worst"]], hide_index=True, key="dry_run_list",
        placeholder=UNKNOWN, height="content" if len(shown) <= 10 else 380,
        column_config={
            "subject": column.TextColumn("Subject", width=230),
            "since": column.DatetimeColumn("Began", format="YYYY-MM-DD HH:mm", timezone=where, width=130),
            "fired_at": column.DatetimeColumn("Would have fired", format="YYYY-MM-DD HH:mm", timezone=where, width=130),
            "cleared_at": column.DatetimeColumn("Over", format="YYYY-MM-DD HH:mm", timezone=where, width=130),
            "lasted": column.TextColumn("Lasted", width=80),
            "worst": column.TextColumn("At its worst", width=100),
        },
    )  # fmt: skip
    if result.count > LISTED:
        st.caption(f"These are the first {LISTED} of {result.count:,}.")
