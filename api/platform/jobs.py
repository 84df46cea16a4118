"""Jobs for machines: schedules, the queue, runs, and what can be done with them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    Limit,
    Once,
    Out,
    area,
    collection,
    entity,
    nothing,
    records,
)
from core.platform.queue import actions as queue_actions
from core.platform.queue import queries as queue
from core.platform.schedules import actions, queries

router = area("/superadmin", "jobs")

JobStatus = Literal["todo", "doing", "succeeded", "failed", "cancelled", "aborting", "aborted"]
JobId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Name = Annotated[str, Path(min_length=1, max_length=100, examples=["queue.clean_up"])]
Task = Annotated[str | None, Query(max_length=100, description="The whole name of a task.")]


class ScheduleOut(Out):
    """A schedule, or a task that has none. Times in UTC, `duration` in seconds; `failures` are those of 24 h."""

    name: str
    task: str
    schedule: str
    is_schedule: bool
    last_run_at: datetime | None
    duration: float | None
    outcome: str | None
    error: str | None
    next_due_at: datetime | None
    paused_at: datetime | None
    failures: int
    running: int
    waiting: int


class SchedulePage(Out):
    """All of them: `next` is always null."""

    items: list[ScheduleOut]
    next: str | None


class JobOut(Out):
    """A job of the queue. `scheduled_at` is null for one that is due at once."""

    id: int
    task: str
    queue: str
    status: JobStatus
    priority: int
    attempts: int
    scheduled_at: datetime | None


class JobPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[JobOut]
    next: str | None


class RunOut(Out):
    """One attempt at a job; `duration` in seconds."""

    id: str
    job_id: int
    task: str
    schedule: str | None
    attempt: int
    started_at: datetime
    duration: float
    outcome: str
    error: str | None
    request_id: str


class RunPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[RunOut]
    next: str | None


class QueuedOut(Out):
    """The job that was queued."""

    job_id: int


@router.get("/schedules", response_model=SchedulePage)
def list_schedules(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Every schedule and every other task, by name, with its last run and its next."""
    return collection(request, records(queries.jobs_overview(actor)), fields=fields)


@router.post("/schedules/{name}/run", status_code=202, response_model=QueuedOut)
def run_schedule_now(request: Request, actor: CurrentActor, name: Name, once: Once) -> Response:
    """Queues the schedule's task out of turn."""
    return entity(request, {"job_id": actions.run_now(actor, name, once=once)}, status=202)


@router.post("/schedules/{name}/pause", status_code=204, response_class=Response)
def pause_schedule(actor: CurrentActor, name: Name) -> Response:
    """Stops a schedule; a job of it that waits or runs is not touched."""
    actions.pause(actor, name)
    return nothing()


@router.post("/schedules/{name}/resume", status_code=204, response_class=Response)
def resume_schedule(actor: CurrentActor, name: Name) -> Response:
    """Lets a paused schedule run again."""
    actions.resume(actor, name)
    return nothing()


@router.get("/jobs", response_model=JobPage)
def list_jobs(
    request: Request, actor: CurrentActor, fields: Fields, status: JobStatus | None = None, task: Task = None,
    cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The jobs that the queue still knows, newest first."""
    page = queue.listing(actor, status=status, task=task, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.get("/job-runs", response_model=RunPage)
def list_job_runs(
    request: Request, actor: CurrentActor, fields: Fields, task: Task = None, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Attempts at jobs, newest first."""
    page = queue.run_listing(actor, task=task, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("/jobs/{job_id}/retry", status_code=204, response_class=Response)
def retry_job(actor: CurrentActor, job_id: JobId) -> Response:
    """Queues a failed job again."""
    queue_actions.retry(actor, job_id)
    return nothing()


@router.post("/jobs/{job_id}/cancel", status_code=204, response_class=Response)
def cancel_job(actor: CurrentActor, job_id: JobId) -> Response:
    """Takes a waiting job out of the queue."""
    queue_actions.cancel(actor, job_id)
    return nothing()
