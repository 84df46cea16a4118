"""How a monitor is this moment, refreshed every 3 s."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import streamlit as st

from core.health.maintenance import queries as maintenance
from core.health.monitors import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts.frame import live, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago, clock, milliseconds
from pages.health._monitors import checker, texts

_BANNERS: dict[str, Callable[..., Any]] = {
    "up": st.success, "degraded": st.warning, "down": st.error, "paused": st.info, "unknown": st.info,
}  # fmt: skip
WINDOWS = {"24 h": timedelta(days=1), "7 d": timedelta(days=7), "30 d": timedelta(days=30)}


@live("3s")
def show(actor: Actor, monitor_id: UUID) -> None:
    """State, since when and why; availability; the last check."""
    try:
        monitor = queries.one(actor, monitor_id)
    except NotFound:
        st.rerun()
    moment = utc_now()
    checker.warn(actor)
    _banner(monitor, moment, lambda at: clock(at, zone(actor), now=moment))
    _maintenance(actor, monitor, moment)
    _figures(actor, monitor, moment)


def _banner(monitor: dict[str, Any], moment: datetime, at: Callable[[datetime], str]) -> None:
    label, icon, _ = texts.STATES[monitor["state"]]
    since = texts.known(monitor["since"])
    told = "" if since is None else f" since {at(since)}, for {texts.length(moment - since)}"
    why = f": {plain(monitor['detail'])}" if monitor["detail"] else "."
    more = monitor["failures"] if monitor["state"] not in ("down", "paused", "unknown") else 0
    tries = f"; the last {texts.count(more, 'check')} failed; it is down after {monitor['retries'] + 1}" if more else ""
    _BANNERS[monitor["state"]](f"**{label}**{told}{why}{tries}", icon=icon)


def _maintenance(actor: Actor, monitor: dict[str, Any], moment: datetime) -> None:
    """The window that runs or comes next; more of them are on the page of windows."""
    windows = maintenance.of_monitor(actor, monitor["id"])
    if windows.empty:
        return
    first, where = windows.iloc[0].to_dict(), zone(actor)
    until = clock(first["next_until"], where, now=moment)
    counts = "does not count" if first["policy"] == "excluded" else "counts"
    if first["is_running"]:
        st.info(f"In maintenance until {until}: {plain(first['title'])}. The time {counts}.", icon=":material/build:")
    else:
        begin = clock(first["next_at"], where, now=moment)
        st.caption(f":material/build: Next maintenance {begin} to {until}: {plain(first['title'])}. The time {counts}.")


def _figures(actor: Actor, monitor: dict[str, Any], moment: datetime) -> None:
    last = texts.known(monitor["checked_at"])
    following = texts.known(monitor["next_at"])
    is_push = monitor["kind"] == "push"
    with st.grid(6, gap="small", min_column_width=150):
        st.metric(
            "Last call" if is_push else "Last check", UNKNOWN if last is None else ago(moment - last), border=True,
            height="stretch",
            help=None if following is None or monitor["is_paused"] else f"Next {clock(following, zone(actor), now=moment)}.",
        )  # fmt: skip
        st.metric("Response time", milliseconds(texts.known(monitor["latency_ms"])), border=True, height="stretch")
        st.metric("Certificate", texts.days_left(texts.known(monitor["certificate_expires_at"]), moment), border=True,
                  height="stretch", help="Until it expires.")  # fmt: skip
        for title, length in WINDOWS.items():
            found = queries.availability(actor, monitor["id"], since=moment - length, until=moment)
            ratio, unobserved = found.available_ratio, found.unobserved_ratio
            st.metric(
                f"Available {title}", UNKNOWN if ratio is None else texts.share(ratio), border=True,
                height="stretch", delta=_unobserved(ratio, unobserved), delta_color="off", delta_arrow="off",
                help="Of the observed time, without excluded maintenance and pauses.",
            )  # fmt: skip


def _unobserved(ratio: float | None, unobserved: float | None) -> str:
    if ratio is None:
        return texts.nothing(unobserved)
    return f"{texts.share(unobserved or 0, 1)} unobserved"
