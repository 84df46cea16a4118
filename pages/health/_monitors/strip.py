"""The states of a monitor along the time, at the same places as in the chart above."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import zone
from pages._parts.time_range import STEPS, TimeRange
from pages.health._monitors import texts

COLOURS = {
    "up": charts.TONES["healthy"], "degraded": charts.TONES["degraded"], "down": charts.TONES["down"],
    "unknown": charts.FAINT, "paused": "rgba(31, 143, 176, 0.45)",
}  # fmt: skip
MAINTENANCE = charts.LINES[0]
STATE_LANE, MAINTENANCE_LANE = "State", "Maintenance"
MARGIN = 84  # pixels: the longer lane's name
MOST = 2_000  # intervals in the strip: a browser draws so many bars at once


def aligned(figure: Any) -> Any:
    """The same margin left of chart and strip, so that a moment is at the same place in both."""
    return figure.update_layout(margin_l=MARGIN).update_yaxes(automargin=False)


def show(actor: Actor, changes: pd.DataFrame, course: pd.DataFrame, span: TimeRange) -> None:
    """The states of the time in a lane, and maintenance that does not count in another."""
    rows = pd.concat([_states(actor, changes, span), _excluded(actor, course, span)], ignore_index=True)
    if rows.empty:
        st.caption("Nothing is known of its states in this time.")
        return
    lanes = [lane for lane in (STATE_LANE, MAINTENANCE_LANE) if lane in set(rows["lane"])]
    axes = Axes("States", "", zone(actor), span=(span.since, span.until), height=90 + 32 * len(lanes))
    charts.show(aligned(charts.spans(rows, lanes, axes)), "monitor_states")
    st.caption(
        ":small[:green[■] up · :orange[■] degraded · :red[■] down · :gray[■] not observed · :blue[■] paused · "
        ":blue[▨] maintenance that does not count]"
    )


def _states(actor: Actor, changes: pd.DataFrame, span: TimeRange) -> pd.DataFrame:
    latest = changes.tail(MOST)
    ends = latest["until"].fillna(pd.Timestamp(span.until))
    told = [_told(actor, row, end) for row, end in zip(latest.to_dict("records"), ends, strict=True)]
    return pd.DataFrame({
        "since": latest["since"], "until": ends, "lane": STATE_LANE, "colour": [COLOURS[one] for one in latest["state"]],
        "told": told, "is_hatched": False,
    })  # fmt: skip


def _told(actor: Actor, row: dict[Any, Any], end: datetime) -> str:
    since, until = (moment.astimezone(zone(actor)) for moment in (row["since"], end))
    still = "" if not texts.is_unknown(row["until"]) else " (still)"
    cause = f"<br>{_safe(row['cause'])}" if row["cause"] else ""
    when = f"{since:%d %b %H:%M:%S} to {until:%d %b %H:%M:%S}{still}, {texts.length(end - row['since'])}"
    return f"{texts.state(row['state'])}<br>{when}{cause}"


def _safe(text: str) -> str:
    """Plotly reads marks in hover texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _excluded(actor: Actor, course: pd.DataFrame, span: TimeRange) -> pd.DataFrame:
    """Maintenance that does not count, as far as the steps of the chart tell."""
    within = course[course["excluded_s"] > 0]
    begins, step = list(within["bucket"]), STEPS[span.grain]
    where = zone(actor)
    told = [f"Maintenance, {texts.length(timedelta(seconds=seconds))} excluded<br>{at.astimezone(where):%d %b %H:%M}"
            for at, seconds in zip(begins, within["excluded_s"], strict=True)]  # fmt: skip
    return pd.DataFrame({
        "since": within["bucket"], "until": within["bucket"] + step, "lane": MAINTENANCE_LANE, "colour": MAINTENANCE,
        "told": told, "is_hatched": True,
    })  # fmt: skip
