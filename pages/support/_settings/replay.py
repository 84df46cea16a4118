"""Replay: the last quarter under other targets."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.times import utc_now
from core.support.sla import queries
from core.support.sla import replay as replaying
from core.support.sla.replay import Replay
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.support import _words as words
from pages.support._settings import target_fields
from pages.support._ticket.clock import TARGETS as TARGET_TITLES

OWN = ""


def show(actor: Actor) -> None:
    """What to replay, and how many tickets met their targets and would have met the others."""
    if not actor.may("tickets:read"):
        st.info("Replays are for those who may read tickets.", icon=":material/lock:")
        return
    policies = queries.policies(actor)
    if policies.empty:
        st.info("There is no policy yet to begin with. Create one.", icon=":material/timer:")
        return
    known = dict(zip(policies["id"], policies["name"], strict=True))
    policy = st.selectbox("Begin with the targets of", list(known), key="replay_policy", format_func=known.__getitem__)
    targets = policies.loc[policies["id"] == policy, "targets"].iloc[0]
    with st.form("replay", border=False):
        since, until = _period(actor)
        calendar = _calendar(actor)
        typed = target_fields.fields(targets, f"replay_{policy}")
        if st.form_submit_button("Replay", type="primary", key="replay_submit", icon=":material/replay:"):
            _run(actor, since, until, typed, calendar)


def last_quarter(today: date) -> tuple[date, date]:
    """The first and the last day of the calendar quarter before the one of today."""
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    last = first - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


def _period(actor: Actor) -> tuple[datetime | None, datetime | None]:
    """From the start of the first day to the end of the last, in the viewer's zone."""
    usual = last_quarter(utc_now().astimezone(zone(actor)).date())
    chosen: Any = st.date_input("Tickets created", usual, key="replay_period", format="YYYY-MM-DD")
    if len(chosen) != 2:
        return None, None
    first, last = chosen
    return datetime.combine(first, time.min, zone(actor)), datetime.combine(
        last + timedelta(days=1), time.min, zone(actor)
    )


def _calendar(actor: Actor) -> UUID | None:
    frame = queries.calendars(actor)
    names = {OWN: "Each ticket's own"} | dict(zip(frame["id"], frame["name"], strict=True))
    chosen = st.selectbox("Counted by", list(names), key="replay_calendar", format_func=names.__getitem__)
    return UUID(chosen) if chosen else None


def _run(
    actor: Actor, since: datetime | None, until: datetime | None, targets: dict[str, Any], calendar_id: UUID | None
) -> None:  # fmt: skip
    if since is None or until is None:
        st.error("Choose the first and the last day.", icon=":material/error:")
        return
    try:
        with st.spinner("Computing the clocks of the period …"):
            _show(replaying.run(actor, since=since, until=until, targets=targets, calendar_id=calendar_id))
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")


def _show(found: Replay) -> None:
    if found.frame.empty:
        st.info("No ticket of this period has a clock that is over. Choose another period.", icon=":material/inbox:")
        return
    sampled = f"an even sample of {found.examined:,} of " if found.examined < found.tickets else ""
    st.caption(f"From {sampled}{found.tickets:,} tickets. A clock counts when it is over or past its target.")
    st.dataframe(
        _shares(found.frame), hide_index=True, key="replay_result",
        column_config={
            "priority": "Priority", "target": "Target", "tickets": st.column_config.NumberColumn("Tickets", format="localized"),
            "before": st.column_config.ProgressColumn("Met, as it was", format="percent", min_value=0, max_value=1),
            "after": st.column_config.ProgressColumn("Met, under these targets", format="percent", min_value=0, max_value=1),
            "change": "Change (points)",
        },
    )  # fmt: skip


def _shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Shares are NA where no ticket has the target."""
    before = frame["met_before"] / frame["tickets"].where(frame["tickets"] > 0)
    after = frame["met_after"] / frame["tickets_after"].where(frame["tickets_after"] > 0)
    return pd.DataFrame({
        "priority": frame["priority"].map(words.PRIORITY), "target": frame["target"].map(TARGET_TITLES),
        "tickets": frame["tickets"], "before": before, "after": after,
        "change": [UNKNOWN if pd.isna(one) else f"{one * 100:+.1f}" for one in after - before],
    })  # fmt: skip
