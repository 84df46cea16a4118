"""The course of a series over the time, and of those of the same metric beside it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.health.metrics import history
from core.health.metrics.history import History
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.charts import LINES, Axes
from pages._parts.frame import zone
from pages._parts.moments import ago
from pages._parts.time_range import TimeRange
from pages.health._metrics import texts

EXTREMES = {"max": "Greatest", "mean": "Mean", "min": "Least"}
PERCENTILES = {"p99": "p99", "p95": "p95", "p50": "p50"}


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a series: its lines, whether they are in its own unit, and what compares it with others."""

    lines: dict[str, str]
    compared: str
    unit: str | None = None
    is_added: bool = False


VIEWS: dict[str, dict[str, View]] = {
    "gauge": {
        "Value": View(EXTREMES, "mean"), "Percentiles": View(PERCENTILES, "p95"),
        "Reports": View({"points": "Points"}, "points", "points", is_added=True),
    },
    "counter": {
        "Rate": View({"sum_rate": "Rate"}, "sum_rate", "per second"),
        "Added": View({"sum": "Added"}, "sum", is_added=True),
    },
    "histogram": {
        "Percentiles": View(PERCENTILES, "p95"), "Value": View(EXTREMES, "mean"),
        "Rate": View({"count_rate": "Values"}, "count_rate", "values per second"),
    },
}  # fmt: skip


def show(actor: Actor, series: dict[str, Any], others: pd.DataFrame, span: TimeRange) -> None:
    """The chart of the chosen view, one of the others' beside each other, or a sentence where nothing was said."""
    views = VIEWS[series["kind"]]
    known = st.query_params.get("view", "")
    chosen = st.segmented_control(
        "View", list(views), default=known if known in views else next(iter(views)), key=f"view_{series['kind']}",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    st.query_params["view"] = chosen
    view = views[chosen]
    found = history.history(actor, _beside(series, others), since=span.since, until=span.until)
    own = found.buckets[found.buckets["series_id"] == str(series["id"])]
    if own.empty:
        st.info(f"It said nothing in {span.label}. Choose a longer time.", icon=":material/inbox:")
        return
    _as_of(found)
    axes = _axes(actor, series, view, found)
    with st.container(border=True):
        _own(own, view, axes, found)
    if found.buckets["series_id"].nunique() > 1:
        with st.container(border=True):
            _compared(found, view, axes, others)


def _as_of(found: History) -> None:
    told = f"By the {found.window.grain}"
    if found.rolled_up_at is not None:
        told += f", counted up to {ago(utc_now() - found.rolled_up_at)}"
    st.caption(f"{told}. Nothing is drawn where nothing was said.")


def _beside(series: dict[str, Any], others: pd.DataFrame) -> list[Any]:
    """The series itself, and as many others as there are colours."""
    rest = [one for one in others["id"] if one != str(series["id"])]
    return [str(series["id"]), *rest[: len(LINES) - 1]]


def _axes(actor: Actor, series: dict[str, Any], view: View, found: History) -> Axes:
    own = texts.unit(series["unit"])
    unit = view.unit or (f"{own} per {found.window.grain}".strip() if view.is_added else own)
    return Axes(series["name"], unit, zone(actor), span=(found.window.since, found.window.until), height=300)


def _own(own: pd.DataFrame, view: View, axes: Axes, found: History) -> None:
    if view.is_added:
        charts.show(charts.steps(own, "bucket", view.lines, axes, every=found.window.step), "course")
        return
    lines = {column: title for column, title in view.lines.items() if own[column].notna().any()}
    if not lines:
        st.caption("Percentiles are not known here: they are told apart from 0.001 on.")
        return
    figure = charts.line(gaps_shown(own, found.window.step), "bucket", lines, axes)
    figure.update_traces(mode="lines+markers" if len(own) <= 120 else "lines")
    charts.show(_signed(figure, own, lines), "course")


def _signed(figure: Any, frame: pd.DataFrame, columns: Any) -> Any:
    """An axis from zero would cut off what lies below it."""
    if (frame[list(columns)] < 0).any(axis=None):
        figure.update_yaxes(rangemode="normal")
    return figure


def _compared(found: History, view: View, axes: Axes, others: pd.DataFrame) -> None:
    rows: list[Any] = others.to_dict("records")
    titles = texts.told_apart(rows)
    wide = found.buckets.pivot(index="bucket", columns="series_id", values=view.compared)
    named = {one: titles[one] for one in wide.columns if one in titles}
    title = f"{axes.title}: {view.lines[view.compared]} of {len(named)} series"
    beside = Axes(title, axes.unit, axes.zone, span=axes.span, height=280)
    frame = gaps_shown(wide.reset_index(), found.window.step)
    charts.show(_signed(charts.line(frame, "bucket", named, beside), frame, named), "compared")


def gaps_shown(frame: pd.DataFrame, step: timedelta) -> pd.DataFrame:
    """The rows with an empty one in each gap, so that a line breaks there: a gap is three times as long as usual."""
    if len(frame) < 2:
        return frame
    between = frame["bucket"].diff().dt.total_seconds()
    usual = max(float(between.median()), step.total_seconds())
    after = frame[["bucket"]][between > 3 * usual] - pd.Timedelta(step)
    return pd.concat([frame, after]).sort_values("bucket", ignore_index=True) if len(after) else frame
