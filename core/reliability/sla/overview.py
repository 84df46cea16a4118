"""How every customer with a contract does: what was promised against what was measured, of 30 days and of the month.

From the periods that were measured, never from contracts: what these are worth is not for everybody's eyes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read
from core.kernel.times import utc_now
from core.reliability.sla.models import SlaWatermark
from core.reliability.sla.statuses import STATES, read_whole, statuses

__all__ = ["SORTS", "STATES", "Filters", "Summary", "customers", "listing", "statement", "summary"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty values do not filter. `text` is the beginning of a tenant's name or domain, or an id of tenant or contract.

    Contracts that are no longer measured are left out unless `with_ended`.
    """

    text: str = ""
    states: tuple[str, ...] = ()
    tenant_id: UUID | None = None
    csm_id: UUID | None = None
    with_ended: bool = False
    contract_id: UUID | None = None


SORTS = {
    "margin": ("margin", False), "uptime": ("uptime", False), "violations": ("violations", True), "tenant": ("name", False),
}  # fmt: skip


def _wanted(filters: Filters, now: datetime) -> tuple[AnySelect, Any]:
    """The rows that the filters find, and the columns to order by."""
    one = statuses(now).c
    found = select(*one)
    if typed := filters.text.strip():
        found = found.where(_matches(one, typed))
    if filters.states:
        found = found.where(one.state.in_(filters.states))
    chosen = ((one.tenant_id, filters.tenant_id), (one.csm_id, filters.csm_id), (one.contract_id, filters.contract_id))
    found = found.where(*(column == value for column, value in chosen if value is not None))
    return (found if filters.with_ended else found.where(one.is_current)), one


def _matches(one: Any, typed: str) -> ColumnElement[bool]:
    key = as_id(typed)
    if key is not None:
        return or_(one.tenant_id == key, one.contract_id == key)
    begins = (func.lower(column).startswith(typed.lower(), autoescape=True) for column in (one.name, one.domain))
    return or_(*begins)


def customers(
    actor: Actor, filters: Filters | None = None, *, sort: str = "margin", after: str | None = None, limit: int = 50,
    now: datetime | None = None,
) -> Page:  # fmt: skip
    """One row per contract that is measured, those that fall shortest of their target first, unknown ones last.

    Columns: contract_id, tenant_id, name, tenant (NA: out of sight), domain, csm_id, uptime (percent), bad_minutes,
    observed_ratio, requests, error_rate (percent) of the last 30 days; month (UTC), month_uptime, month_bad_minutes,
    latency_p99_ms, responses, responses_late of the calendar month; the targets uptime_target, latency_p99_target,
    error_rate_target; margin (points above the target), violations of 30 days, open_violations, state (of STATES),
    is_current. What was not measured or not promised is NA.
    """
    require(actor, "sla:read")
    found, one = _wanted(filters or Filters(), now or utc_now())
    name, descending = SORTS[sort]
    with read(actor) as rx:
        read_whole(rx)
        keys = [one[name], one.contract_id]
        return rx.page(found, keys=keys, after=after, limit=limit, descending=descending, nulls_last=True)


def listing(
    actor: Actor, filters: Filters | None = None, *, sort: str = "margin", after: str | None = None, limit: int = 50
) -> Listing:
    """As `customers`, with plain rows."""
    require(actor, "sla:read")
    found, one = _wanted(filters or Filters(), utc_now())
    name, descending = SORTS[sort]
    with read(actor) as rx:
        read_whole(rx)
        keys = [one[name], one.contract_id]
        return rx.listing(found, keys=keys, after=after, limit=limit, descending=descending, nulls_last=True)


def statement(filters: Filters) -> AnySelect:
    """What `customers` lists, as a whole and by margin, for exports."""
    found, one = _wanted(filters, utc_now())
    return found.order_by(one.margin.asc().nulls_last(), one.contract_id)


@dataclass(frozen=True, slots=True)
class Summary:
    """All customers in sight. `average` is the mean of the uptimes (percent, 30 days) of those whose uptime is known.

    `until` is how far measuring has come; None when nothing was measured yet.
    """

    customers: int = 0
    unknown: int = 0
    below: int = 0
    open_violations: int = 0
    average: float | None = None
    until: datetime | None = None


def summary(actor: Actor, *, now: datetime | None = None) -> Summary:
    """The figures at the top: contracts that are measured now."""
    require(actor, "sla:read")
    one = statuses(now or utc_now()).c
    until = select(SlaWatermark.until).where(SlaWatermark.id == 1).scalar_subquery()
    found = select(
        cast(func.count(), Integer).label("customers"), cast(func.count().filter(one.uptime.is_(None)), Integer).label("unknown"),
        cast(func.count().filter(one.margin < 0), Integer).label("below"),
        cast(func.coalesce(func.sum(one.open_violations), 0), Integer).label("open_violations"),
        func.avg(one.uptime).label("average"), until.label("until"),
    ).where(one.is_current)  # fmt: skip
    with read(actor) as rx:
        read_whole(rx)
        row = rx.one(found)
    return Summary(**row._asdict()) if row else Summary()
