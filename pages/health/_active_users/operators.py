"""Operators: who is here now, and how many there were."""

import pandas as pd
import streamlit as st

from core.health.active import queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.roles import ROLES
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, ago
from pages._parts.time_range import TimeRange

_SHOWN = ["who", "role", "last_at", "route", "requests"]


def figure(count: int | None) -> str:
    """A count, or that it is not known."""
    return UNKNOWN if count is None else f"{count:,}"


@live("10s")
def now(actor: Actor) -> None:
    """The counts of this moment and who is behind the first of them."""
    st.subheader("Operators", anchor=False)
    found = queries.operators(actor)
    with st.grid(3, gap="small", min_column_width=160):
        st.metric(
            "Active now", figure(found.now), border=True, help="Opened a page or called the API in the last 15 minutes."
        )
        st.metric("In 24 h", figure(found.day), border=True, help="Whole hours, the one that runs included.")
        st.metric("In 7 d", figure(found.week), border=True, help="Whole hours, the one that runs included.")
    if found.counted_at is None:
        st.caption("The two longer figures are not known: nothing was summed up yet. Start the jobs process.")
    _here(actor)


def _here(actor: Actor) -> None:
    here = queries.operators_now(actor)
    if here.empty:
        st.caption("Nobody opened a page or called the API in the last 15 minutes.")
        return
    with st.expander(f"Who is here ({len(here)})", icon=":material/group:", key="who_is_here"):
        who = here["name"].fillna(here["operator_id"])
        roles = [UNKNOWN if pd.isna(role) else ROLES[role].title if role in ROLES else role for role in here["role"]]
        st.dataframe(
            here.assign(who=who, role=roles)[_SHOWN], hide_index=True, key="operators_now", height="content",
            column_config={
                "who": "Operator", "role": "Role", "route": "Last page or call", "requests": "Requests in 15 min",
                "last_at": st.column_config.DatetimeColumn("Last seen", format="distance", timezone=str(zone(actor))),
            },
        )  # fmt: skip


def trend(actor: Actor, chosen: TimeRange) -> None:
    """How many operators by 5 minutes, hour or day; a click shows that time alone."""
    frame = queries.operator_trend(actor, chosen.since, chosen.until, chosen.grain)
    step = queries.step_of(chosen.grain)
    with st.container(border=True, height="stretch"):
        if frame.empty:
            st.markdown("**Operators**")
            st.info(f"Nothing is known of {chosen.label}: no activity was summed up then.", icon=":material/inbox:")
            return
        unit = {"minute": "per 5 min", "hour": "per hour", "day": "per day (UTC)"}[chosen.grain]
        axes = Axes("Operators", unit, zone(actor), span=(chosen.since, chosen.until))
        charts.show(charts.steps(frame, "bucket", {"operators": "Operators"}, axes, every=step), "operator_trend")
        most = frame.sort_values("operators", kind="stable").iloc[-1]
        last = frame["bucket"].iloc[-1] + step
        behind = f" Counted up to {ago(utc_now() - last)}." if chosen.is_live and utc_now() - last > 2 * step else ""
        at = most["bucket"].tz_convert(zone(actor))
        st.caption(f"Most at once: **{int(most['operators']):,}**, {at:%d %b %H:%M}.{behind}")
