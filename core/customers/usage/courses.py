"""What one tenant does with the product over a time: calls, messages, errors, people. Reads rollups alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, Select, cast, exists, func, select

from core.health.active.models import ActiveUsers
from core.health.errors.models import ERROR_ROLLUP
from core.health.messages.models import MESSAGE_ROLLUP
from core.health.requests.models import TENANT_ROLLUP
from core.health.requests.window import Window, window
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.rollups import Rollup, RollupWatermark, start_of
from core.kernel.times import utc_now


@dataclass(frozen=True, slots=True)
class Course:
    """Bucket by bucket of `window`, oldest first, and the same length of time before it; a bucket without a row is 0.

    `calls`: bucket, own (with the tenant's own API keys), product (of the product's services), failed. `messages`: bucket, sent,
    delivered, failed. `errors`: bucket, total. `people`: day, users, daily, weekly, monthly; those seen as they were counted on
    the day, NA where the product does not tell. None is unknown: never counted, or the actor may not see it.
    """

    window: Window
    calls: pd.DataFrame | None
    messages: pd.DataFrame | None
    errors: pd.DataFrame | None
    people: pd.DataFrame | None

    def total(self, frame: pd.DataFrame | None, column: str, span: Window) -> int | None:
        """The sum over the window, or over the one before; None for what is unknown."""
        if frame is None:
            return None
        within = (frame["bucket"] >= span.since) & (frame["bucket"] < span.until)
        return int(frame.loc[within, column].sum())

    def of_window(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["bucket"] >= self.window.since]


def course(actor: Actor, tenant_id: UUID, *, since: datetime, until: datetime, now: datetime | None = None) -> Course:
    """From `since` to `until` (UTC), in buckets that fit the time. A tenant that is not in sight has no rows."""
    require(actor, "tenants:read")
    span = window(TENANT_ROLLUP, since, until, now=now or utc_now())
    sees_health, sees_errors = actor.may("health:read"), actor.may("errors:read")
    with read(actor) as rx:
        begun = rx.rows(_begun())[0]
        calls = rx.frame(_calls(span, tenant_id)) if sees_health and begun.calls else None
        messages = rx.frame(_messages(span, tenant_id)) if sees_health and begun.messages else None
        errors = rx.frame(_errors(span, tenant_id)) if sees_errors and begun.errors else None
        people = _people(rx, span, tenant_id) if sees_health else None
    return Course(span, calls, messages, errors, people)


def _begun() -> AnySelect:
    """Whether each source ever told anything; messages are the product's to tell, the others the portal counts."""
    counted = {
        name: exists().where(RollupWatermark.rollup == rollup.name)
        for name, rollup in (("calls", TENANT_ROLLUP), ("errors", ERROR_ROLLUP))
    }
    told = exists(select(MESSAGE_ROLLUP.day.__table__.c.bucket).limit(1))
    return select(*(one.label(name) for name, one in counted.items()), told.label("messages"))


def _of(rollup: Rollup, span: Window, tenant_id: UUID, **sums: Any) -> Select[Any]:
    table = span.model(rollup).__table__.c
    columns = (cast(func.coalesce(value, 0), BigInteger).label(name) for name, value in sums.items())
    within = (table.tenant_id == tenant_id, table.bucket >= span.before.since, table.bucket < span.until)
    return select(table.bucket, *columns).where(*within).group_by(table.bucket).order_by(table.bucket)


def _calls(span: Window, tenant_id: UUID) -> Select[Any]:
    table = span.model(TENANT_ROLLUP).__table__.c
    own, product = (func.sum(table.total).filter(table.channel == channel) for channel in ("api", "product"))
    counted = table.channel.in_(("api", "product"))
    failed = func.sum(table.errors).filter(counted)
    return _of(TENANT_ROLLUP, span, tenant_id, own=own, product=product, failed=failed).where(counted)


def _messages(span: Window, tenant_id: UUID) -> Select[Any]:
    table = span.model(MESSAGE_ROLLUP).__table__.c
    names = ("sent", "delivered", "failed")
    return _of(MESSAGE_ROLLUP, span, tenant_id, **{name: func.sum(table[name]) for name in names})


def _errors(span: Window, tenant_id: UUID) -> Select[Any]:
    return _of(ERROR_ROLLUP, span, tenant_id, total=func.sum(span.model(ERROR_ROLLUP).__table__.c.total))


def _people(rx: Reading, span: Window, tenant_id: UUID) -> pd.DataFrame:
    """Whole days, the first one that the window touches included."""
    told = ActiveUsers
    names = ("daily", "weekly", "monthly")
    wanted = select(told.day, told.users, told.seen, *(getattr(told, name) for name in names)).where(
        told.tenant_id == tenant_id, told.day >= start_of(span.since, "day"), told.day < span.until
    )
    found = rx.frame(wanted.order_by(told.day))
    is_told = found["seen"] > 0
    return found.assign(**{name: found[name].where(is_told) for name in names}).drop(columns="seen")
