"""Single errors of one fingerprint, as far as they are kept."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.customers.tenants.models import Tenant
from core.health.errors.models import ErrorRecord
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import Page, read

LATEST = 500
_COLUMNS = (
    ErrorRecord.at, ErrorRecord.id, ErrorRecord.message, ErrorRecord.route, ErrorRecord.service, ErrorRecord.tenant_id,
    Tenant.name.label("tenant"), ErrorRecord.request_id, ErrorRecord.operator_id,
)  # fmt: skip


def samples(actor: Actor, fingerprint: str, *, after: str | None = None, limit: int = 20) -> Page:
    """The errors of a fingerprint in sight, latest first, without their traces.

    Columns: at (UTC), id, message, route, service, tenant_id, tenant (NA for none, or a name that the actor may not see),
    request_id (the correlation id; empty when unknown), operator_id.
    """
    require(actor, "errors:read")
    found = select(*_COLUMNS).outerjoin(Tenant, Tenant.id == ErrorRecord.tenant_id)
    with read(actor) as rx:
        keys = [ErrorRecord.at, ErrorRecord.id]
        return rx.page(found.where(ErrorRecord.fingerprint == fingerprint), keys=keys, after=after, limit=limit)


def sample(actor: Actor, fingerprint: str, error_id: UUID) -> dict[str, Any]:
    """One error with its trace: the columns of `samples`, type and trace. Raises NotFound."""
    require(actor, "errors:read")
    columns = (*_COLUMNS, ErrorRecord.type, ErrorRecord.trace)
    found = select(*columns).outerjoin(Tenant, Tenant.id == ErrorRecord.tenant_id)
    with read(actor) as rx:
        row = rx.one(found.where(ErrorRecord.fingerprint == fingerprint, ErrorRecord.id == error_id))
    if row is None:
        raise NotFound("This error is not kept any more, or is not among those you may see.")
    return row._asdict()


def versions(actor: Actor, fingerprint: str, *, limit: int = 20) -> pd.DataFrame:
    """What the latest errors of a fingerprint said, most frequent first: message, errors, last_at (UTC)."""
    return _among_latest(actor, fingerprint, "message", limit)


def routes(actor: Actor, fingerprint: str, *, limit: int = 20) -> pd.DataFrame:
    """Where the latest errors of a fingerprint arose, most frequent first: route, errors, last_at (UTC)."""
    return _among_latest(actor, fingerprint, "route", limit)


def _among_latest(actor: Actor, fingerprint: str, column: str, limit: int) -> pd.DataFrame:
    """By one column, among the last LATEST only: of a frequent error there are millions."""
    require(actor, "errors:read")
    named = getattr(ErrorRecord, column)
    last = select(named, ErrorRecord.at).where(ErrorRecord.fingerprint == fingerprint)
    held = last.order_by(ErrorRecord.at.desc()).limit(LATEST).subquery().c
    errors = func.count().label("errors")
    grouped = select(held[column], errors, func.max(held.at).label("last_at")).group_by(held[column])
    with read(actor) as rx:
        return rx.frame(grouped.order_by(errors.desc(), func.max(held.at).desc()), limit=limit)
