"""Reads of the queue, of runs, and of the processes that do the work."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.kernel.actor import Actor
from core.kernel.events import EventFailure
from core.kernel.permissions import require
from core.kernel.reads import Listing, read
from core.platform.queue.models import JOB, JOB_EVENT, JobRun, ProcessHeartbeat

_RUN = (
    JobRun.job_id, JobRun.task, JobRun.schedule, JobRun.attempt, JobRun.started_at,
    (JobRun.finished_at - JobRun.started_at).label("duration"), JobRun.outcome, JobRun.error, JobRun.request_id,
)  # fmt: skip
_IS_DUE = or_(JOB.c.scheduled_at.is_(None), JOB.c.scheduled_at <= func.now())
OLDEST_OF = 50  # jobs come in the order of their ids, so the oldest is among the first


@dataclass(frozen=True, slots=True)
class Depth:
    """The queue now. `waiting` are due and not begun; `oldest` is how long the oldest of them waits, None when none does."""

    waiting: int
    oldest: timedelta | None
    running: int


def _waiting_since() -> ColumnElement[Any]:
    last = select(func.max(JOB_EVENT.c.at)).where(JOB_EVENT.c.job_id == JOB.c.id).scalar_subquery()
    return func.coalesce(JOB.c.scheduled_at, last)


def depth(actor: Actor) -> Depth:
    """How much waits and for how long."""
    require(actor, "jobs:read")
    waits = (JOB.c.status == "todo", _IS_DUE)
    first = select(_waiting_since().label("since")).where(*waits).order_by(JOB.c.id).limit(OLDEST_OF).subquery()
    oldest = select(func.now() - func.min(first.c.since)).scalar_subquery()
    counts = select(
        func.count().filter(*waits).label("waiting"),
        func.count().filter(JOB.c.status == "doing").label("running"),
        oldest.label("oldest"),
    ).where(JOB.c.status.in_(["todo", "doing"]))
    with read(actor) as rx:
        found = rx.rows(counts)[0]
    return Depth(found.waiting, found.oldest, found.running)


def waiting(actor: Actor, *, limit: int = 100) -> pd.DataFrame:
    """Jobs that wait or run, next ones first: job_id, task, status (todo, doing), priority, attempts, since (UTC; due or
    begun)."""
    require(actor, "jobs:read")
    columns = (JOB.c.id.label("job_id"), JOB.c.task_name.label("task"), JOB.c.status, JOB.c.priority, JOB.c.attempts)
    queued = select(*columns, _waiting_since().label("since")).where(JOB.c.status.in_(["todo", "doing"]))
    with read(actor) as rx:
        return rx.frame(queued.order_by(JOB.c.status.desc(), JOB.c.priority.desc(), JOB.c.id), limit=limit)


def listing(
    actor: Actor, *, status: str | None = None, task: str | None = None, after: str | None = None, limit: int = 50
) -> Listing:
    """Jobs that the queue still knows, newest first, as plain rows: id, task, queue, status (todo, doing, succeeded, failed,
    cancelled ...), priority, attempts, scheduled_at (UTC; None when due at once). Raises Denied."""
    require(actor, "jobs:read")
    columns = (
        JOB.c.task_name.label("task"),
        JOB.c.queue_name.label("queue"),
        JOB.c.status,
        JOB.c.priority,
        JOB.c.attempts,
    )
    found = select(JOB.c.id, *columns, JOB.c.scheduled_at)
    if status is not None:
        found = found.where(JOB.c.status == status)
    if task is not None:
        found = found.where(JOB.c.task_name == task)
    with read(actor) as rx:
        return rx.listing(found, keys=[JOB.c.id], after=after, limit=limit)


def run_listing(actor: Actor, *, task: str | None = None, after: str | None = None, limit: int = 50) -> Listing:
    """Attempts at jobs, newest first, as plain rows: id and what `runs` has. Raises Denied."""
    require(actor, "jobs:read")
    found = select(JobRun.id, *_RUN)
    if task is not None:
        found = found.where(JobRun.task == task)
    with read(actor) as rx:
        return rx.listing(found, keys=[JobRun.started_at, JobRun.id], after=after, limit=limit)


def runs(actor: Actor, task: str, *, limit: int = 50) -> pd.DataFrame:
    """Attempts at a task, newest first: job_id, task, schedule, attempt, started_at (UTC), duration, outcome, error,
    request_id."""
    require(actor, "jobs:read")
    with read(actor) as rx:
        return rx.frame(select(*_RUN).where(JobRun.task == task).order_by(JobRun.started_at.desc()), limit=limit)


def failed(actor: Actor, *, limit: int = 100) -> pd.DataFrame:
    """Jobs that failed for good and can be run again, newest first; the columns of `runs`, of their last attempt."""
    require(actor, "jobs:read")
    last = select(*_RUN).ext(distinct_on(JobRun.job_id)).join(JOB, JOB.c.id == JobRun.job_id)
    of_jobs = last.where(JOB.c.status == "failed").order_by(JobRun.job_id, JobRun.attempt.desc()).subquery()
    with read(actor) as rx:
        return rx.frame(select(of_jobs).order_by(of_jobs.c.started_at.desc()), limit=limit)


def failed_count(actor: Actor) -> int:
    """How many jobs failed for good and can be run again."""
    require(actor, "jobs:read")
    has_run = select(JobRun.job_id).where(JobRun.job_id == JOB.c.id).exists()
    with read(actor) as rx:
        return int(rx.value(select(func.count()).select_from(JOB).where(JOB.c.status == "failed", has_run)))


def failed_events(actor: Actor, *, limit: int = 100) -> pd.DataFrame:
    """Events that a subscriber could not handle, latest attempt first: subscriber, event_id, attempts, error,
    next_attempt_at (UTC), gave_up_at (UTC or NA)."""
    require(actor, "jobs:read")
    columns = (EventFailure.subscriber, EventFailure.event_id, EventFailure.attempts, EventFailure.error)
    times = (EventFailure.next_attempt_at, EventFailure.gave_up_at)
    with read(actor) as rx:
        return rx.frame(select(*columns, *times).order_by(EventFailure.next_attempt_at.desc()), limit=limit)


def processes(actor: Actor) -> pd.DataFrame:
    """Schedulers and workers of the last day: kind, host, pid, version, is_leader, started_at, seen_at, silent_for (how
    long not seen, by the database's clock), stopped_at (UTC; NA unless it stopped on purpose)."""
    require(actor, "health:read")
    columns = (ProcessHeartbeat.kind, ProcessHeartbeat.host, ProcessHeartbeat.pid, ProcessHeartbeat.version)
    state = (ProcessHeartbeat.is_leader, ProcessHeartbeat.started_at, ProcessHeartbeat.seen_at)
    silence = (func.now() - ProcessHeartbeat.seen_at).label("silent_for")
    known = select(*columns, *state, silence, ProcessHeartbeat.stopped_at)
    with read(actor) as rx:
        return rx.frame(known.order_by(ProcessHeartbeat.kind, ProcessHeartbeat.seen_at.desc()), limit=50)
