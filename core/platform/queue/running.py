"""Running one job, and what is kept of it."""

from datetime import datetime
from typing import Any

import psycopg

from core.health.errors.recording import record_error
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Maintenance, Unavailable
from core.kernel.logs import bound, get_logger, new_request_id
from core.kernel.tasks import REQUEST_ID, SCHEDULE, RunningJob, Task, running, task_of
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.queue.models import JobRun

# A server that goes away is no fault of a task's, so that its job is tried again like that of a worker which died.
MOST_OUTAGES = 5
_SERVER_GOES_AWAY = {"57P01", "57P02", "57P03"}  # admin_shutdown, crash_shutdown, cannot_connect_now

LONGEST_ERROR = 10_000
log = get_logger()


def may_try_again(task: Task, attempts_before: int, error: BaseException) -> bool:
    """True when a job that failed like this is queued again; maintenance mode is waited for, however long it takes."""
    if isinstance(error, Maintenance):
        return True
    return attempts_before < (max(task.retry, MOST_OUTAGES) if is_outage(error) else task.retry)


def is_outage(error: BaseException) -> bool:
    """True when the connection to the database was lost or could not be made."""
    behind = error.__cause__ or error
    cause = getattr(behind, "orig", None) or behind
    if not isinstance(cause, psycopg.OperationalError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith("08") or cause.sqlstate in _SERVER_GOES_AWAY


class Attempt:
    """One attempt at a job. Kept once, by whoever ends it first: the task, its time limit, or the worker's stop."""

    def __init__(self, job_id: int, task: str, attempts_before: int, arguments: dict[str, Any]) -> None:
        given = dict(arguments)
        request_id, schedule = given.pop(REQUEST_ID, None) or new_request_id(), given.pop(SCHEDULE, None)
        self.job = RunningJob(job_id, task, attempts_before + 1, schedule, request_id)
        self.arguments, self.started_at, self._is_kept = given, utc_now(), False

    def perform(self) -> None:
        """Runs the task under the request id of whoever queued it. Raises what the task raises, after keeping it."""
        job = self.job
        actor = Actor.system(job.task, request_id=job.request_id)
        with running(job), bound(request_id=job.request_id, job_id=job.id, task=job.task, attempt=job.attempt):
            try:
                task_of(job.task).function(actor, **self.arguments)
            except Exception as error:
                self._failed(error)
                raise
            self.keep("succeeded")
            tell = log.debug if job.schedule else log.info  # what runs all day long would drown the rest
            tell("job done", seconds=round((utc_now() - self.started_at).total_seconds(), 3))

    def _failed(self, error: Exception) -> None:
        again = may_try_again(task_of(self.job.task), self.job.attempt - 1, error)
        log.warning("job failed", error=str(error), will_retry=again)
        if not isinstance(error, ExpectedError):
            record_error(error, route=f"job {self.job.task}", request_id=self.job.request_id)
        self.keep("retrying" if again else "failed", f"{type(error).__name__}: {error}")

    def keep(self, outcome: str, error: str | None = None) -> None:
        """Stores how the attempt ended. Without a database the log has to do."""
        if self._is_kept:
            return
        self._is_kept = True
        try:
            keep_run(self.job, outcome, error, started_at=self.started_at)
        except Unavailable as problem:
            log.warning("run not kept", outcome=outcome, job_id=self.job.id, error=str(problem))


def _storable(error: str | None) -> str | None:
    """PostgreSQL's text takes neither NUL nor lone surrogates."""
    return (
        error and error[:LONGEST_ERROR].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    )


def keep_run(job: RunningJob, outcome: str, error: str | None, *, started_at: datetime) -> None:
    """Stores one run. Raises Unavailable."""
    row = {
        "task": job.task, "job_id": job.id, "schedule": job.schedule, "attempt": job.attempt, "started_at": started_at,
        "finished_at": utc_now(), "outcome": outcome, "error": _storable(error), "request_id": job.request_id,
    }  # fmt: skip
    with record(Actor.system("queue", request_id=job.request_id)) as tx:
        tx.session.add(JobRun(**row))
