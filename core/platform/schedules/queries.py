"""Jobs as people see them: every schedule and every other task, with its last run and its next."""

import pandas as pd
from sqlalchemy import ARRAY, Select, Text, cast, func, select, true

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Reading, read
from core.kernel.tasks import Schedule, schedules, tasks
from core.platform.queue.models import JOB, JobRun
from core.platform.schedules import rules
from core.platform.schedules.models import SchedulePause, ScheduleState


def jobs_overview(actor: Actor) -> pd.DataFrame:
    """One row per schedule, and one per task that has none, by name.

    Columns: name, task, schedule (in words), is_schedule, last_run_at (UTC), duration, outcome, error, next_due_at (UTC;
    NA when paused, unscheduled, or no scheduler has said), paused_at (UTC), failures (of 24 h, Int64), running, waiting
    (Int64). A task that never ran has NA in what tells of its last run.
    """
    require(actor, "jobs:read")
    names = _names()
    with read(actor) as rx:
        for part in (_last_runs(rx), _failures(rx), _queued(rx)):
            names = names.merge(part, on="task", how="left")
        for part in (rx.frame(_next_due()), rx.frame(_paused())):
            names = names.merge(part, left_on="name", right_on="schedule_name", how="left").drop(
                columns="schedule_name"
            )
    counts = ["failures", "running", "waiting"]
    names[counts] = names[counts].fillna(0)
    names["next_due_at"] = names["next_due_at"].where(names["paused_at"].isna())
    order = [
        "name",
        "task",
        "schedule",
        "is_schedule",
        "last_run_at",
        "duration",
        "outcome",
        "error",
        "next_due_at",
        "paused_at",
    ]
    return names[[*order, *counts]]


def _names() -> pd.DataFrame:
    known: dict[str, tuple[str, Schedule | None]] = {one.name: (one.task, one) for one in schedules().values()}
    scheduled = {one.task for one in schedules().values()}
    known |= {name: (name, None) for name in tasks() if name not in scheduled}
    rows = [(name, task, rules.in_words(one), one is not None) for name, (task, one) in sorted(known.items())]
    frame = pd.DataFrame(rows, columns=["name", "task", "schedule", "is_schedule"])
    return frame.astype({"name": "string", "task": "string", "schedule": "string", "is_schedule": "boolean"})


def _last_runs(rx: Reading) -> pd.DataFrame:
    # Not called task: inside the lateral part that name would mean job_run's own column, and fit every row.
    wanted = func.unnest(cast(list(tasks()), ARRAY(Text))).column_valued("wanted")
    duration = (JobRun.finished_at - JobRun.started_at).label("duration")
    last = select(JobRun.started_at.label("last_run_at"), duration, JobRun.outcome, JobRun.error).where(
        JobRun.task == wanted
    )
    last_run = last.order_by(JobRun.started_at.desc()).limit(1).lateral("last_run")
    return rx.frame(select(wanted.label("task"), *last_run.columns).join(last_run, true()))


def _failures(rx: Reading) -> pd.DataFrame:
    recent = JobRun.started_at > func.now() - func.make_interval(0, 0, 0, 1)
    of_task = select(JobRun.task, func.count().label("failures")).where(recent, JobRun.outcome != "succeeded")
    return rx.frame(of_task.group_by(JobRun.task))


def _queued(rx: Reading) -> pd.DataFrame:
    running = func.count().filter(JOB.c.status == "doing").label("running")
    waiting = func.count().filter(JOB.c.status == "todo").label("waiting")
    task = JOB.c.task_name.label("task")
    return rx.frame(select(task, running, waiting).where(JOB.c.status.in_(["todo", "doing"])).group_by(task))


def _next_due() -> Select[tuple[object, ...]]:
    return select(ScheduleState.schedule.label("schedule_name"), ScheduleState.next_due_at)  # type: ignore[return-value]


def _paused() -> Select[tuple[object, ...]]:
    columns = (SchedulePause.schedule.label("schedule_name"), SchedulePause.paused_at)
    return select(*columns).where(SchedulePause.resumed_at.is_(None))  # type: ignore[return-value]
