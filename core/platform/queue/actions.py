"""What can be done with a job, and with an event that a subscriber could not handle."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.kernel import dispatch
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.writes import Transaction, write
from core.platform.queue.models import JOB

_TOLD = {"todo": "waits", "doing": "is running", "succeeded": "has succeeded", "failed": "has failed"}


def retry(actor: Actor, job_id: int) -> None:
    """Queues a failed job again. Raises NotFound, and Invalid for one that has not failed."""
    with write(actor, "jobs.retry") as tx:
        _change(tx, job_id, only="failed", status="todo", scheduled_at=None)
        message = f'{{"type": "job_inserted", "job_id": {job_id}}}'
        tx.session.execute(select(func.pg_notify("procrastinate_any_queue_v1", message)))


def cancel(actor: Actor, job_id: int) -> None:
    """Takes a waiting job out of the queue. Raises NotFound, and Invalid for one that has begun: it ends by itself."""
    with write(actor, "jobs.cancel") as tx:
        _change(tx, job_id, only="todo", status="cancelled")


def _change(tx: Transaction, job_id: int, *, only: str, **values: Any) -> None:
    job = tx.session.execute(select(JOB.c.status, JOB.c.task_name).where(JOB.c.id == job_id).with_for_update()).first()
    if job is None:
        raise NotFound("This job does not exist any more.")
    if job.status != only:
        raise Invalid(f"This job {_TOLD.get(job.status, 'was cancelled')}, so there is nothing to do. Look again.")
    tx.bulk(update(JOB).where(JOB.c.id == job_id).values(**values))
    tx.note(job_id=job_id, task=job.task_name)


def retry_event(actor: Actor, subscriber: str, event_id: UUID) -> None:
    """Hands an event to its subscriber once more, from the first attempt on. Raises NotFound."""
    with write(actor, "jobs.retry_event") as tx:
        if not tx.bulk(dispatch.try_again(subscriber, event_id)):
            raise NotFound("This event has been handled in the meantime.")
        tx.note(subscriber=subscriber, event_id=event_id)
