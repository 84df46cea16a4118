"""The cards: what there is to do now, and how well it was done in the period."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.figures import times
from core.support.satisfaction import queries as satisfaction
from core.support.satisfaction import rules
from pages._parts.moments import UNKNOWN
from pages.support._figures.period import Chosen
from pages.support._figures.words import duration, longer, points, share


def show(active: pd.DataFrame, days: pd.DataFrame, resolved_today: int) -> None:
    """What waits now, and the course of each count over the period where it has one."""
    counts = active.groupby("status")["tickets"].sum()
    opened = int(counts.get("open", 0) + counts.get("reopened", 0))
    urgent = int(active.loc[active["priority"] == "urgent", "tickets"].sum())
    with st.grid(5, gap="small", min_column_width=150):
        _card(
            "Open",
            opened,
            "New or reopened, and nobody has begun with them. The bars: tickets that came, by day.",
            days["created"],
        )
        _card("In progress", int(counts.get("in_progress", 0)), "Somebody works on them.")
        _card("Waiting", int(counts.get("waiting", 0)), "They rest until the customer, or somebody else, has answered.")
        _card("Urgent", urgent, "Of all that are open, in progress or waiting.")
        _card(
            "Resolved today",
            resolved_today,
            "Since midnight in your time zone, and not reopened since. The bars: by day of the period.",
            days["resolved"],
        )


def show_quality(actor: Actor, chosen: Chosen, waits: pd.DataFrame, rates: pd.DataFrame) -> None:
    """Of the period, compared with the same length of time before it."""
    st.caption(f"In {chosen.label}, compared with the same length of time before; at most a minute old.")
    kept = rates.set_index("target").loc["resolution"]
    with st.grid(5, gap="small", min_column_width=150):
        _time(
            "First response, average", waits, "first_response", "From a ticket's creation to the first public answer."
        )
        _time(
            "Resolution, average",
            waits,
            "resolution",
            "From a ticket's creation to its last resolution, pauses included.",
        )
        _card(
            "Resolved in time", share(kept["met_ratio"]), "Of the resolution clocks that ended, those that met their target.",
            delta=points(kept["met_ratio"], kept["met_ratio_before"]),
        )  # fmt: skip
        _satisfaction(actor, chosen)


def _time(title: str, waits: pd.DataFrame, measure: Any, told: str) -> None:
    now = times.figure(waits, measure, "wall_average_s")
    before = times.figure(waits, measure, "wall_average_s", is_before=True)
    median = times.figure(waits, measure, "wall_median_s")
    _card(
        title,
        duration(now),
        f"{told} Half of them took at most {duration(median)}.",
        delta=longer(now, before),
        is_bad=True,
    )


def _satisfaction(actor: Actor, chosen: Chosen) -> None:
    period = chosen.period
    score = satisfaction.score(actor, satisfaction.Filters(period.since, period.until))
    nps = satisfaction.nps(actor, rules.quarter_of(utc_now().date()))
    _card("CSAT", share(score.happy_ratio), f"Share of 4 and 5 in {score.answers:,} answers of the period.")
    told = f"Promoters less detractors, of {nps.answers:,} answers in this quarter: from -100 to 100."
    _card("NPS", UNKNOWN if nps.score is None else f"{nps.score:+.0f}", told)


def _card(
    title: str,
    value: Any,
    told: str,
    course: pd.Series | None = None,
    *,
    delta: str | None = None,
    is_bad: bool = False,
) -> None:
    points_of = [] if course is None else course.astype(float).tolist()
    st.metric(
        title, f"{value:,}" if isinstance(value, int) else value, delta, border=True, height="stretch", help=told,
        delta_color="inverse" if is_bad else "normal", chart_data=points_of if len(points_of) > 1 else None, chart_type="bar",
    )  # fmt: skip
