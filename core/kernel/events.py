"""The outbox: every committed action leaves one event per tenant, and each subscriber is handed each event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId


class Event(Base):
    """What happened. Its id is that of the audit entry of the same action and tenant."""

    __tablename__ = "event"
    __resource__ = "events"
    __table_args__ = (Index("ix_event_order", "xid", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    type: Mapped[str]
    tenant_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    request_id: Mapped[str]
    occurred_at: Mapped[datetime]


class EventCursor(Base):
    """How far a subscriber has come in the order of (xid, id)."""

    __tablename__ = "event_cursor"
    __resource__ = "events"
    __observation__ = True

    subscriber: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(TransactionId())
    event_id: Mapped[UUID]
    moved_at: Mapped[datetime]


class EventFailure(Base):
    """An event that a subscriber could not handle: tried again at `next_attempt_at`, until it was given up."""

    __tablename__ = "event_failure"
    __resource__ = "events"
    __observation__ = True
    __table_args__ = (Index("ix_event_failure_due", "next_attempt_at", postgresql_where=text("gave_up_at IS NULL")),)

    subscriber: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    error: Mapped[str]
    next_attempt_at: Mapped[datetime]
    gave_up_at: Mapped[datetime | None]


Handler = Callable[..., None]
Decorated = TypeVar("Decorated", bound=Handler)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A function of (actor, event), or of (recording, events) for a batch; `types` are event types or patterns."""

    name: str
    types: tuple[str, ...]
    handler: Handler
    takes_batches: bool = False

    def wants(self, event_type: str) -> bool:
        return any(fnmatchcase(event_type, pattern) for pattern in self.types)


_subscribers: dict[str, Subscriber] = {}


def subscriber(*types: str, name: str) -> Callable[[Decorated], Decorated]:
    """Hands every event of these types to the function, which must bear being handed the same event again.

    So its write carries `once=` with the subscriber's name and the event's id; AlreadyDone counts as handled. A new
    subscriber begins with the events after its first start, in a new database with the very first one.
    """

    def register(function: Decorated) -> Decorated:
        _subscribers[name] = Subscriber(name, types, function)
        return function

    return register


def batch_subscriber(*types: str, name: str) -> Callable[[Decorated], Decorated]:
    """Hands the function many events at once with the open transaction in which the cursor moves.

    So what it records in that transaction happens exactly once per event, without a key. For observations alone; a batch
    that fails is handed over again event by event, and the one at fault is set aside.
    """

    def register(function: Decorated) -> Decorated:
        _subscribers[name] = Subscriber(name, types, function, takes_batches=True)
        return function

    return register


def subscribers() -> list[Subscriber]:
    """All that have been imported (core/tasks.py imports every one)."""
    return list(_subscribers.values())


def dispatch_once(some: list[Subscriber] | None = None) -> int:
    """Hands what waits to these subscribers, or to every one; returns how many events were passed. See core/kernel/dispatch.

    An event that a subscriber does not want counts too. Raises Unavailable when the database does not answer.
    """
    from core.kernel.dispatch import busy, dispatch  # noqa: PLC0415  (the dispatcher needs these tables)

    return sum(dispatch(one) for one in busy(subscribers() if some is None else some))
