"""Reads of the errors, by what caused them. Figures come out of the rollup, so their cost does not grow with the errors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, case, cast, func, literal, or_, select

from core.health.errors.counting import counted
from core.health.errors.models import ErrorGroup, ErrorRecord
from core.health.errors.triage import ErrorTriage
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, read
from core.kernel.rollups import grain_for
from core.kernel.times import utc_now

Sort = Literal["last_seen_at", "first_seen_at", "errors", "tenants"]
RETURNED = and_(ErrorTriage.state == "resolved", ErrorGroup.last_seen_at > ErrorTriage.resolved_at)
STATE = case((RETURNED, "returned"), else_=func.coalesce(ErrorTriage.state, "open")).label("state")


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty values do not filter. `text` is part of a type, message, route or the fingerprint; `tenant_id` counts the
    errors of this tenant alone."""

    text: str = ""
    services: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    assignee_id: UUID | None = None
    tenant_id: UUID | None = None


def directory(
    actor: Actor, filters: Filters, since: datetime, until: datetime, *, sort: Sort = "last_seen_at",
    after: str | None = None, limit: int = 50,
) -> Page:  # fmt: skip
    """One row per fingerprint that was seen in the time, the highest of `sort` first.

    Columns: fingerprint, service, type, message (of the first), route, first_seen_at, last_seen_at (of all time, UTC),
    state (of states.STATES), assignee_id, assignee (NA when nobody's), note, resolved_at, changed_at, changed_by, version
    (0: nobody touched it), errors and tenants (how often, and for how many tenants, in the time).
    """
    require(actor, "errors:read")
    found = _listed(actor, filters, since, until, is_spread=sort == "tenants").subquery()
    with read(actor) as rx:
        page = rx.page(select(found), keys=[found.c[sort], found.c.fingerprint], after=after, limit=limit)
    if sort == "tenants" or page.frame.empty:
        return page
    marks = page.frame["fingerprint"].tolist()
    sums = _sums(actor, filters, since, until, marks, is_spread=True)
    with read(actor) as rx:
        spread = {row.fingerprint: row.tenants for row in rx.rows(select(sums.c.fingerprint, sums.c.tenants))}
    tenants = pd.Series([spread.get(mark, 0) for mark in marks], index=page.frame.index, dtype="Int64")
    return Page(page.frame.assign(tenants=tenants), page.next)


def totals(actor: Actor, filters: Filters, since: datetime, until: datetime) -> dict[str, int]:
    """Of the groups that match: groups, errors, and fresh (groups that are open or have returned)."""
    require(actor, "errors:read")
    found = _listed(actor, filters, since, until).subquery()
    columns = (
        func.count().label("groups"), cast(func.coalesce(func.sum(found.c.errors), 0), BigInteger).label("errors"),
        func.count().filter(found.c.state.in_(["open", "returned"])).label("fresh"),
    )  # fmt: skip
    with read(actor) as rx:
        row = rx.rows(select(*columns))[0]
    return dict(row._mapping)


def one(actor: Actor, fingerprint: str, since: datetime, until: datetime) -> dict[str, Any]:
    """One group, as in `directory`, also when it was not seen in the time. Raises NotFound."""
    require(actor, "errors:read")
    sums = _sums(actor, Filters(), since, until, [fingerprint], is_spread=True)
    found = _joined(actor, sums).where(ErrorGroup.fingerprint == fingerprint)
    if actor.scope != "all":
        found = found.where(_in_sight())
    with read(actor) as rx:
        row = rx.one(found)
    if row is None:
        raise NotFound("This error does not exist, or is not among those you may see.")
    return row._asdict()


def services(actor: Actor) -> list[str]:
    """The services that errors came from, by name."""
    require(actor, "errors:read")
    with read(actor) as rx:
        return [row.service for row in rx.rows(select(ErrorGroup.service).distinct().order_by(ErrorGroup.service))]


def _sums(
    actor: Actor, filters: Filters, since: datetime, until: datetime, fingerprints: list[str] | None = None, *,
    is_spread: bool,
) -> Subquery:  # fmt: skip
    """Errors by fingerprint, and with `is_spread` how many tenants were hit, which costs several times as much."""
    grain = grain_for(since, until)
    rows: Any = counted(
        actor, since, until, grain, tenant_id=filters.tenant_id, fingerprints=fingerprints, by_tenant=is_spread
    ).c
    tenants: ColumnElement[Any] = literal(0, BigInteger())
    if is_spread:  # grouped twice, which costs less than DISTINCT
        by_tenant = select(rows.fingerprint, rows.tenant_id, func.sum(rows.total).label("total"))
        rows = by_tenant.group_by(rows.fingerprint, rows.tenant_id).subquery().c
        tenants = func.count(rows.tenant_id)
    errors = cast(func.sum(rows.total), BigInteger).label("errors")
    sums = select(rows.fingerprint, errors, tenants.label("tenants"))
    return sums.group_by(rows.fingerprint).subquery("sums")


def _joined(actor: Actor, sums: Subquery, *, is_outer: bool = True) -> AnySelect:
    columns = (
        ErrorGroup.fingerprint, ErrorGroup.service, ErrorGroup.type, _message(actor), ErrorGroup.route,
        ErrorGroup.first_seen_at, ErrorGroup.last_seen_at, STATE, ErrorTriage.assignee_id,
        ErrorTriage.assignee_name.label("assignee"), ErrorTriage.note, ErrorTriage.resolved_at,
        ErrorTriage.updated_at.label("changed_at"), ErrorTriage.changed_by_name.label("changed_by"),
        func.coalesce(ErrorTriage.version, 0).label("version"), func.coalesce(sums.c.errors, 0).label("errors"),
        func.coalesce(sums.c.tenants, 0).label("tenants"),
    )  # fmt: skip
    joined = select(*columns).join(sums, sums.c.fingerprint == ErrorGroup.fingerprint, isouter=is_outer)
    return joined.outerjoin(ErrorTriage, ErrorTriage.fingerprint == ErrorGroup.fingerprint)


def _message(actor: Actor) -> ColumnElement[Any]:
    """What the first error said; for who does not see all tenants, what the latest in his sight said."""
    if actor.scope == "all":
        return ErrorGroup.message.label("message")
    latest = select(ErrorRecord.message).where(ErrorRecord.fingerprint == ErrorGroup.fingerprint)
    return latest.order_by(ErrorRecord.at.desc()).limit(1).correlate(ErrorGroup).scalar_subquery().label("message")


def _in_sight() -> ColumnElement[bool]:
    return select(ErrorRecord.id).where(ErrorRecord.fingerprint == ErrorGroup.fingerprint).exists()


def _listed(actor: Actor, filters: Filters, since: datetime, until: datetime, *, is_spread: bool = False) -> AnySelect:
    """What is somebody's is listed also when it is quiet."""
    is_outer = filters.assignee_id is not None and filters.tenant_id is None and actor.scope == "all"
    statement = _joined(actor, _sums(actor, filters, since, until, is_spread=is_spread), is_outer=is_outer)
    text = filters.text.strip()
    if text:
        told = (ErrorGroup.type, ErrorGroup.message, ErrorGroup.route) if actor.scope == "all" else (ErrorGroup.type,)
        parts = [column.icontains(text, autoescape=True) for column in told]
        statement = statement.where(or_(ErrorGroup.fingerprint == text, *parts))
    if filters.assignee_id is not None:
        statement = statement.where(ErrorTriage.assignee_id == filters.assignee_id)
    chosen = ((ErrorGroup.service, filters.services), (STATE, filters.states), (ErrorGroup.type, filters.types))
    return statement.where(*(column.in_(values) for column, values in chosen if values))


def groups(actor: Actor, *, since: datetime | None = None, limit: int = 50) -> pd.DataFrame:
    """One row per fingerprint since the moment (by default a day ago), latest first.

    Columns: fingerprint, type, message, route, errors, first_at, last_at (UTC), state.
    """
    begin = since or utc_now() - timedelta(days=1)
    found = directory(actor, Filters(), begin, utc_now() + timedelta(minutes=1), limit=limit).frame
    named = found.rename(columns={"first_seen_at": "first_at", "last_seen_at": "last_at"})
    return named[["fingerprint", "type", "message", "route", "errors", "first_at", "last_at", "state"]]


def count(actor: Actor, *, since: datetime) -> int:
    """How many errors were seen since the moment."""
    require(actor, "errors:read")
    until = utc_now() + timedelta(minutes=1)
    rows = counted(actor, since, until, grain_for(since, until)).c
    with read(actor) as rx:
        return int(rx.value(select(func.coalesce(func.sum(rows.total), 0))))


def open_count(actor: Actor, *, since: datetime) -> int:
    """How many groups seen since the moment nobody has acknowledged, resolved or ignored."""
    return totals(actor, Filters(), since, utc_now() + timedelta(minutes=1))["fresh"]


def latest(actor: Actor, fingerprint: str) -> dict[str, Any] | None:
    """The latest error of a fingerprint: at (UTC), type, message, trace, route, request_id; None when there is none."""
    require(actor, "errors:read")
    columns = (
        ErrorRecord.at, ErrorRecord.type, ErrorRecord.message, ErrorRecord.trace, ErrorRecord.route, ErrorRecord.request_id,
    )  # fmt: skip
    of_kind = select(*columns).where(ErrorRecord.fingerprint == fingerprint).order_by(ErrorRecord.at.desc()).limit(1)
    with read(actor) as rx:
        row = rx.one(of_kind)
    return None if row is None else row._asdict()
