"""MTTA, MTTR and MTBF: for all, by severity and by service, and month by month."""

from datetime import timedelta
from functools import partial
from typing import Any, cast

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.review import figures
from core.reliability.review.figures import By
from pages._parts import charts, exporting
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.reliability._review import words

DAYS = {30: "30 days", 90: "90 days", 180: "180 days", 365: "A year"}
BY = {"severity": "Severity", "service": "Service"}


def show(actor: Actor) -> None:
    """All of it, for the days that are chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.segmented_control(
            "Time", list(DAYS), default=90, format_func=DAYS.__getitem__, key="days", bind="query-params", required=True
        )
        by = st.segmented_control(
            "By", list(BY), default="severity", format_func=BY.__getitem__, key="by", bind="query-params", required=True
        )
    until = utc_now()
    since = until - timedelta(days=int(days or 90))
    whole = figures.figures(actor, since, until, by="all")
    if whole.empty:
        st.info(
            f"No incident began in the last {DAYS[int(days or 90)].lower()}. Look at a longer time.",
            icon=":material/inbox:",
        )
        return
    _cards(whole.iloc[0])
    parts = figures.figures(actor, since, until, by=cast(By, by))
    _table(parts, str(by))
    with st.container(horizontal=True, horizontal_alignment="right"):
        told = {"since": since.isoformat(), "until": until.isoformat(), "by": by}
        exporting.button(actor, "incident figures", partial(_read, since, until, cast(By, by)), filters=told)
    _months(actor, figures.by_month(actor, since, until, zone=str(zone(actor))))


def _read(since: Any, until: Any, by: By, actor: Actor) -> pd.DataFrame:
    return figures.figures(actor, since, until, by=by)


def _cards(row: pd.Series) -> None:
    with st.container(horizontal=True):
        st.metric("Incidents", int(row["incidents"]), border=True)
        st.metric(
            "MTTA", words.length(row["mtta_s"]), border=True, help="Mean from the declaration until somebody took it."
        )
        st.metric(
            "MTTR", words.length(row["mttr_s"]), border=True, help="Mean from the beginning until it was resolved."
        )
        st.metric(
            "MTBF", words.length(row["mtbf_s"]), border=True, help="Mean between the beginnings of two incidents."
        )
        st.metric(
            "Within target", _share(row["in_time"], row["judged"]), border=True,
            help="SEV1 within 2 hours, SEV2 within 8; SEV3 has no target. One that runs past its target counts as missed.",
        )  # fmt: skip


def _share(done: Any, of: Any) -> str:
    return f"{int(done) / int(of):.0%} of {int(of)}" if of else UNKNOWN


def _table(parts: pd.DataFrame, by: str) -> None:
    groups = parts["group"].str.upper() if by == "severity" else parts["group"].replace("", "No service named")
    shown = pd.DataFrame({
        BY[by]: groups, "Incidents": parts["incidents"], "Live": parts["live"],
        "MTTA": [words.length(one) for one in parts["mtta_s"]], "MTTR": [words.length(one) for one in parts["mttr_s"]],
        "MTBF": [words.length(one) for one in parts["mtbf_s"]],
        "Within target": [_share(row.in_time, row.judged) for row in parts.itertuples()],
    })  # fmt: skip
    st.dataframe(shown, hide_index=True, key="incident_figures", height="content" if len(shown) < 12 else 420)


def _months(actor: Actor, months: pd.DataFrame) -> None:
    rows = months.assign(
        day=pd.to_datetime(months["month"]), severity=months["severity"].str.upper(),
        hours=months["mttr_s"].astype("Float64") / 3600,
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        axes = charts.Axes("Incidents by month", "incidents")
        charts.show(charts.stacked(rows, "day", "incidents", "severity", axes), "incidents_by_month")
    with right:
        wide = rows.pivot(index="day", columns="severity", values="hours").reset_index()
        wide["day"] = wide["day"].dt.tz_localize(zone(actor))
        names = {one: one for one in wide.columns if one != "day"}
        axes = charts.Axes("Mean time to resolve by month", "h", zone=zone(actor))
        charts.show(charts.line(wide, "day", names, axes), "mttr_by_month")
