"""Measured periods for machines: many contracts, many hours, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, read
from core.reliability.sla.models import SlaPeriod

Grain = Literal["hour", "day", "month", "quarter"]
COLUMNS = tuple(SlaPeriod.__table__.c)


@dataclass(frozen=True, slots=True)
class Filters:
    """`since` and `until` (exclusive) are about the beginning of the period. Nothing does not filter."""

    grain: Grain = "day"
    contract_id: UUID | None = None
    tenant_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def _wanted(filters: Filters) -> AnySelect:
    one = SlaPeriod
    found = select(*COLUMNS).where(one.grain == filters.grain)
    given = ((one.contract_id, filters.contract_id), (one.tenant_id, filters.tenant_id))
    found = found.where(*(column == value for column, value in given if value is not None))
    found = found if filters.since is None else found.where(one.bucket >= filters.since)
    return found if filters.until is None else found.where(one.bucket < filters.until)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """The periods, the latest first, with all columns of sla_period."""
    require(actor, "sla:read")
    with read(actor) as rx:
        return rx.listing(_wanted(filters), keys=[SlaPeriod.bucket, SlaPeriod.contract_id], after=after, limit=limit)
