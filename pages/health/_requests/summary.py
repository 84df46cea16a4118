"""The figures of the time, each compared with the time before, and what is not known about them."""

from datetime import timedelta
from typing import Any

import streamlit as st

from core.health import demo
from core.health.requests.figures import Figures, Report
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN, ago, clock, milliseconds, percent

STALE = timedelta(minutes=2)  # passes run every 30 s
DURATIONS = {
    "mean": ("Mean", "Mean duration."), "p50": ("p50", "Half of the requests were faster."),
    "p95": ("p95", "19 of 20 requests were faster."), "p99": ("p99", "99 of 100 requests were faster."),
}  # fmt: skip


def as_of(actor: Actor, report: Report) -> None:
    """Up to when requests are counted, over which time, and how many did not tell their duration."""
    now, viewer = utc_now(), zone(actor)
    if report.counted_at is None:
        st.warning(
            "No request has been counted yet: rollups have never run. Start the jobs process.",
            icon=":material/schedule:",
        )
        return
    if report.window.until > now and now - report.counted_at > STALE:
        stale = f"These figures are from {ago(now - report.counted_at)}: nothing was counted since. See Workers on the overview."
        st.warning(stale, icon=":material/schedule:")
    begin, end = (moment.astimezone(viewer) for moment in (report.window.since, report.window.until))
    told = [
        f"{begin:%d %b %H:%M} to {end:%d %b %H:%M}, by the {report.window.grain}",
        f"counted up to {clock(report.counted_at, viewer, now=now)} ({ago(now - report.counted_at)})",
    ]
    st.caption("; ".join(told) + "." + _untimed(report.now))
    seeded = demo.seeded_at(actor)
    if seeded is not None and seeded > report.window.since:
        st.caption(f":material/science: What is dated before {seeded:%d %b %Y %H:%M} UTC is demo data.")
    if actor.scope != "all":
        st.caption("These are the requests of the tenants you see.")


def _untimed(now: Figures) -> str:
    if not now.untimed:
        return ""
    if not now.timed:
        return f" None of the {now.requests:,} requests told its duration."
    return (
        f" {now.untimed:,} of {now.requests:,} requests did not tell their duration: durations are those of the others."
    )


def show(report: Report) -> None:
    """Requests, rate, errors, durations."""
    now, before = report.now, report.before
    rate = _growth(now.per_minute, before.per_minute if before.requests else None)
    with st.grid(7, gap="small", min_column_width=130):
        _card("Requests", f"{now.requests:,}", rate, f"{before.requests:,}", "All of this time.", colour="off")
        told = "Mean of the counted time."
        _card("Per minute", _rate(now.per_minute), rate, _rate(before.per_minute), told, colour="off")
        _card(
            "Error rate", percent(now.error_ratio, 2), _points(now.error_ratio, before.error_ratio),
            percent(before.error_ratio, 2), f"{now.errors:,} answers with a server error (5xx).",
        )  # fmt: skip
        for name, (label, told) in DURATIONS.items():
            value, earlier = getattr(now, name), getattr(before, name)
            _card(label, milliseconds(value), _growth(value, earlier), milliseconds(earlier), told)


def _card(label: str, value: str, delta: str | None, earlier: str, told: str, *, colour: Any = "inverse") -> None:
    is_flat = delta is not None and delta[0].isdigit()
    st.metric(
        label, value, delta, "off" if is_flat else colour, border=True, delta_arrow="off" if is_flat else "auto",
        help=f"{told} In the time before, of the same length: {earlier}.",
    )  # fmt: skip


def _rate(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.1f}"


def _growth(now: float | None, before: float | None) -> str | None:
    """By how much it grew; None where one of the two is not known."""
    if now is None or not before:
        return None
    return _signed(f"{now / before - 1:+.0%}")


def _points(now: float | None, before: float | None) -> str | None:
    if now is None or before is None:
        return None
    return _signed(f"{(now - before) * 100:+.2f} points")


def _signed(change: str) -> str:
    """Without its sign where nothing but the sign is left after rounding."""
    return change if any(digit in "123456789" for digit in change) else change[1:]
