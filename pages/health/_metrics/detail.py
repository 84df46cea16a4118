"""One series: what it is, what it said in the time, and the others of the same metric."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.health.metrics import history, queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import ago, clock
from pages._parts.time_range import TimeRange
from pages.health._metrics import courses, listing, texts

CARDS = {
    "gauge": {"mean": "Mean", "min": "Least", "max": "Greatest", "p95": "p95", "points": "Points"},
    "counter": {"sum": "Added", "sum_rate": "Per second", "max": "Most at once", "points": "Points"},
    "histogram": {"count": "Values", "mean": "Mean", "p50": "p50", "p95": "p95", "p99": "p99", "max": "Greatest"},
}
OF_OTHERS = ("labels", "owner", *listing.FIGURES, "last_seen_at")


def show(actor: Actor, series_id: str, span: TimeRange) -> None:
    """The series with that id, or a sentence when there is none in sight."""
    if st.button("All series", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["series"]
        st.rerun()
    try:
        series = queries.one(actor, UUID(series_id))
    except (ValueError, NotFound):
        st.warning("There is no such series, or it is not among those you may see.", icon=":material/search_off:")
        return
    _head(actor, series)
    _figures(actor, series, span)
    others = queries.siblings(actor, series)
    courses.show(actor, series, others, span)
    if len(others) > 1:
        st.subheader("Series of the same metric", anchor=False)
        listing.table(actor, others, span, "siblings", OF_OTHERS)


def _head(actor: Actor, series: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(series["name"]), anchor=False, width="content")
        st.badge(series["kind"].capitalize(), help=texts.KIND_HELP[series["kind"]])
        if series["service"]:
            st.badge(plain(series["service"]), color="gray", icon=":material/deployed_code:")
    now, viewer = utc_now(), zone(actor)
    told = [f"Of: {plain(texts.owner(series))}"]
    told += [f"labels: {plain(texts.labels(series['labels']))}"] if series["labels"] else []
    told += [f"unit: {plain(texts.unit(series['unit']))}"] if texts.unit(series["unit"]) else []
    told.append(f"first seen {clock(series['first_seen_at'], viewer, now=now)}")
    told.append(f"last seen {ago(now - series['last_seen_at'])}")
    st.caption("; ".join(told) + ".")


def _figures(actor: Actor, series: dict[str, Any], span: TimeRange) -> None:
    frame = history.figures(actor, [series["id"]], since=span.since, until=span.until)
    if frame.empty:
        return
    values, cards, unit = frame.iloc[0], CARDS[series["kind"]], texts.unit(series["unit"])
    with st.grid(len(cards), gap="small", min_column_width=130):
        for column, label in cards.items():
            is_value = column not in ("points", "count")
            st.metric(
                f"{label} ({plain(unit)})" if unit and is_value else label, texts.number(values[column]), border=True
            )
