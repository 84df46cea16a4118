"""What was measured of contracts, found short and said about it. Without the contracts themselves, which cost money."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, exists, select, true

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, read
from core.reliability.sla import minutes
from core.reliability.sla.models import SlaExclusion, SlaPeriod, SlaSpan, SlaViolation

_VIOLATION = (
    SlaViolation.id, SlaViolation.contract_id, SlaViolation.tenant_id, Tenant.name.label("tenant"), SlaViolation.metric,
    SlaViolation.target, SlaViolation.actual, SlaViolation.impact, SlaViolation.minutes, SlaViolation.started_at,
    SlaViolation.last_bad_at, SlaViolation.ended_at, SlaViolation.detected_at, SlaViolation.told_at, SlaViolation.ticket_id,
    SlaViolation.detail,
)  # fmt: skip
_EXCLUSION = (
    SlaExclusion.id, SlaExclusion.violation_id, SlaExclusion.contract_id, SlaExclusion.tenant_id, SlaExclusion.starts_at,
    SlaExclusion.ends_at, SlaExclusion.reason, SlaExclusion.asked_by, SlaExclusion.asked_by_name, SlaExclusion.created_at,
    SlaExclusion.decision, SlaExclusion.decided_at, SlaExclusion.decided_by_name, SlaExclusion.decision_note,
    SlaExclusion.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """Of violations; empty values do not filter. Bounds are of `started_at`; `is_open`: those that last, or those that do not."""

    contract_ids: tuple[UUID, ...] = ()
    tenant_id: UUID | None = None
    metrics: tuple[str, ...] = ()
    impacts: tuple[str, ...] = ()
    is_open: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    without_excluded: bool = False


def watermark(actor: Actor) -> datetime | None:
    """Every minute before it was judged; None when none was."""
    require(actor, "sla:read")
    with read(actor) as rx:
        return minutes.watermark(rx)


def spans(actor: Actor, contract_id: UUID, since: datetime, until: datetime) -> pd.DataFrame:
    """The stretches that touch [since, until), oldest first: starts_at, ends_at, state, cause. At most 10,000."""
    require(actor, "sla:read")
    span = SlaSpan
    first = select(span.starts_at).where(span.contract_id == contract_id, span.starts_at <= since)
    latest = first.order_by(span.starts_at.desc()).limit(1).scalar_subquery()
    found = select(span.starts_at, span.ends_at, span.state, span.cause).where(
        span.contract_id == contract_id, span.starts_at < until, span.ends_at > since,
        (span.starts_at >= latest) | latest.is_(None),
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(found.order_by(span.starts_at))


def periods(actor: Actor, contract_id: UUID, grain: str, since: datetime, until: datetime) -> pd.DataFrame:
    """The periods that begin in [since, until), oldest first: every column of the table."""
    require(actor, "sla:read")
    period = SlaPeriod
    found = select(*period.__table__.c).where(
        period.contract_id == contract_id, period.grain == grain, period.bucket >= since, period.bucket < until
    )
    with read(actor) as rx:
        return rx.frame(found.order_by(period.bucket))


def violation(actor: Actor, violation_id: UUID) -> Any:
    """One row of the columns of `violations`. Raises NotFound."""
    require(actor, "sla:read")
    with read(actor) as rx:
        found = rx.one(_violations().where(SlaViolation.id == violation_id))
    if found is None:
        raise NotFound("This violation does not exist, or is not among those you may see.")
    return found


def violations(actor: Actor, filters: Filters | None = None, *, after: str | None = None, limit: int = 50) -> Page:
    """Latest first; a row per violation: id, contract_id, tenant_id, tenant, metric, target, actual, impact, minutes ..."""
    require(actor, "sla:read")
    found = _violations().where(*_wanted(filters or Filters()))
    with read(actor) as rx:
        return rx.page(found, keys=(SlaViolation.started_at, SlaViolation.id), after=after, limit=limit)


def _violations() -> AnySelect:
    return select(*_VIOLATION).join(Tenant, Tenant.id == SlaViolation.tenant_id)


def is_excluded() -> ColumnElement[bool]:
    """That somebody approved an exclusion of the violation, or of a part of it."""
    exclusion = SlaExclusion
    return exists().where(exclusion.violation_id == SlaViolation.id, exclusion.decision == "approved")


_CONDITIONS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "contract_ids": SlaViolation.contract_id.in_,
    "tenant_id": lambda value: SlaViolation.tenant_id == value,
    "metrics": SlaViolation.metric.in_,
    "impacts": SlaViolation.impact.in_,
    "is_open": lambda value: SlaViolation.ended_at.is_(None) if value else SlaViolation.ended_at.is_not(None),
    "since": lambda value: SlaViolation.started_at >= value,
    "until": lambda value: SlaViolation.started_at < value,
    "without_excluded": lambda value: ~is_excluded() if value else true(),
}


def _wanted(filters: Filters) -> list[ColumnElement[bool]]:
    asked = {name: getattr(filters, name) for name in _CONDITIONS}
    return [_CONDITIONS[name](value) for name, value in asked.items() if value not in (None, ())]


def exclusions(actor: Actor, violation_id: UUID) -> pd.DataFrame:
    """What was said of a violation, latest first; `decision` is NA while nobody decided."""
    require(actor, "sla:read")
    found = select(*_EXCLUSION).where(SlaExclusion.violation_id == violation_id)
    with read(actor) as rx:
        return rx.frame(found.order_by(SlaExclusion.created_at.desc()))


def open_exclusions(actor: Actor, *, limit: int = 200) -> pd.DataFrame:
    """What waits for somebody to decide, oldest first."""
    require(actor, "sla:read")
    found = select(*_EXCLUSION).where(SlaExclusion.decision.is_(None))
    with read(actor) as rx:
        return rx.frame(found.order_by(SlaExclusion.created_at), limit=limit)
