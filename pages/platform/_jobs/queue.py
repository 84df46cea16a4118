"""What waits and what failed, with the ways out: cancel, run again."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.queue import actions, queries
from pages._parts.frame import live, run_action, zone
from pages._parts.moments import UNKNOWN
from pages.platform._jobs.texts import span

_STATUS = {"todo": "Waits", "doing": "Running"}


@live("5s")
def waiting(actor: Actor) -> None:
    """Jobs that run or wait, in the order in which they are taken."""
    found = queries.waiting(actor)
    if found.empty:
        st.info("Nothing waits and nothing runs.", icon=":material/inbox:")
        return
    event = st.dataframe(
        found.assign(status=found["status"].map(_STATUS)),
        hide_index=True, key="waiting", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        column_config={
            "job_id": st.column_config.NumberColumn("Job", format="%d", width="small"),
            "task": "Task", "status": "Status", "priority": "Priority", "attempts": "Attempts so far",
            "since": st.column_config.DatetimeColumn("Since", format="distance", timezone=str(zone(actor))),
        },
    )  # fmt: skip
    if not actor.may("jobs:update") or not event.selection.rows:
        return
    job = found.iloc[event.selection.rows[0]]
    label = f"Cancel job {job['job_id']}"
    if st.button(label, key="cancel", icon=":material/cancel:", disabled=job["status"] != "todo"):
        run_action(actions.cancel, actor, int(job["job_id"]), done="Cancelled.")


@live("10s")
def failed(actor: Actor) -> None:
    """Jobs that were given up, and events that a subscriber could not handle."""
    jobs, events = queries.failed(actor), queries.failed_events(actor)
    if jobs.empty and events.empty:
        st.info("Nothing failed for good in the last 30 days.", icon=":material/check_circle:")
        return
    if not jobs.empty:
        _jobs(actor, jobs)
    if not events.empty:
        st.subheader("Events that could not be handled", anchor=False)
        _events(actor, events)


def _jobs(actor: Actor, found: pd.DataFrame) -> None:
    shown = found.assign(duration=found["duration"].map(span))
    event = st.dataframe(
        shown[["job_id", "task", "attempt", "started_at", "duration", "error", "request_id"]],
        hide_index=True, key="failed", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN, height="content",
        column_config={
            "job_id": st.column_config.NumberColumn("Job", format="%d", width="small"),
            "task": "Task", "attempt": "Attempts", "duration": "Took", "request_id": "Request",
            "started_at": st.column_config.DatetimeColumn("Last try", format="distance", timezone=str(zone(actor))),
            "error": st.column_config.TextColumn("Error", width="large"),
        },
    )  # fmt: skip
    if actor.may("jobs:update") and event.selection.rows:
        job_id = int(found["job_id"].iloc[event.selection.rows[0]])
        if st.button(f"Run job {job_id} again", key="retry", icon=":material/replay:"):
            run_action(actions.retry, actor, job_id, done="Queued again.")


def _events(actor: Actor, found: pd.DataFrame) -> None:
    event = st.dataframe(
        found,
        hide_index=True, key="failed_events", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content",
        column_config={
            "subscriber": "Subscriber", "event_id": "Event", "attempts": "Attempts",
            "error": st.column_config.TextColumn("Error", width="large"),
            "next_attempt_at": st.column_config.DatetimeColumn("Next try", format="distance", timezone=str(zone(actor))),
            "gave_up_at": st.column_config.DatetimeColumn("Given up", format="distance", timezone=str(zone(actor))),
        },
    )  # fmt: skip
    if actor.may("jobs:update") and event.selection.rows:
        row = found.iloc[event.selection.rows[0]]
        if st.button("Hand it over again", key="retry_event", icon=":material/replay:"):
            run_action(
                actions.retry_event, actor, row["subscriber"], UUID(row["event_id"]), done="It is handed over again."
            )
