"""Which requests a figure is of, and which rollup answers it cheapest."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Uuid, any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.health.requests.models import (
    EXACT,
    REQUEST_ROLLUP,
    ROUTE_ROLLUP,
    SERVICE_ROLLUP,
    STATUS_CLASSES,
    TENANT_ROLLUP,
    TENANT_TOTAL_ROLLUP,
)
from core.health.requests.window import Window
from core.kernel.actor import Actor
from core.kernel.rollups import Rollup

__all__ = ["CHANNELS", "COUNTED", "STATUS_CLASSES", "Filters", "conditions", "of_class", "source"]

CHANNELS = ("product", "page", "api", "web")
COUNTED = ("product", "page", "api")  # files and the pages' shell would make the portal look faster than it is


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty values do not filter; without a channel, `web` (files, the pages' shell) is left out.

    `status_class` is the first digit of the status. For an actor who does not see every tenant, figures are of the requests
    of those he sees.
    """

    service: str = ""
    channel: str = ""
    route: str = ""
    tenant_id: UUID | None = None
    status_class: int | None = None


def source(actor: Actor, filters: Filters, *, by: str = "") -> Rollup:
    """The narrowest rollup that knows what is filtered and told apart (`by` is route, status, tenant_id or nothing)."""
    of_tenants = filters.tenant_id is not None or by == "tenant_id" or actor.scope != "all"
    of_routes = bool(filters.route) or by == "route"
    is_told_apart = bool(filters.service) or filters.status_class is not None or by == "status"
    if of_tenants:
        return REQUEST_ROLLUP if of_routes else TENANT_ROLLUP if is_told_apart else TENANT_TOTAL_ROLLUP
    return ROUTE_ROLLUP if of_routes else SERVICE_ROLLUP


def conditions(actor: Actor, filters: Filters, rollup: Rollup, window: Window) -> list[ColumnElement[bool]]:
    """What a row of the rollup's table must be."""
    table = window.model(rollup).__table__.c
    wanted = [_in_time(filters, rollup, window), table.channel.in_((filters.channel,) if filters.channel else COUNTED)]
    if filters.service:
        wanted.append(table.service == filters.service)
    if filters.route:
        wanted.append(table.route == filters.route)
    if filters.tenant_id is not None:
        wanted.append(table.tenant_id == filters.tenant_id)
    elif actor.scope != "all":
        in_sight = cast(select(func.qd_tenants()).scalar_subquery(), ARRAY(Uuid()))
        wanted.append(table.tenant_id == any_(in_sight))
    if filters.status_class is not None:
        first = filters.status_class
        is_exact = rollup in EXACT
        wanted.append(table.status.between(first * 100, first * 100 + 99) if is_exact else table.status_class == first)
    return wanted


def of_class(rollup: Rollup, table: Any, first: int) -> ColumnElement[int]:
    """How many requests of the rows of a rollup's table were answered with a status of that first digit."""
    if rollup is TENANT_TOTAL_ROLLUP:
        return cast(func.coalesce(func.sum(table[f"status_{first}xx"]), 0), BigInteger)
    status = table.status // 100 if rollup in EXACT else table.status_class
    return cast(func.coalesce(func.sum(table.total).filter(status == first), 0), BigInteger)


def _in_time(filters: Filters, rollup: Rollup, window: Window) -> ColumnElement[bool]:
    """A range of buckets, or each of them by name: the index of the widest rollup has the time before the tenant."""
    bucket: ColumnElement[bool] = window.model(rollup).__table__.c.bucket
    if rollup is REQUEST_ROLLUP and not filters.route:
        return bucket.in_(window.buckets)
    return (bucket >= window.since) & (bucket < window.until)
