"""One customer's contracts as they were measured."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.reliability.sla import overview
from core.reliability.sla.models import SlaPeriod
from core.reliability.sla.overview import Filters

MOST = 100


class Measured(NamedTuple):
    """A contract and the beginnings of its first and last measured month (UTC)."""

    contract_id: UUID
    first: datetime
    last: datetime


def contracts(actor: Actor, *, contract_id: UUID | None = None, tenant_id: UUID | None = None) -> list[Measured]:
    """The contracts of a tenant, or of the tenant that this contract is of; the latest first. Empty when out of sight."""
    require(actor, "sla:read")
    month = SlaPeriod
    owner = select(month.tenant_id).where(month.contract_id == contract_id).limit(1).scalar_subquery()
    found = select(
        month.contract_id, func.min(month.bucket).label("first"), func.max(month.bucket).label("last")
    ).where(month.grain == "month", month.tenant_id == (owner if tenant_id is None else tenant_id))
    with read(actor) as rx:
        rows = rx.rows(found.group_by(month.contract_id).order_by(func.max(month.bucket).desc()).limit(MOST))
    return [Measured(*row) for row in rows]


def one(actor: Actor, contract_id: UUID) -> dict[str, Any]:
    """How the contract does: the columns of `overview.customers`. Raises NotFound for one that was not measured lately."""
    found = overview.listing(actor, Filters(contract_id=contract_id, with_ended=True), limit=1)
    if not found.rows:
        raise NotFound("This contract was not measured in the last 30 days, or is not among those you may see.")
    return found.rows[0]


def periods(actor: Actor, contract_id: UUID, grain: str, *, limit: int = 90) -> pd.DataFrame:
    """The last periods of one length, oldest first.

    Columns: bucket (UTC), observed_minutes, bad_minutes, maintenance_minutes, excluded_minutes, unobserved_minutes, uptime
    and uptime_target (percent), requests, error_rate and error_rate_target (percent), latency_p99_ms and its target,
    responses, responses_late. What was not measured or promised is NA.
    """
    require(actor, "sla:read")
    one = SlaPeriod
    columns = (
        one.bucket, one.observed_minutes, one.bad_minutes, one.maintenance_minutes, one.excluded_minutes,
        one.unobserved_minutes, one.uptime, one.uptime_target, one.requests, one.error_rate, one.error_rate_target,
        one.latency_p99_ms, one.latency_p99_target, one.responses, one.responses_late,
    )  # fmt: skip
    found = select(*columns).where(one.contract_id == contract_id, one.grain == grain)
    with read(actor) as rx:
        frame = rx.frame(found.order_by(one.bucket.desc()), limit=limit)
    return frame.iloc[::-1].reset_index(drop=True)
