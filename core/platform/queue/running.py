"""Running one job, and what is kept of it."""

from datetime import datetime
from typing import Any

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Unavailable
from core.kernel.logs import bound, get_logger, new_request_id
from core.kernel.models import utc_now
from core.kernel.tasks import REQUEST_ID, SCHEDULE, RunningJob, running, task_of
from core.kernel.telemetry import record
from core.platform.queue.models import JobRun

log = get_logger()


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
            log.info("job done", seconds=round((utc_now() - self.started_at).total_seconds(), 3))

    def _failed(self, error: Exception) -> None:
        again = self.job.attempt <= task_of(self.job.task).retry
        if isinstance(error, ExpectedError):
            log.warning("job failed", error=str(error), will_retry=again)
        else:
            log.exception("job failed", will_retry=again)
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


def keep_run(job: RunningJob, outcome: str, error: str | None, *, started_at: datetime) -> None:
    """Stores one run. Raises Unavailable."""
    row = {
        "task": job.task, "job_id": job.id, "schedule": job.schedule, "attempt": job.attempt, "started_at": started_at,
        "finished_at": utc_now(), "outcome": outcome, "error": error and error[:10_000], "request_id": job.request_id,
    }  # fmt: skip
    with record(Actor.system("queue", request_id=job.request_id)) as tx:
        tx.session.add(JobRun(**row))
