"""How bad it is: figures of the time, errors by type over time, and the types themselves."""

import pandas as pd
import streamlit as st

from core.health.errors import course, queries
from core.health.errors.queries import Filters
from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import zone
from pages._parts.opening import open_row, table_key
from pages._parts.time_range import TimeRange
from pages.health._errors import texts

TYPES = 5
WORDS = {"minute": "per minute", "hour": "per hour", "day": "per day (UTC)"}


def show(actor: Actor, span: TimeRange) -> None:
    """Figures and charts of all errors in sight; nothing but the figures when there was none."""
    found = queries.totals(actor, Filters(), span.since, span.until)
    _figures(actor, span, found)
    if not found["errors"]:
        return
    kinds = course.by_type(actor, span.since, span.until)
    named = list(kinds["type"].head(TYPES))
    times = course.by_time(actor, named, span.since, span.until)
    left, right = st.columns([2, 1])
    with left.container(border=True):
        _over_time(actor, span, times, named)
    with right.container(border=True):
        _by_type(kinds)


def _figures(actor: Actor, span: TimeRange, found: dict[str, int]) -> None:
    before = queries.totals(actor, Filters(), span.before.since, span.before.until)
    requests = course.requests_by_service(actor, span.since, span.until)
    with st.grid(4, gap="small", min_column_width=180):
        _compared("Errors", found["errors"], before["errors"], f"In {span.label}.")
        _compared("Causes", found["groups"], before["groups"], "Errors with the same fingerprint are one cause.")
        st.metric(
            "Nobody looks at", f"{found['fresh']:,}", border=True, height="stretch",
            help="Causes that are open, or returned after they were resolved.",
        )  # fmt: skip
        st.metric(
            "Errors to requests", texts.share(found["errors"], sum(requests.values())), border=True, height="stretch",
            help="Errors as a share of all requests that were counted in this time.",
        )  # fmt: skip


def _compared(label: str, value: int, before: int, about: str) -> None:
    told = f"{value - before:+,} to the time before" if value != before else "as in the time before"
    st.metric(
        label, f"{value:,}", told, border=True, height="stretch", help=about,
        delta_color="inverse" if value != before else "off", delta_arrow="auto" if value != before else "off",
    )  # fmt: skip


def _over_time(actor: Actor, span: TimeRange, times: pd.DataFrame, named: list[str]) -> None:
    columns = {name: name for name in named} | ({course.OTHER: "Other"} if times[course.OTHER].any() else {})
    axes = Axes("Errors by type", WORDS[span.grain], zone(actor), span=(span.since, span.until), height=280)
    figure = charts.steps(times, "bucket", columns, axes, every=span.step, colours=charts.PARTS)
    figure.update_layout(legend={"yanchor": "top", "y": -0.12, "xanchor": "left", "x": 0, "traceorder": "normal"})
    charts.show(figure, "errors_over_time")
    starts = pd.DatetimeIndex(times["bucket"])
    sums = times.drop(columns="bucket").sum(axis=1).astype(int).tolist()
    last = texts.spike(sums, starts, zone(actor), span.grain)
    if last:
        st.caption(f":material/trending_up: A spike of errors at {last}.")


def _by_type(kinds: pd.DataFrame) -> None:
    st.markdown("**Types of error**")
    event = st.dataframe(
        kinds, hide_index=True, key=table_key("error_types"), on_select="rerun", selection_mode="single-cell", height=300,
        column_config={
            "type": st.column_config.TextColumn("Type", width=160, help="A click shows only these."),
            "errors": st.column_config.NumberColumn("Errors", format="localized", width=60),
            "groups": st.column_config.NumberColumn("Causes", width=60),
        },
    )  # fmt: skip
    if event.selection.cells:
        open_row("error_types", "type", kinds["type"].iloc[event.selection.cells[0][0]])
