"""The state of the clock at a glance, the table of jobs, and the processes."""

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.queue import queries as queue
from core.platform.queue import rules
from core.platform.schedules import queries as schedules
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._jobs.texts import outcome, span

REFRESH = "5s"


@live(REFRESH)
def state(actor: Actor) -> None:
    """Who leads, who works, what waits; a sentence when something is missing."""
    states = _states(queue.processes(actor))
    depth = queue.depth(actor)
    leaders, standbys, workers = (states.count(state) for state in ("leads", "stands by", "works"))
    oldest = f"the oldest for {rules.span(depth.oldest)}" if depth.oldest is not None else "nothing"
    with st.grid(4, gap="small", min_column_width=200):
        _fact("Schedulers", f"{leaders} leading", f"{standbys} standing by")
        _fact("Workers", f"{workers:,}", "of all machines")
        _fact("Running", f"{depth.running:,}", "at this moment")
        _fact("Waiting", f"{depth.waiting:,}", oldest)
    if not leaders:
        st.warning(
            "No scheduler leads: nothing is queued on time. Start one with `python -m jobs`.",
            icon=":material/schedule:",
        )
    if not workers:
        st.warning("No worker lives: jobs wait. Start one with `python -m jobs worker`.", icon=":material/engineering:")


def _fact(label: str, value: str, more: str) -> None:
    st.metric(label, value, more, border=True, delta_color="off", delta_arrow="off", height="stretch")


def _states(processes: pd.DataFrame) -> list[rules.State]:
    columns = (processes[name] for name in ("kind", "silent_for", "is_leader", "stopped_at"))
    return [
        rules.state_of(kind, silent_for=silent_for, is_leader=is_leader, is_stopped=not pd.isna(stopped_at))
        for kind, silent_for, is_leader, stopped_at in zip(*columns, strict=True)
    ]


@live(REFRESH)
def jobs(actor: Actor) -> None:
    """Every job; a click opens it."""
    found = schedules.jobs_overview(actor)
    shown = found.assign(
        schedule=found["schedule"] + found["paused_at"].map(lambda paused: "" if pd.isna(paused) else " · paused"),
        duration=found["duration"].map(span),
        outcome=found["outcome"].map(outcome),
    )
    event = st.dataframe(
        shown.drop(columns=["task", "is_schedule", "paused_at", "error"]),
        hide_index=True, key=table_key("jobs"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content",
        column_config={
            "name": st.column_config.TextColumn("Job"),
            "schedule": st.column_config.TextColumn("Schedule"),
            "last_run_at": st.column_config.DatetimeColumn("Last run", format="distance", timezone=str(zone(actor))),
            "duration": st.column_config.TextColumn("Took", width="small"),
            "outcome": st.column_config.TextColumn("Outcome", width="small"),
            "next_due_at": st.column_config.DatetimeColumn("Next run", format="distance", timezone=str(zone(actor))),
            "failures": st.column_config.NumberColumn("Failed (24 h)", width="small"),
            "running": st.column_config.NumberColumn("Running", width="small"),
            "waiting": st.column_config.NumberColumn("Waiting", width="small"),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("jobs", "job", found["name"].iloc[event.selection.rows[0]])


@live(REFRESH)
def processes(actor: Actor) -> None:
    """Schedulers and workers of the last day, with the age of their heartbeats."""
    found = queue.processes(actor)
    if found.empty:
        st.info(
            "No scheduler or worker was seen in the last day. Start both with `python -m jobs`.",
            icon=":material/inbox:",
        )
        return
    shown = found.assign(
        state=[state.capitalize() for state in _states(found)], silent_for=found["silent_for"].map(span)
    )
    st.dataframe(
        shown[["kind", "state", "host", "pid", "silent_for", "started_at", "version"]],
        hide_index=True, key="processes", placeholder=UNKNOWN, height="content",
        column_config={
            "kind": "Kind", "state": "State", "host": "Host", "version": "Version", "silent_for": "Last heartbeat, ago",
            "pid": st.column_config.NumberColumn("Process", format="%d"),
            "started_at": st.column_config.DatetimeColumn("Started", format="distance", timezone=str(zone(actor))),
        },
    )  # fmt: skip
