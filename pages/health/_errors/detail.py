"""One cause: how often, since when, who is hit, what was done, and single errors with their traces."""

from typing import Any

import pandas as pd
import streamlit as st

from core.health.errors import course, queries
from core.health.errors.spikes import spikes
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts import charts, time_range
from pages._parts.charts import Axes
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago
from pages._parts.time_range import TimeRange
from pages.health._errors import acts, history, hit, single, texts
from pages.health._errors.totals import WORDS
from pages.reliability._incidents import declaring


def show(actor: Actor, fingerprint: str) -> None:
    """The errors of the fingerprint, or a sentence when there is none in sight."""
    if st.button("All errors", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["fingerprint"]
        st.rerun()
    head = st.container()
    span = time_range.choose(actor)
    try:
        row = queries.one(actor, fingerprint, span.since, span.until)
    except NotFound as error:
        st.warning(str(error), icon=":material/search_off:")
        return
    with head:
        _head(actor, row)
        acts.one(actor, row)
        declaring.button(
            actor, kind="error", target=fingerprint, title=f"{row['type']} in {row['service']}", label=row["type"],
            services=[row["service"]] if row["service"] else [], started_at=row["first_seen_at"],
        )  # fmt: skip
        declaring.linked(actor, "error", fingerprint)
    acts.open_dialog(actor)
    _figures(actor, row, span)
    _course(actor, fingerprint, span)
    hit.show(actor, fingerprint, span)
    single.show(actor, fingerprint)
    if actor.may("audit:read"):
        history.show(actor, fingerprint)


def _head(actor: Actor, row: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(row["type"]), anchor=False, width="content")
        texts.badge(row["state"])
        if row["assignee"]:
            st.badge(plain(row["assignee"]), icon=":material/person:", color="gray")
    st.text(row["message"] or UNKNOWN)
    st.caption(f"{plain(row['service'])} · {plain(row['route'])} · fingerprint {plain(row['fingerprint'])}")
    if actor.may("health:read"):
        st.page_link(
            "health/requests.py", label="Requests of this route", icon=":material/query_stats:",
            query_params={"service": row["service"], "route": row["route"]},
        )  # fmt: skip
    if row["changed_at"] is not None:
        said = f": {plain(row['note'])}" if row["note"] else "."
        label = texts.BADGES[row["state"]][0]
        st.caption(f"{label}. Last changed by {plain(row['changed_by'])} {ago(utc_now() - row['changed_at'])}{said}")
    if row["state"] == "returned":
        told = texts.moment(row["resolved_at"], zone(actor))
        st.warning(f"Resolved on {told}, and seen again since.", icon=":material/replay:")


def _figures(actor: Actor, row: dict[str, Any], span: TimeRange) -> None:
    now = utc_now()
    requests = course.requests_by_service(actor, span.since, span.until).get(row["service"])
    with st.grid(5, gap="small", min_column_width=150):
        st.metric("Errors", f"{row['errors']:,}", border=True, help=f"In {span.label}.")
        st.metric("Tenants hit", f"{row['tenants']:,}", border=True, help=f"In {span.label}.")
        st.metric(
            "Of requests", texts.share(row["errors"], requests), border=True,
            help="As a share of all requests of the service in this time.",
        )  # fmt: skip
        for label, name in (("First seen", "first_seen_at"), ("Last seen", "last_seen_at")):
            st.metric(label, ago(now - row[name]), border=True, help=texts.moment(row[name], zone(actor)))


def _course(actor: Actor, fingerprint: str, span: TimeRange) -> None:
    starts = course.buckets(span.since, span.until)
    counts = course.trends(actor, [fingerprint], span.since, span.until)[fingerprint]
    if not sum(counts):
        st.info(f"Not seen in {span.label}. Choose a longer time.", icon=":material/inbox:")
        return
    places = set(spikes(counts))
    frame = pd.DataFrame({"bucket": starts, "errors": counts}).assign(
        usual=[0 if place in places else count for place, count in enumerate(counts)],
        spike=[count if place in places else 0 for place, count in enumerate(counts)],
    )
    axes = Axes("Errors", WORDS[span.grain], zone(actor), span=(span.since, span.until))
    columns = {"usual": "Errors"} | ({"spike": "Spike"} if places else {})
    colours = (charts.LINES[0], charts.TONES["down"])
    with st.container(border=True):
        point = charts.clicked(charts.steps(frame, "bucket", columns, axes, every=span.step, colours=colours), "course")
    if point is not None and span.grain != "minute":
        begin = starts[int(point["point_index"])].to_pydatetime()
        time_range.zoom(begin, begin + span.step)
