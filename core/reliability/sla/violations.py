"""Violations as people look at them: listed by filters, with the customer and with what was asked of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from core.customers.tenants.models import Tenant
from core.health.monitors.models import Monitor
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read
from core.reliability.sla.models import SlaExclusion, SlaViolation
from core.reliability.sla.statuses import is_excluded, is_taken_back

State = Literal["open", "ended"]
Standing = Literal["counts", "asked", "excluded", "partly", "withdrawn"]
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty values do not filter. `text` is the beginning of a tenant's name or domain, or an id of violation, contract or
    tenant; `since` and `until` (exclusive) are about the beginning, but what lasts began at no time too early."""

    text: str = ""
    metrics: tuple[str, ...] = ()
    impacts: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    standings: tuple[Standing, ...] = ()
    tenant_id: UUID | None = None
    contract_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def _has(decision: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(SlaExclusion.id).where(SlaExclusion.violation_id == SlaViolation.id, decision).exists()


def standing() -> ColumnElement[str]:
    """What a violation is worth after what people and later figures said of it."""
    return case(
        (is_taken_back(), "withdrawn"), (is_excluded(), "excluded"), (_has(SlaExclusion.decision.is_(None)), "asked"),
        (_has(SlaExclusion.decision == "approved"), "partly"), else_="counts",
    )  # fmt: skip


_BAD = SlaViolation
COLUMNS = (
    _BAD.started_at, _BAD.id, _BAD.contract_id, _BAD.tenant_id, Tenant.name.label("tenant"), _BAD.metric, _BAD.target,
    _BAD.actual, _BAD.impact, _BAD.minutes, _BAD.last_bad_at, _BAD.ended_at, _BAD.detected_at, _BAD.told_at, _BAD.ticket_id,
)  # fmt: skip
_KEYS = [_BAD.started_at, _BAD.id]


def _wanted(filters: Filters) -> AnySelect:
    found = select(*COLUMNS, standing().label("standing")).outerjoin(Tenant, Tenant.id == _BAD.tenant_id)
    found = found.where(*_chosen(filters), *_bounded(filters))
    return found.where(_matches(filters.text.strip())) if filters.text.strip() else found


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    several = ((_BAD.metric, filters.metrics), (_BAD.impact, filters.impacts), (standing(), filters.standings))
    made: list[ColumnElement[bool]] = [column.in_(values) for column, values in several if values]
    single = ((_BAD.tenant_id, filters.tenant_id), (_BAD.contract_id, filters.contract_id))
    return [*made, *(column == value for column, value in single if value is not None)]


def _bounded(filters: Filters) -> list[ColumnElement[bool]]:
    made: list[ColumnElement[bool]] = []
    if len(filters.states) == 1:
        made.append(_BAD.ended_at.is_(None) if filters.states[0] == "open" else _BAD.ended_at.is_not(None))
    if filters.since is not None:
        made.append(or_(_BAD.started_at >= filters.since, _BAD.ended_at.is_(None)))
    if filters.until is not None:
        made.append(_BAD.started_at < filters.until)
    return made


def _matches(typed: str) -> ColumnElement[bool]:
    key = as_id(typed)
    if key is not None:
        return or_(_BAD.id == key, _BAD.contract_id == key, _BAD.tenant_id == key)
    columns = (func.lower(Tenant.name), Tenant.domain)
    return or_(*(column.startswith(typed.lower(), autoescape=True) for column in columns))


def violations(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per violation, the latest first.

    Columns: started_at (UTC), id, contract_id, tenant_id, tenant (NA: out of sight), metric, target, actual (the worst; in
    the metric's unit), impact, minutes, last_bad_at, ended_at (NA: it lasts), detected_at, told_at, ticket_id, standing.
    """
    require(actor, "sla:read")
    with read(actor) as rx:
        return rx.page(_wanted(filters), keys=_KEYS, after=after, limit=limit)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `violations`, with plain rows."""
    require(actor, "sla:read")
    with read(actor) as rx:
        return rx.listing(_wanted(filters), keys=_KEYS, after=after, limit=limit)


def statement(filters: Filters) -> AnySelect:
    """What `violations` lists, as a whole and in its order, for exports."""
    return _wanted(filters).order_by(_BAD.started_at.desc(), _BAD.id.desc())


def one(actor: Actor, violation_id: UUID) -> dict[str, Any]:
    """One violation with the columns of `violations` and its detail. Raises NotFound."""
    require(actor, "sla:read")
    found = select(*COLUMNS, standing().label("standing"), _BAD.detail).outerjoin(Tenant, Tenant.id == _BAD.tenant_id)
    with read(actor) as rx:
        row = rx.one(found.where(_BAD.id == violation_id))
    if row is None:
        raise NotFound("This violation does not exist, or is not among those you may see.")
    return row._asdict()


def counts(actor: Actor) -> dict[str, int]:
    """open (those that last and count), asked (exclusions that wait for a decision): each at most MOST."""
    require(actor, "sla:read")
    lasting = select(_BAD.id).where(and_(_BAD.ended_at.is_(None), ~is_taken_back()))
    asked = select(SlaExclusion.id).where(SlaExclusion.decision.is_(None))
    parts = {"open": lasting, "asked": asked}
    counted = [
        select(func.count()).select_from(found.limit(MOST).subquery(name)).scalar_subquery().label(name)
        for name, found in parts.items()
    ]
    with read(actor) as rx:
        row = rx.one(select(*counted))
    return {name: int(getattr(row, name)) for name in parts} if row else dict.fromkeys(parts, 0)


def monitors(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of these monitors; empty for who may not see monitors."""
    if not ids or not actor.may("monitors:read"):
        return {}
    with read(actor) as rx:
        return {row.id: row.name for row in rx.rows(select(Monitor.id, Monitor.name).where(Monitor.id.in_(ids)))}
