"""Idempotency keys of the API, after the IETF draft idempotency-key-header: one call is done once, its answer repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid
from core.kernel.models import uuid7
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.answers.models import ApiAnswer

KEEP = timedelta(hours=24)
# Longer than any call may take; a claim that is older belongs to a process that died.
ABANDONED = timedelta(seconds=90)
SYSTEM = Actor.system("api", channel="api")


class InProgress(ExpectedError):
    """The first call with this key has not been answered yet."""

    code, status = "in_progress", 409
    headers = {"Retry-After": "1"}  # noqa: RUF012  (read only)


@dataclass(frozen=True, slots=True)
class Asked:
    """A call under a key."""

    actor_id: UUID
    route: str
    key: str
    fingerprint: bytes

    @property
    def once(self) -> str:
        """The key that the action itself claims in its transaction, so that nothing is done twice after a crash."""
        return f"api:{self.actor_id}:{self.route}:{self.key}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: str


def claim(asked: Asked) -> Answer | None:
    """Takes the call, or gives the answer that it got before.

    Raises InProgress while another call under this key runs, Invalid when the key was used for another request.
    """
    with record(SYSTEM) as tx:
        if tx.execute(_taking(asked, utc_now())).first() is not None:
            return None
        known = tx.execute(select(ApiAnswer).where(*_of(asked))).scalar_one_or_none()
    if known is not None and known.fingerprint != asked.fingerprint:
        sentence = "This idempotency key was used for another request. Use a new key for a new request."
        raise Invalid(sentence, {"Idempotency-Key": "Used for another request."})
    if known is None or known.status is None:
        raise InProgress("A call with this idempotency key is being worked on. Ask again in a moment.")
    return Answer(known.status, known.headers or {}, known.body or "")


def _of(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return (ApiAnswer.actor_id == asked.actor_id, ApiAnswer.route == asked.route, ApiAnswer.key == asked.key)


def _taking(asked: Asked, now: datetime) -> ReturningInsert[tuple[UUID]]:
    """Makes the claim; takes over one that is too old, or whose call never came to an end."""
    row = {"id": uuid7(), "actor_id": asked.actor_id, "route": asked.route, "key": asked.key,
           "fingerprint": asked.fingerprint, "claimed_at": now}  # fmt: skip
    is_free = or_(
        ApiAnswer.claimed_at < now - KEEP,
        (ApiAnswer.status.is_(None)) & (ApiAnswer.claimed_at < now - ABANDONED)
        & (ApiAnswer.fingerprint == asked.fingerprint),
    )  # fmt: skip
    anew = {"fingerprint": asked.fingerprint, "claimed_at": now, "status": None, "headers": None, "body": None}
    statement = insert(ApiAnswer).values(row)
    return statement.on_conflict_do_update(
        index_elements=["actor_id", "route", "key"], set_=anew, where=is_free
    ).returning(ApiAnswer.id)


def keep(asked: Asked, answer: Answer) -> None:
    """Stores the answer for whoever asks again."""
    values = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    with record(SYSTEM) as tx:
        tx.execute(update(ApiAnswer).where(*_of(asked)).values(values))


def release(asked: Asked) -> None:
    """Gives the key back: the call failed and changed nothing."""
    with record(SYSTEM) as tx:
        tx.execute(delete(ApiAnswer).where(*_of(asked), ApiAnswer.status.is_(None)))
