"""What can be done with a schedule."""

from sqlalchemy import select

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.tasks import Schedule, enqueue_on, schedules
from core.kernel.writes import Transaction, write
from core.platform.schedules.models import SchedulePause, ScheduleRun


def _schedule(name: str) -> Schedule:
    known = schedules().get(name)
    if known is None:
        raise NotFound(f"There is no schedule called {name}. It may have gone with a release.")
    return known


def run_now(actor: Actor, name: str, *, once: str | None = None) -> int:
    """Queues the schedule's task out of turn, also when it is paused. Returns the job's id.

    Raises NotFound, and Invalid while an earlier job of it waits.
    """
    schedule = _schedule(name)
    with write(actor, "jobs.run_now", once=once) as tx:
        job_id = enqueue_on(
            db.driver(tx.session), schedule.task, key=f"schedule:{name}", request_id=actor.request_id, arguments={},
            schedule=name,
        )  # fmt: skip
        if job_id is None:
            raise Invalid(f"{name} waits in the queue already. It starts when a worker is free.")
        tx.add(ScheduleRun(schedule=name, due_at=tx.now, job_id=job_id, asked_by=actor.operator_id))
        tx.note(schedule=name, job_id=job_id)
    return job_id


def _open_pause(tx: Transaction, name: str) -> SchedulePause | None:
    pause = select(SchedulePause).where(SchedulePause.schedule == name, SchedulePause.resumed_at.is_(None))
    return tx.session.scalars(pause.with_for_update()).one_or_none()


def pause(actor: Actor, name: str) -> SchedulePause:
    """Stops the schedule's ticks; a job that waits or runs is not touched. Raises NotFound, and Invalid when paused."""
    _schedule(name)
    with write(actor, "jobs.pause") as tx:
        if _open_pause(tx, name) is not None:
            raise Invalid(f"{name} is paused already.")
        tx.note(schedule=name)
        return tx.add(SchedulePause(schedule=name, paused_by=actor.operator_id))


def resume(actor: Actor, name: str) -> None:
    """Lets the schedule tick again from its next moment on; what was missed is not made up. Raises Invalid."""
    _schedule(name)
    with write(actor, "jobs.resume") as tx:
        found = _open_pause(tx, name)
        if found is None:
            raise Invalid(f"{name} is not paused.")
        tx.note(schedule=name)
        found.resumed_at, found.resumed_by = tx.now, actor.operator_id
