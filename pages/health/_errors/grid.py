"""The table of causes. A click on a cell opens one; ticked rows can be acknowledged, resolved, ignored, assigned."""

from typing import Any

import pandas as pd
import streamlit as st

from core.health.errors import course, queries
from core.health.errors.queries import Filters, Sort
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages._parts.time_range import TimeRange
from pages.health._errors import acts, texts

_FRAME = "errors_frame"
SHOWN = [
    "what", "state", "trend", "spike", "errors", "share", "tenants", "last_seen_at", "assignee", "first_seen_at", "service",
    "route",
]  # fmt: skip


def show(actor: Actor, span: TimeRange, filters: Filters, sort: Sort) -> None:
    """A page of the table, or a sentence when nothing matches."""
    st.subheader("Causes", anchor=False)
    place = (filters, sort, span.label)
    way = paging.trail("errors", place)
    frame, following = _page(actor, span, filters, sort, way)
    if frame.empty:
        _nothing(filters, span)
        return
    event = st.dataframe(
        frame[SHOWN], hide_index=True, key=table_key("errors"), on_select="rerun", placeholder=UNKNOWN,
        selection_mode=["multi-row", "single-cell"], column_config=_columns(actor), row_height=38,
        height="content" if len(frame) <= 14 else 580,
    )  # fmt: skip
    if event.selection.cells:
        open_row("errors", "fingerprint", frame["fingerprint"].iloc[event.selection.cells[0][0]])
    acts.many(actor, frame.iloc[event.selection.rows])
    paging.buttons(
        "errors", way, len(frame), following,
        lambda: queries.totals(actor, filters, span.since, span.until)["groups"],
    )  # fmt: skip


def _page(
    actor: Actor, span: TimeRange, filters: Filters, sort: Sort, way: list[str]
) -> tuple[pd.DataFrame, str | None]:
    """The page; while rows are ticked it stands still, so that a place still means the same cause."""
    place = (filters, sort, span.label, tuple(way))
    held, kept = st.session_state.get(table_key("errors")), st.session_state.get(_FRAME)
    if held and held["selection"]["rows"] and kept and kept[0] == place:
        return kept[1], kept[2]
    page = queries.directory(
        actor, filters, span.since, span.until, sort=sort, after=paging.after(way), limit=paging.SIZE
    )
    frame = _told(actor, span, page.frame) if len(page.frame) else page.frame
    st.session_state[_FRAME] = (place, frame, page.next)
    return frame, page.next


def _told(actor: Actor, span: TimeRange, frame: pd.DataFrame) -> pd.DataFrame:
    trends = course.trends(actor, list(frame["fingerprint"]), span.since, span.until)
    starts, grain = course.buckets(span.since, span.until), span.grain
    requests = course.requests_by_service(actor, span.since, span.until)
    rows, viewer = frame.to_dict("records"), zone(actor)
    spikes = [texts.spike(trends[row["fingerprint"]], starts, viewer, grain) for row in rows]
    return frame.assign(
        what=[texts.title(row) for row in rows],
        states=frame["state"],
        state=[texts.BADGES[row["state"]][0] for row in rows],
        trend=pd.Series([trends[row["fingerprint"]] for row in rows], index=frame.index, dtype="object"),
        spike=pd.Series(spikes, index=frame.index, dtype="string"),
        share=[texts.share(row["errors"], requests.get(row["service"])) for row in rows],
    )


def _columns(actor: Actor) -> dict[str, Any]:
    viewer, of = str(zone(actor)), st.column_config
    return {
        "what": of.TextColumn("Error", width=300), "state": of.TextColumn("State", width=100),
        "trend": of.BarChartColumn("Trend", width=120, y_min=0),
        "errors": of.NumberColumn("Errors", width=70, format="localized"),
        "share": of.TextColumn("Of requests", width=85, help="Errors as a share of all requests of the service in this time."),
        "tenants": of.NumberColumn("Tenants", width=65, help="How many tenants were hit in this time."),
        "last_seen_at": of.DatetimeColumn("Last seen", format="distance", timezone=viewer, width=110),
        "first_seen_at": of.DatetimeColumn("First seen", format="distance", timezone=viewer, width=110),
        "spike": of.TextColumn("Spike", width=100, help="When errors were suddenly many, the last time."),
        "assignee": of.TextColumn("Assignee", width=110), "service": of.TextColumn("Service", width=90),
        "route": of.TextColumn("Route", width=160),
    }  # fmt: skip


def _nothing(filters: Filters, span: TimeRange) -> None:
    is_narrow = filters != Filters(states=texts.SHOWN["Unresolved"])
    message = "No error matches. Clear a filter, or choose a longer time." if is_narrow else (
        f"No unresolved error was seen in {span.label}."
    )  # fmt: skip
    st.info(message, icon=":material/inbox:")
