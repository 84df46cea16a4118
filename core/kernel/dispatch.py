"""Hands events to subscribers: in the order of their transactions, skipping none in flight, each with effect once.

A subscriber's cursor moves in one transaction after its batch was handed over. A process that dies before that hands
the batch over again, and the handlers' idempotency keys make that harmless.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone, Maintenance, Unavailable
from core.kernel.events import Event, EventCursor, EventFailure, Subscriber
from core.kernel.logs import bound, get_logger
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

BATCH, LARGE_BATCH = 200, 1_000
LONGEST_BATCH_S = 5.0  # so that the cursor is kept often, whatever the handlers take
MOST_ATTEMPTS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)

log = get_logger()

# xid8 compares only with xid8, and the horizon must come from the snapshot of the very statement that reads.
_AFTER_CURSOR = (
    "(event.xid, event.id) > (SELECT c.xid, c.event_id FROM event_cursor c WHERE c.subscriber = :subscriber)"
    " AND event.xid < pg_snapshot_xmin(pg_current_snapshot())"
)
_BUSY = text(
    "SELECT c.subscriber FROM event_cursor c WHERE c.subscriber = ANY(:names) AND ("
    " EXISTS (SELECT FROM event e WHERE (e.xid, e.id) > (c.xid, c.event_id)"
    "         AND e.xid < pg_snapshot_xmin(pg_current_snapshot()))"
    " OR EXISTS (SELECT FROM event_failure f WHERE f.subscriber = c.subscriber"
    "            AND f.gave_up_at IS NULL AND f.next_attempt_at <= clock_timestamp()))"
)
# One statement for all of them: in a new database every one begins at the start, later ones at the present horizon.
_BEGIN = text(
    "INSERT INTO event_cursor (subscriber, xid, event_id, moved_at)"
    " SELECT name, CASE WHEN EXISTS (SELECT FROM event_cursor) THEN pg_snapshot_xmin(pg_current_snapshot())"
    "                   ELSE '0'::xid8 END, '00000000-0000-0000-0000-000000000000', now()"
    " FROM unnest(CAST(:names AS text[])) AS name ON CONFLICT DO NOTHING"
)
_MOVE = text(
    "UPDATE event_cursor SET (xid, event_id, moved_at) = (SELECT e.xid, e.id, now() FROM event e WHERE e.id = :event_id)"
    " WHERE subscriber = :subscriber"
)
# An advisory lock and not a row lock: a row lock takes a transaction id, which would hold back the horizon of
# everybody who skips transactions in flight (this dispatcher, the audit's seals, the rollups) until the batch ends.
_CLAIM = text("SELECT pg_try_advisory_xact_lock(hashtextextended('qd_subscriber:' || :subscriber, 0))")


@dataclass(slots=True)
class Handed:
    """What became of a batch."""

    events: list[Event] = field(default_factory=list)
    errors: dict[UUID, str] = field(default_factory=dict)


def busy(subscribers: Sequence[Subscriber]) -> list[Subscriber]:
    """Those for whom something waits. Subscribers seen for the first time are given their cursor."""
    names = [one.name for one in subscribers]
    with record(Actor.system("events")) as tx:
        known = set(tx.session.scalars(select(EventCursor.subscriber)))
        if not known.issuperset(names):
            tx.session.execute(_BEGIN, {"names": names})
        waiting = set(tx.session.scalars(_BUSY, {"names": names}))
    return [one for one in subscribers if one.name in waiting]


def dispatch(subscriber: Subscriber) -> int:
    """Hands over one batch and the failures that are due. Returns how many; 0 when another process is at it.

    Raises Unavailable when the database does not answer.
    """
    with record(Actor.system("events")) as tx:
        if not tx.session.scalar(_CLAIM, {"subscriber": subscriber.name}):
            return 0
        handed = _hand_over(tx, subscriber, _waiting(tx, subscriber))
        _keep(tx, subscriber, handed)
        retried = _retry_failures(tx, subscriber)
    return len(handed.events) + retried


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def is_over(self) -> bool:
        return time.monotonic() > self.at


def _waiting(tx: Recording, subscriber: Subscriber) -> list[Event]:
    most = LARGE_BATCH if subscriber.takes_batches else BATCH
    statement = select(Event).where(text(_AFTER_CURSOR)).order_by(Event.xid, Event.id).limit(most)
    return list(tx.session.scalars(statement, {"subscriber": subscriber.name}))


def _hand_over(tx: Recording, subscriber: Subscriber, events: list[Event]) -> Handed:
    if subscriber.takes_batches:
        return _hand_batch(tx, subscriber, events)
    return _hand_all(subscriber, events, _Deadline(LONGEST_BATCH_S))


def _hand_batch(tx: Recording, subscriber: Subscriber, events: list[Event]) -> Handed:
    """All of them in one savepoint; when that fails, each in its own."""
    wanted = [event for event in events if subscriber.wants(event.type)]
    error = _in_savepoint(tx, subscriber, wanted) if wanted else None
    if error is None:
        return Handed(events)
    if len(wanted) == 1:
        return Handed(events, {wanted[0].id: error})
    failed = {event.id: _in_savepoint(tx, subscriber, [event]) for event in wanted}
    return Handed(events, {event_id: told for event_id, told in failed.items() if told is not None})


def _in_savepoint(tx: Recording, subscriber: Subscriber, events: list[Event]) -> str | None:
    try:
        with tx.session.begin_nested():
            subscriber.handler(tx, events)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("batch subscriber failed", subscriber=subscriber.name, events=len(events))
        return f"{type(error).__name__}: {error}"
    return None


def _hand_all(subscriber: Subscriber, events: list[Event], deadline: _Deadline) -> Handed:
    handed = Handed()
    for event in events:
        try:
            error = _hand(subscriber, event) if subscriber.wants(event.type) else None
        except (Unavailable, Maintenance) as pause:
            log.warning("events wait", subscriber=subscriber.name, event_id=str(event.id), error=str(pause))
            break
        handed.events.append(event)
        if error is not None:
            handed.errors[event.id] = error
        if deadline.is_over():
            break
    return handed


def _hand(subscriber: Subscriber, event: Event) -> str | None:
    """Returns the error of a handler that failed. Raises what is no fault of the event: Unavailable, Maintenance."""
    actor = Actor.system(subscriber.name, request_id=event.request_id)
    with bound(request_id=event.request_id, subscriber=subscriber.name, event_id=str(event.id)):
        try:
            subscriber.handler(actor, event)
        except AlreadyDone:
            return None
        except (Unavailable, Maintenance):
            raise
        except Exception as error:
            log.exception("subscriber failed", event_type=event.type)
            return f"{type(error).__name__}: {error}"
    return None


def _keep(tx: Recording, subscriber: Subscriber, handed: Handed) -> None:
    for event_id, error in handed.errors.items():
        tx.execute(_failed(subscriber, event_id, error, attempts=1))
    if handed.events:
        tx.session.execute(_MOVE, {"subscriber": subscriber.name, "event_id": handed.events[-1].id})


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: 5 s, 20 s, 80 s ... at most an hour."""
    return min(_FIRST_PAUSE * int(4 ** min(attempts - 1, 10)), _LONGEST_PAUSE)


def _failed(subscriber: Subscriber, event_id: UUID, error: str, *, attempts: int) -> Any:
    gave_up = attempts >= MOST_ATTEMPTS
    if gave_up:
        log.error("event given up", subscriber=subscriber.name, event_id=str(event_id), attempts=attempts, error=error)
    values = {
        "attempts": attempts, "error": error, "next_attempt_at": utc_now() + pause_after(attempts),
        "gave_up_at": utc_now() if gave_up else None,
    }  # fmt: skip
    row = insert(EventFailure).values(subscriber=subscriber.name, event_id=event_id, **values)
    return row.on_conflict_do_update(index_elements=["subscriber", "event_id"], set_=values)


def _retry_failures(tx: Recording, subscriber: Subscriber) -> int:
    mine = EventFailure.subscriber == subscriber.name
    due = select(EventFailure, Event).join(Event, Event.id == EventFailure.event_id)
    due = due.where(mine, EventFailure.gave_up_at.is_(None), EventFailure.next_attempt_at <= func.clock_timestamp())
    rows = tx.session.execute(due.order_by(EventFailure.next_attempt_at).limit(20)).all()
    by_event = {event.id: failure.attempts for failure, event in rows}
    handed = _hand_over(tx, subscriber, [event for _, event in rows])
    for event in handed.events:
        if event.id in handed.errors:
            tx.execute(_failed(subscriber, event.id, handed.errors[event.id], attempts=by_event[event.id] + 1))
        else:
            tx.execute(delete(EventFailure).where(mine, EventFailure.event_id == event.id))
    return len(handed.events)


def try_again(subscriber: str, event_id: UUID) -> Any:
    """The statement that hands an event which was given up to its subscriber once more."""
    failure = update(EventFailure).where(EventFailure.subscriber == subscriber, EventFailure.event_id == event_id)
    return failure.values(next_attempt_at=utc_now(), gave_up_at=None, attempts=0)
