"""One job: its last runs with their errors, and what can be done with it."""

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.queue import queries as queue
from core.platform.schedules import actions, queries
from pages._parts.frame import live, run_action, zone
from pages._parts.moments import UNKNOWN
from pages.platform._jobs.texts import outcome, span


def show(actor: Actor, name: str) -> None:
    """The job of that name, or a sentence when there is none."""
    if st.button("All jobs", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["job"]
        st.rerun()
    overview = queries.jobs_overview(actor)
    found = overview[overview["name"] == name]
    if found.empty:
        st.warning("There is no job of this name. It may have gone with a release.", icon=":material/search_off:")
        return
    job = found.iloc[0]
    is_paused = not pd.isna(job["paused_at"])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(name, anchor=False)
        st.badge("Paused" if is_paused else job["schedule"], color="orange" if is_paused else "gray")
    if actor.may("jobs:update") and job["is_schedule"]:
        _acts(actor, name, is_paused=is_paused)
    _runs(actor, job["task"])


def _acts(actor: Actor, name: str, *, is_paused: bool) -> None:
    with st.container(horizontal=True):
        if st.button("Run now", key="run_now", icon=":material/play_arrow:"):
            run_action(actions.run_now, actor, name, done=lambda job_id: f"Queued as job {job_id}.")
        if is_paused:
            if st.button("Resume", key="resume", icon=":material/resume:"):
                run_action(actions.resume, actor, name, done="Resumed. It runs at its next moment.")
            return
        with st.popover("Pause", icon=":material/pause:"):
            st.write(f"**{name}** is not queued any more until somebody resumes it. What runs now ends by itself.")
            if st.button("Pause", key="pause", type="primary"):
                run_action(actions.pause, actor, name, done="Paused.")


@live("5s")
def _runs(actor: Actor, task: str) -> None:
    found = queue.runs(actor, task)
    if found.empty:
        st.info("It has not run in the last 30 days.", icon=":material/inbox:")
        return
    shown = found.assign(duration=found["duration"].map(span), outcome=found["outcome"].map(outcome))
    st.dataframe(
        shown[["started_at", "duration", "outcome", "attempt", "error", "job_id", "request_id"]],
        hide_index=True, key="runs", placeholder=UNKNOWN,
        column_config={
            "started_at": st.column_config.DatetimeColumn("Started", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor))),
            "duration": st.column_config.TextColumn("Took", width="small"),
            "outcome": st.column_config.TextColumn("Outcome", width="small"),
            "attempt": st.column_config.NumberColumn("Attempt", width="small"),
            "error": st.column_config.TextColumn("Error", width="large"),
            "job_id": st.column_config.NumberColumn("Job", format="%d", width="small"),
            "request_id": "Request",
        },
    )  # fmt: skip
