"""How an endpoint did over the last week: attempts, failures, time."""

from datetime import timedelta
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.platform.webhooks import queries
from pages._parts import charts
from pages._parts.charts import TONES, Axes
from pages._parts.frame import live, zone
from pages._parts.moments import percent

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@live("30s")
def charts_of(actor: Actor, webhook_id: UUID) -> None:
    """Attempts per hour, taken and failed, and how long they took on average."""
    st.subheader("Health", anchor=False)
    until = utc_now()
    since = (until - WEEK).replace(minute=0, second=0, microsecond=0)
    found = queries.health(actor, webhook_id, since=since)
    if found.empty:
        st.info(
            "No attempt of the last 7 days is summed up yet; that happens every 30 s.", icon=":material/hourglass_top:"
        )
        return
    frame = found.assign(taken=found["total"] - found["failures"])
    attempts = Axes(_told(frame), "per hour", zone(actor), span=(since, until))
    time = Axes("Mean duration", "ms", zone(actor), span=(since, until))
    tones = [TONES["healthy"], TONES["down"]]
    figures = {
        "attempts": charts.steps(
            frame, "at", {"taken": "Taken", "failures": "Failed"}, attempts, every=HOUR, colours=tones
        ),
        "duration": charts.steps(frame, "at", {"mean_ms": "Mean"}, time, every=HOUR),
    }
    for column, (name, figure) in zip(st.columns(2), figures.items(), strict=True):
        with column.container(border=True):
            charts.show(figure, f"health_{name}")


def _told(frame: pd.DataFrame) -> str:
    total, failures = int(frame["total"].sum()), int(frame["failures"].sum())
    return f"Attempts of 7 days: {total:,}, {percent(failures / total)} failed"
