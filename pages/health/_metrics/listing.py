"""The table of series with their figures; a click opens one."""

from typing import Any

import pandas as pd
import streamlit as st

from core.health.metrics import history
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages._parts.time_range import TimeRange
from pages.health._metrics import texts

SIZE = 25  # each with figures out of the sketches of its whole time
FIGURES = ("mean", "max", "p95", "rate")
SHOWN = ("name", "labels", "service", "owner", "kind", "unit", *FIGURES, "last_seen_at")


def show(actor: Actor, frame: pd.DataFrame, span: TimeRange) -> None:
    """The page of series that was read, with what they said in the time."""
    table(actor, frame, span, "metrics", SHOWN)
    st.caption(f"Figures are of {span.label}. Rates are per second: of counters what was added, of others how often.")


def table(actor: Actor, frame: pd.DataFrame, span: TimeRange, name: str, columns: tuple[str, ...]) -> None:
    """Draws the series; a click opens one."""
    shown = with_figures(actor, frame, span)
    event = st.dataframe(
        shown[list(columns)], hide_index=True, key=table_key(name), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(frame) <= 15 else 560, column_config=_config(actor),
    )  # fmt: skip
    if event.selection.rows:
        open_row(name, "series", frame["id"].iloc[event.selection.rows[0]])


def with_figures(actor: Actor, frame: pd.DataFrame, span: TimeRange) -> pd.DataFrame:
    """The series with what they said in the time; NA where they said nothing."""
    figures = history.figures(actor, list(frame["id"]), since=span.since, until=span.until)
    found = frame.merge(figures.rename(columns={"series_id": "id"}), on="id", how="left")
    rows: list[Any] = found.to_dict("records")
    return found.assign(
        labels=[texts.labels(row["labels"]) for row in rows], owner=[texts.owner(row) for row in rows],
        unit=[texts.unit(row["unit"]) for row in rows], rate=[row[history.rate_of(row["kind"])] for row in rows],
    )  # fmt: skip


def _config(actor: Actor) -> dict[str, Any]:
    titles = {"mean": "Mean", "max": "Greatest", "p95": "p95", "rate": "Rate (1/s)"}
    numbers = {name: st.column_config.NumberColumn(title, format="compact", width=72) for name, title in titles.items()}
    return {
        "name": st.column_config.TextColumn("Name", width=185), "labels": st.column_config.TextColumn("Labels", width=190),
        "service": st.column_config.TextColumn("Service", width=95), "owner": st.column_config.TextColumn("Of", width=95),
        "kind": st.column_config.TextColumn("Kind", width=75), "unit": st.column_config.TextColumn("Unit", width=60),
        "last_seen_at": st.column_config.DatetimeColumn(
            "Last seen", format="distance", timezone=str(zone(actor)), width=100, help="To within five minutes."
        ),
    } | numbers  # fmt: skip
