"""Errors over time, by kind and by tenant."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, case, cast, func, select

from core.customers.tenants.models import Tenant
from core.health.errors.counting import counted
from core.health.errors.models import ErrorGroup
from core.health.requests.models import SERVICE_ROLLUP
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.rollups import Grain, grain_for

WIDTH: dict[Grain, timedelta] = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
OTHER, TYPES = "other", 6


def buckets(since: datetime, until: datetime) -> pd.DatetimeIndex:
    """The starts of the buckets of the time, in its grain."""
    grain = grain_for(since, until)
    begun = since.astimezone(UTC).replace(second=0, microsecond=0)
    begun = (
        begun if grain == "minute" else begun.replace(minute=0) if grain == "hour" else begun.replace(hour=0, minute=0)
    )
    every = pd.date_range(begun, until, freq=pd.Timedelta(WIDTH[grain]), inclusive="left", unit="us", name="bucket")
    return every[every >= pd.Timestamp(since)]


def trends(actor: Actor, fingerprints: Sequence[str], since: datetime, until: datetime) -> dict[str, list[int]]:
    """Errors per bucket (of `buckets`), by fingerprint; zeros where none was seen."""
    require(actor, "errors:read")
    every = buckets(since, until)
    rows = counted(actor, since, until, grain_for(since, until), fingerprints=list(fingerprints)).c
    errors = cast(func.sum(rows.total), BigInteger).label("errors")
    grouped = select(rows.fingerprint, rows.bucket, errors).group_by(rows.fingerprint, rows.bucket)
    with read(actor) as rx:
        found = rx.frame(grouped, limit=max(len(fingerprints), 1) * len(every) + 1)
    wide = found.pivot(index="bucket", columns="fingerprint", values="errors").reindex(every)
    wide = wide.reindex(columns=list(fingerprints)).fillna(0).astype("int64")
    return {name: wide[name].tolist() for name in fingerprints}


def by_type(actor: Actor, since: datetime, until: datetime, *, limit: int = 12) -> pd.DataFrame:
    """One row per type of error, most first: type, errors, groups."""
    require(actor, "errors:read")
    rows = counted(actor, since, until, grain_for(since, until)).c
    sums = select(rows.fingerprint, func.sum(rows.total).label("total")).group_by(rows.fingerprint).subquery().c
    errors = cast(func.sum(sums.total), BigInteger).label("errors")
    columns = (ErrorGroup.type, errors, func.count().label("groups"))
    typed = select(*columns).join(ErrorGroup, ErrorGroup.fingerprint == sums.fingerprint).group_by(ErrorGroup.type)
    with read(actor) as rx:
        return rx.frame(typed.order_by(errors.desc(), ErrorGroup.type), limit=limit)


def by_time(actor: Actor, types: Sequence[str], since: datetime, until: datetime) -> pd.DataFrame:
    """One row per bucket, oldest first: bucket (UTC), a column for each of the types, and `other`."""
    require(actor, "errors:read")
    rows = counted(actor, since, until, grain_for(since, until)).c
    kind = case((ErrorGroup.type.in_(list(types)), ErrorGroup.type), else_=OTHER).label("kind")
    grouped = (
        select(rows.bucket, kind, cast(func.sum(rows.total), BigInteger).label("errors"))
        .join(ErrorGroup, ErrorGroup.fingerprint == rows.fingerprint)
        .group_by(rows.bucket, kind)
    )
    with read(actor) as rx:
        found = rx.frame(grouped)
    wide = found.pivot(index="bucket", columns="kind", values="errors").reindex(buckets(since, until))
    return wide.reindex(columns=[*types, OTHER]).fillna(0).astype("int64").reset_index()


def by_tenant(actor: Actor, fingerprint: str, since: datetime, until: datetime, *, limit: int = 50) -> pd.DataFrame:
    """One row per tenant in sight that was hit, most first: tenant_id and tenant (NA for none), errors, last_at (UTC, to the
    bucket)."""
    require(actor, "errors:read")
    rows = counted(actor, since, until, grain_for(since, until), fingerprints=[fingerprint], by_tenant=True).c
    errors = cast(func.sum(rows.total), BigInteger).label("errors")
    columns = (rows.tenant_id, Tenant.name.label("tenant"), errors, func.max(rows.bucket).label("last_at"))
    grouped = select(*columns).outerjoin(Tenant, Tenant.id == rows.tenant_id).group_by(rows.tenant_id, Tenant.name)
    with read(actor) as rx:
        return rx.frame(grouped.order_by(errors.desc()), limit=limit)


def requests_by_service(
    actor: Actor, since: datetime, until: datetime, *, tenant_id: UUID | None = None
) -> dict[str, int]:
    """Requests of each service in the time, of all tenants; empty for who does not see all, and for one tenant's."""
    require(actor, "errors:read")
    if actor.scope != "all" or tenant_id is not None or not actor.may("health:read"):
        return {}
    table = SERVICE_ROLLUP.model(grain_for(since, until)).__table__.c
    sums = select(table.service, cast(func.sum(table.total), BigInteger).label("requests"))
    with read(actor) as rx:
        found = rx.rows(sums.where(table.bucket >= since, table.bucket < until).group_by(table.service))
    return {row.service: row.requests for row in found}
