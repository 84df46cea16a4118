"""Jobs whose worker died are queued again."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text

from core.kernel.actor import Actor
from core.kernel.logs import get_logger
from core.kernel.models import uuid7
from core.kernel.tasks import REQUEST_ID, SCHEDULE
from core.kernel.telemetry import Recording, record

WORKER_SILENCE = timedelta(seconds=20)  # workers beat every 3 s
MOST_LOSSES = 3  # a job that took that many workers with it is not given to another

log = get_logger()

_LOST = text(
    "SELECT job.id, job.task_name, job.args, job.attempts,"
    " coalesce((SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = job.id AND e.type = 'started'), now())"
    "   AS started_at,"
    " (SELECT count(*) FROM job_run r WHERE r.job_id = job.id AND r.outcome = 'lost') AS losses"
    " FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id"
    " WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < now() - CAST(:silence AS interval)"
    "   OR job.id = ANY(:forgotten))"
    " FOR UPDATE OF job SKIP LOCKED"
)
_KEEP = text(
    "INSERT INTO job_run (id, task, job_id, schedule, attempt, started_at, finished_at, outcome, error, request_id)"
    " VALUES (:id, :task, :job_id, :schedule, :attempt, :started_at, now(), 'lost', :error, :request_id)"
)
_AGAIN = text(
    "UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, worker_id = NULL,"
    " abort_requested = false WHERE id = :id"
)
_GIVE_UP = text(
    "UPDATE procrastinate_jobs SET status = 'failed', attempts = attempts + 1, worker_id = NULL WHERE id = :id"
)
_WAKE = text("SELECT pg_notify('procrastinate_any_queue_v1', CAST(:message AS text))")


def doing_of(worker_id: int) -> set[int]:
    """The jobs that the queue believes that worker to be doing."""
    mine = text("SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = :worker_id")
    with record(Actor.system("recovery")) as tx:
        return set(tx.session.scalars(mine, {"worker_id": worker_id}))


def recover(forgotten: Collection[int] = ()) -> int:
    """Queues again what dead workers were doing. Returns how many jobs. Raises Unavailable.

    `forgotten` are jobs that a living worker knows it does not do any more, such as those whose end could not be stored.
    """
    with record(Actor.system("recovery")) as tx:
        lost = tx.session.execute(_LOST, {"silence": WORKER_SILENCE, "forgotten": list(forgotten)}).all()
        for job in lost:
            _recover(tx, job)
    return len(lost)


def _recover(tx: Recording, job: Row[Any]) -> None:
    gives_up = job.losses + 1 >= MOST_LOSSES
    error = "The worker died, or lost the database, while it did this." + (" Given up." if gives_up else "")
    tx.session.execute(_KEEP, {
        "id": uuid7(), "task": job.task_name, "job_id": job.id, "schedule": job.args.get(SCHEDULE),
        "attempt": job.attempts + 1, "started_at": job.started_at, "error": error,
        "request_id": job.args.get(REQUEST_ID, ""),
    })  # fmt: skip
    tx.session.execute(_GIVE_UP if gives_up else _AGAIN, {"id": job.id})
    if gives_up:
        log.error("job given up: its workers died", job_id=job.id, task=job.task_name, losses=job.losses + 1)
        return
    log.warning("job of a dead worker queued again", job_id=job.id, task=job.task_name)
    tx.session.execute(_WAKE, {"message": f'{{"type": "job_inserted", "job_id": {job.id}}}'})
