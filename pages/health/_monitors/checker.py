"""Whether anybody looks: without a checker nothing is known, and nothing may look as if it were."""

import streamlit as st

from core.health.monitors import queries
from core.health.monitors.queries import Checker
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import clock


def warn(actor: Actor) -> Checker:
    """A warning while nothing is checked, else nothing; returns what is known of the checker."""
    checker, now = queries.checker(actor), utc_now()
    if checker.is_running and checker.problem is None:
        return checker
    since = "" if checker.since is None else f" since {clock(checker.since, zone(actor), now=now)}"
    if not checker.is_running:
        told = f"**Nothing is checked{since}: no checker runs.** Start the jobs process (`python -m jobs`)."
    else:
        told = f"**The checker cannot look{since}:** {plain(checker.problem)}."
    st.warning(
        f"{told} Until then the state of every monitor is unknown, and the time counts as not observed.",
        icon=":material/visibility_off:",
    )
    return checker


def line(checker: Checker) -> str:
    """How the checker does, in a line; empty when it does not run."""
    if not checker.is_running:
        return ""
    lag = "" if checker.lag_ms is None else f", 99 of 100 at most {checker.lag_ms:,.0f} ms late"
    return f"Checked by {plain(checker.host or '')}{lag}."
