"""The table of monitors: a click opens one, ticks choose several."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.health._monitors import texts

MAINTENANCE = "Maintenance"
SHOWN = [
    "state",
    "name",
    "target",
    "day",
    "month",
    "latency_ms",
    "latencies",
    "since",
    "kind",
    "tags",
    "owner",
    "tenants",
]


def show(actor: Actor, frame: pd.DataFrame, *, key: str) -> tuple[list[int], int | None]:
    """Draws the rows; returns the places that are ticked, and the place that was clicked."""
    rows = frame.to_dict("records")
    shown = frame.assign(
        state=_lists([_state(row) for row in rows], frame),
        kind=[texts.KINDS[row["kind"]] for row in rows],
        latencies=_lists([_course(row) for row in rows], frame),
        target=[texts.target(row) for row in rows],
        day=[texts.available(row["availability_24h"], row["unobserved_24h"]) for row in rows],
        month=[texts.available(row["availability_30d"], row["unobserved_30d"]) for row in rows],
    )
    event = st.dataframe(
        shown[SHOWN], hide_index=True, key=key, on_select="rerun", selection_mode=["multi-row", "single-cell"],
        placeholder=UNKNOWN, height="content" if len(frame) <= 14 else 560, column_config=_columns(actor),
    )  # fmt: skip
    cells = event.selection.cells
    return list(event.selection.rows), int(cells[0][0]) if cells else None


def _lists(values: list[Any], frame: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=frame.index, dtype="object")


def _state(row: dict[Any, Any]) -> list[str]:
    """Maintenance is said first: what is down then is meant to be."""
    return [*([MAINTENANCE] if row["in_maintenance"] else []), texts.state(row["state"])]


def _course(row: dict[Any, Any]) -> list[float]:
    """A table's small chart cannot draw a gap, so hours without an answer are left out of it."""
    return [round(value, 1) for value in row["latencies"] if value is not None]


def _columns(actor: Actor) -> dict[str, Any]:
    words = [*(one[0] for one in texts.STATES.values()), MAINTENANCE]
    colours = [*(one[2] for one in texts.STATES.values()), "violet"]
    column, viewer = st.column_config, str(zone(actor))
    seen = (
        "Available, of the observed time without excluded maintenance and pauses; then how much of it nobody observed."
    )
    return {
        "state": column.MultiselectColumn("State", options=words, color=colours, width=100),
        "name": column.TextColumn("Name", width=190),
        "kind": column.TextColumn("Kind", width=70),
        "target": column.TextColumn("Target", width=165),
        "day": column.TextColumn("24 h · unobserved", help=seen, width=135),
        "month": column.TextColumn("30 d · unobserved", help=seen, width=135),
        "latency_ms": column.NumberColumn("Last (ms)", format="%.0f", width=72),
        "latencies": column.LineChartColumn(
            "ms, 24 h", help="Hourly means; hours without an answer are left out.", y_min=0, width=105
        ),
        "since": column.DatetimeColumn("Since", format="distance", timezone=viewer, width=100),
        "tags": column.ListColumn("Tags", width=140),
        "owner": column.TextColumn("Owner", width=120),
        "tenants": column.ListColumn("Tenants", width=140),
    }
