"""All that is known of one request: requests, errors, audit entries and jobs of its correlation id."""

from collections.abc import Hashable
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from core.health.errors import correlation
from core.health.errors.correlation import Trace
from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.health._errors import texts

LABELS = {"request": "Request", "error": "Error", "audit": "Audit", "job": "Job"}
COLOURS = {"ok": charts.TONES["healthy"], "failed": charts.TONES["down"], "denied": charts.TONES["degraded"]}
OUTCOMES = {"ok": "Done", "failed": "Failed", "denied": "Refused"}


def show(actor: Actor, request_id: str) -> None:
    """The line of time of the id; asks for one when the address names none."""
    if st.button("All errors", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["request"]
        st.rerun()
    wanted = st.text_input(
        "Request id", request_id, key=f"request_{request_id}", placeholder="Correlation id, trace id or X-Request-ID",
        icon=":material/timeline:", max_chars=correlation.LONGEST,
    ).strip()  # fmt: skip
    if wanted != request_id:
        st.query_params["request"] = wanted
        st.rerun()
    if not wanted:
        st.info(
            "Paste the id of a request: it is in each answer's X-Request-ID and in each log line.",
            icon=":material/search:",
        )
        return
    _found(actor, correlation.timeline(actor, wanted))


def _found(actor: Actor, found: Trace) -> None:
    if found.hidden:
        names = ", ".join(f"{LABELS[kind].lower()} ({correlation.KINDS[kind]})" for kind in found.hidden)
        st.caption(f":material/visibility_off: Your role does not show: {names}.")
    if found.rows.empty:
        st.info(
            "Nothing is known of this id: it is another's, or its rows are not kept any more.", icon=":material/inbox:"
        )
        return
    _summary(actor, found.rows)
    if len(found.rows) > 1:
        _chart(actor, found.rows)
    _table(actor, found.rows)
    since, until = (texts.moment(moment, zone(actor)) for moment in (found.since, found.until))
    st.caption(f"Audit entries and jobs were looked for from {since} to {until}.")


def _summary(actor: Actor, rows: pd.DataFrame) -> None:
    counts = rows["kind"].value_counts()
    tenants = sorted(rows["tenant"].dropna().unique())
    with st.grid(5, gap="small", min_column_width=130):
        for kind, label in LABELS.items():
            st.metric(f"{label} entries" if kind == "audit" else f"{label}s", int(counts.get(kind, 0)), border=True)
        st.metric("Tenants", len(tenants), border=True, help=", ".join(tenants) or None)


def _chart(actor: Actor, rows: pd.DataFrame) -> None:
    """What took how long; a moment is drawn as the fiftieth part of the whole, so that it can be seen."""
    took = pd.to_timedelta(rows["duration_ms"].fillna(0).astype("float64"), unit="ms")
    begin, end = rows["at"].min(), (rows["at"] + took).max()
    least = max((end - begin) / 50, pd.Timedelta(milliseconds=1))
    drawn = pd.DataFrame({
        "since": rows["at"], "until": rows["at"] + took.clip(lower=least), "lane": rows["kind"].map(LABELS),
        "colour": rows["outcome"].map(COLOURS), "told": [_told(row) for row in rows.to_dict("records")],
        "is_hatched": False,
    })  # fmt: skip
    lanes = [label for label in LABELS.values() if label in set(drawn["lane"])]
    axes = Axes("Course", "", zone(actor), height=90 + 34 * len(lanes))
    with st.container(border=True):
        figure = charts.spans(drawn, lanes, axes)
        figure.update_xaxes(tickformatstops=[], tickformat="%H:%M:%S.%3f", nticks=6)
        charts.show(figure, "trace_course")


def _told(row: dict[Hashable, Any]) -> str:
    took = "" if pd.isna(row["duration_ms"]) else f", {row['duration_ms']:,.0f} ms"
    return escape(f"{row['title']}: {OUTCOMES[row['outcome']].lower()}{took}")


def _table(actor: Actor, rows: pd.DataFrame) -> None:
    first = rows["at"].iloc[0]
    shown = rows.assign(
        kind=rows["kind"].map(LABELS),
        outcome=rows["outcome"].map(OUTCOMES),
        after=(rows["at"] - first).dt.total_seconds() * 1_000,
    )
    event = st.dataframe(
        shown[["at", "after", "kind", "title", "outcome", "detail", "duration_ms", "tenant", "service"]], hide_index=True,
        key=table_key("trace"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN, height="content",
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss.SSS", timezone=str(zone(actor)), width=175),
            "after": st.column_config.NumberColumn("After (ms)", format="%.0f", width="small"), "kind": "Kind",
            "title": st.column_config.TextColumn("What", width=190), "outcome": "Outcome",
            "detail": st.column_config.TextColumn("Detail", width=270),
            "duration_ms": st.column_config.NumberColumn("Took (ms)", format="%.1f", width="small"), "tenant": "Tenant",
            "service": "Service",
        },
    )  # fmt: skip
    if event.selection.rows:
        _open(rows.iloc[event.selection.rows[0]])


def _open(row: "pd.Series[Any]") -> None:
    """An error leads to its cause; of the others, the table has said everything."""
    if row["kind"] == "error":
        st.query_params.pop("request", None)
        open_row("trace", "fingerprint", row["key"])
    st.caption("Choose an error to open its cause.")
