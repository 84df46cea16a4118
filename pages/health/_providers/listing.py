"""Every provider with its figures; a click opens one."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from core.health import demo
from core.health.providers import course, queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago, clock
from pages._parts.opening import table_key
from pages._parts.time_range import TimeRange
from pages.health._providers import charts, texts

STALE = timedelta(minutes=2)  # passes run every 30 s
SHOWN = {
    "provider": st.column_config.TextColumn("Provider", width=120),
    "channel_title": st.column_config.TextColumn("Channel", width=75),
    "status_title": st.column_config.TextColumn("Status", width=80, help=texts.BANDS),
    "use": st.column_config.TextColumn("Use", width=100),
    "messages": st.column_config.NumberColumn("Messages", format="localized", width=80),
    "delivery_ratio": st.column_config.NumberColumn(
        "Delivered", format="percent", width=80, help="Delivered of sent. Receipts come late: it can pass 100 %."
    ),
    "error_ratio": st.column_config.NumberColumn(
        "Error rate", format="percent", width=80, help="Failed of all messages."
    ),
    "p50": st.column_config.NumberColumn("p50 (ms)", format="localized", width=75),
    "p95": st.column_config.NumberColumn("p95 (ms)", format="localized", width=75),
    "cost": st.column_config.TextColumn("Cost of 24 h", width=190, help="What is unpriced is not counted as free."),
}


def read(actor: Actor, span: TimeRange) -> pd.DataFrame:
    return queries.directory(actor, span.since, span.until)


def show(actor: Actor, frame: pd.DataFrame, span: TimeRange) -> None:
    """The table, and how all messages fared."""
    as_of(actor)
    _warn(frame)
    rows = frame.to_dict("records")
    shown = frame.assign(
        channel_title=frame["channel"].map(texts.channel),
        status_title=[texts.BADGES[row["status"]][0] for row in rows],
        use=[texts.use(row) for row in rows], cost=[texts.cost(row) for row in rows],
        p50=frame["p50"].astype("Float64").round(), p95=frame["p95"].astype("Float64").round(),
    )  # fmt: skip
    event = st.dataframe(
        shown[list(SHOWN)], hide_index=True, key=table_key("providers"), on_select="rerun", selection_mode="single-row",
        height="content" if len(frame) <= 15 else 560, placeholder=UNKNOWN, column_config=SHOWN,
    )  # fmt: skip
    st.caption(f"Status is of the last hour, figures of the chosen time. {texts.BANDS}")
    if event.selection.rows:
        _open(frame.iloc[event.selection.rows[0]])
    charts.show(actor, span)


def _open(row: pd.Series) -> None:
    st.session_state["providers_opened"] = st.session_state.get("providers_opened", 0) + 1
    st.query_params.update({"provider": row["provider"], "channel": row["channel"]})
    st.rerun()


def as_of(actor: Actor) -> None:
    """Up to when messages are counted."""
    moved, now = course.counted_at(actor), utc_now()
    if moved is None:
        st.warning(
            "No message has been counted yet: rollups have never run. Start the jobs process.",
            icon=":material/schedule:",
        )
        return
    if now - moved > STALE:
        st.warning(f"These figures are from {ago(now - moved)}: nothing was counted since.", icon=":material/schedule:")
    seeded = demo.seeded_at(actor)
    also = f" :material/science: What is dated before {seeded:%d %b %Y %H:%M} UTC is demo data." if seeded else ""
    st.caption(f"Counted up to {clock(moved, zone(actor), now=now)} ({ago(now - moved)}).{also}")


def _warn(frame: pd.DataFrame) -> None:
    """Whatever somebody should do something about."""
    known = frame[frame["is_configured"]]
    enabled = known[known["is_enabled"].astype(bool)]
    stranded = sorted(set(known["channel"]) - set(enabled["channel"]))
    if stranded:
        names = ", ".join(plain(texts.channel(one)) for one in stranded)
        st.error(f"Nobody is enabled for {names}: nothing can be sent there.", icon=":material/error:")
    failing = known[known["is_active"].eq(True) & known["status"].eq("down")]
    for row in failing.to_dict("records"):
        told = plain(texts.channel(row["channel"]))
        st.error(
            f"{plain(row['provider'])}, in use for {told}, is down: {int(row['hour_failed']):,} of "
            f"{int(row['hour_messages']):,} messages of the last hour failed.", icon=":material/error:",
        )  # fmt: skip
