"""A tick: the one thing that a scheduler does."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.logs import new_request_id
from core.kernel.models import uuid7
from core.kernel.tasks import Schedule, enqueue_on
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.platform.schedules.models import SchedulePause, ScheduleRun, ScheduleState


def tick(schedule: Schedule, due_at: datetime, next_due_at: datetime | None) -> bool:
    """Queues the task of a tick, unless that tick was taken or the schedule is paused. True when this call took it.

    The tick and its job are one transaction, so that no tick is taken twice or lost. Raises Unavailable.
    """
    with record(Actor.system("scheduler", request_id=new_request_id())) as tx:
        if next_due_at is not None:
            _say_next(tx, {schedule.name: next_due_at})
        if _is_paused(tx, schedule.name) or not _take(tx, schedule.name, due_at):
            return False
        queue_run(tx, schedule, due_at)
    return True


def _is_paused(tx: Recording, name: str) -> bool:
    pause = select(SchedulePause.id).where(SchedulePause.schedule == name, SchedulePause.resumed_at.is_(None))
    return tx.session.scalar(pause) is not None


def _take(tx: Recording, name: str, due_at: datetime) -> bool:
    values = {"id": uuid7(), "schedule": name, "due_at": due_at, "ticked_at": utc_now()}
    taken = insert(ScheduleRun).values(values).on_conflict_do_nothing().returning(ScheduleRun.id)
    return tx.session.scalar(taken) is not None


def queue_run(tx: Recording, schedule: Schedule, due_at: datetime) -> None:
    """Queues the task and notes its job; a job of an earlier tick that still waits is enough."""
    job_id = enqueue_on(
        db.driver(tx.session), schedule.task, key=f"schedule:{schedule.name}", request_id=new_request_id(), arguments={},
        schedule=schedule.name,
    )  # fmt: skip
    of_tick = (ScheduleRun.schedule == schedule.name, ScheduleRun.due_at == due_at)
    tx.execute(update(ScheduleRun).where(*of_tick).values(job_id=job_id))


def _say_next(tx: Recording, due: Mapping[str, datetime]) -> None:
    rows = [{"schedule": name, "next_due_at": moment, "said_at": utc_now()} for name, moment in due.items()]
    row = insert(ScheduleState).values(rows)
    said = {"next_due_at": row.excluded.next_due_at, "said_at": row.excluded.said_at}
    tx.execute(row.on_conflict_do_update(index_elements=["schedule"], set_=said))


def said_before() -> dict[str, datetime]:
    """What the last leader said: when each schedule is due next. A moment that has passed is a tick that was missed."""
    with record(Actor.system("scheduler")) as tx:
        return {row.schedule: row.next_due_at for row in tx.session.execute(select(ScheduleState.__table__))}


def say(due: Mapping[str, datetime]) -> None:
    """A new leader says when each schedule is due next, and forgets those that are gone."""
    with record(Actor.system("scheduler")) as tx:
        tx.execute(delete(ScheduleState).where(ScheduleState.schedule.not_in(list(due))))
        if due:
            _say_next(tx, due)
