"""What nobody expected in the last 24 h, for those who may see traces: when, of what type, and whether it is sudden."""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.health.errors import course, queries, spikes
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import live, zone
from pages._parts.markdown import plain

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TYPES = 4  # in colours of their own; the rest is together


@live("10s")
def show(actor: Actor) -> None:
    """The course by type, and errors of one cause in one row; a click shows the trace of the latest."""
    st.subheader("Unexpected errors of the last 24 h", anchor=False)
    groups = queries.groups(actor)
    if groups.empty:
        st.caption("None was recorded.")
        return
    _course(actor)
    _groups(actor, groups)


def _course(actor: Actor) -> None:
    until = utc_now().replace(minute=0, second=0, microsecond=0) + HOUR
    since = until - DAY
    kinds = course.by_type(actor, since, until, limit=TYPES)
    if kinds.empty:
        st.caption("Their course is not summed up yet; that happens every 30 s.")
        return
    frame = course.by_time(actor, list(kinds["type"]), since, until)
    names = {name: name for name in [*kinds["type"], course.OTHER] if frame[name].sum()}
    sums = frame[list(names)].sum(axis=1).tolist()
    _told(actor, frame["bucket"], sums)
    with st.container(border=True):
        axes = Axes("Errors by type", "per hour", zone(actor), span=(since, until))
        point = charts.clicked(
            charts.steps(frame, "bucket", names, axes, every=HOUR, colours=charts.PARTS), "error_course"
        )
    if point is not None:
        at = pd.Timestamp(point["x"]).tz_localize(zone(actor)).tz_convert("UTC")
        _open(at.strftime("%Y-%m-%dT%H:%M"), (at + HOUR).strftime("%Y-%m-%dT%H:%M"))


def _told(actor: Actor, buckets: pd.Series, sums: list[int]) -> None:
    """What is sudden is said in words."""
    sudden = [buckets.iloc[place].tz_convert(zone(actor)).strftime("%H:%M") for place in spikes.spikes(sums)]
    whole = f"{sum(sums):,} in 24 h."
    if sudden:
        st.warning(f"{whole} Far more than usual in the hour from {', '.join(sudden)}.", icon=":material/trending_up:")
    else:
        st.caption(f"{whole} No hour stands out.")


def _open(since: str, until: str) -> None:
    st.switch_page("health/errors.py", query_params={"from": since, "to": until})


def _groups(actor: Actor, groups: pd.DataFrame) -> None:
    column, viewer = st.column_config, str(zone(actor))
    event = st.dataframe(
        groups.drop(columns=["fingerprint", "state"]), hide_index=True, key="errors", on_select="rerun",
        selection_mode="single-row", height="content" if len(groups) <= 8 else 320,
        column_config={
            "type": "Error", "message": column.TextColumn("Message", width="large"), "route": "Route",
            "errors": column.NumberColumn("Times", width="small"),
            "first_at": column.DatetimeColumn("First seen", format="distance", timezone=viewer),
            "last_at": column.DatetimeColumn("Last seen", format="distance", timezone=viewer),
        },
    )  # fmt: skip
    if event.selection.rows:
        _trace(actor, groups["fingerprint"].iloc[event.selection.rows[0]])


def _trace(actor: Actor, fingerprint: str) -> None:
    one: dict[str, Any] | None = queries.latest(actor, fingerprint)
    st.page_link(
        "health/errors.py", label="Whom it hits, and what belongs to it", icon=":material/bug_report:",
        query_params={"fingerprint": fingerprint},
    )  # fmt: skip
    if one is not None:
        st.caption(f"Request id {plain(one['request_id'] or 'unknown')} · {plain(one['route'])}")
        st.code(one["trace"], language=None, wrap_lines=True, height=320)
