"""Requests of a time told apart: by route, by tenant, by status; the most first, and only so many as are shown."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Float, Uuid, and_, cast, func, or_, select

from core.customers.tenants.models import Tenant
from core.health.requests.filters import Filters, conditions, source
from core.health.requests.models import EXACT
from core.health.requests.percentiles import QUANTILES, percentiles
from core.health.requests.window import Window, window
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.rollups import Rollup
from core.kernel.times import utc_now

Order = Literal["requests", "errors", "p95"]
ORDERS: tuple[Order, ...] = ("requests", "errors", "p95")
ROUTE, TENANT = ("route", "service", "channel"), ("tenant_id",)
# For the slowest, percentiles are worked out of these many with the highest mean: those of all would be a look at every
# sketch.
CANDIDATES = 30


def by_route(
    actor: Actor, filters: Filters, since: datetime, until: datetime, *, order: Order = "requests", limit: int = 10,
    now: datetime | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row per route of a service and channel, the most of `order` first.

    Columns: route, service, channel, requests, errors, timed, error_ratio, mean, max, p50, p95, p99 (ms; NA without a
    duration). With the order errors, only those that have some; with p95, only those that have durations.
    """
    return _broken_down(actor, filters, since, until, ROUTE, order, limit, now)


def by_tenant(
    actor: Actor, filters: Filters, since: datetime, until: datetime, *, order: Order = "requests", limit: int = 10,
    now: datetime | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row per tenant in sight, the columns of `by_route` with tenant_id and tenant (its name) in place of the route.

    `tenant_id` is NA for requests of no tenant, `tenant` also for one whose name the actor may not see.
    """
    frame = _broken_down(actor, filters, since, until, TENANT, order, limit, now)
    names = select(Tenant.id.label("tenant_id"), Tenant.name.label("tenant"))
    with read(actor) as rx:
        known = rx.frame(names.where(Tenant.id.in_([UUID(one) for one in frame["tenant_id"].dropna()])))
    return frame.merge(known, on="tenant_id", how="left")


def by_status(
    actor: Actor, filters: Filters, since: datetime, until: datetime, *, now: datetime | None = None
) -> pd.DataFrame:
    """One row per status that was answered: status (such as 404, or 4xx where only the class is kept), requests."""
    require(actor, "health:read")
    rollup = source(actor, filters, by="status")
    span = window(rollup, since, until, now=now or utc_now())
    table = span.model(rollup).__table__.c
    column = table.status if rollup in EXACT else table.status_class
    requests = cast(func.sum(table.total), BigInteger).label("requests")
    found = select(column.label("status"), requests).where(*conditions(actor, filters, rollup, span))
    with read(actor) as rx:
        frame = rx.frame(found.group_by(column).order_by(column), limit=600)
    told = frame["status"].astype("string")
    return frame.assign(status=told if rollup in EXACT else told + "xx")


def _broken_down(
    actor: Actor, filters: Filters, since: datetime, until: datetime, by: tuple[str, ...], order: Order, limit: int,
    now: datetime | None,
) -> pd.DataFrame:  # fmt: skip
    require(actor, "health:read")
    rollup = source(actor, filters, by=by[0])
    span = window(rollup, since, until, now=now or utc_now())
    with read(actor) as rx:
        most = rx.frame(
            _most(actor, filters, rollup, span, by, order, max(CANDIDATES, limit) if order == "p95" else limit)
        )
        shares = _shares(rx, actor, filters, rollup, span, by, most)
    frame = most.merge(shares, on=list(by), how="left")
    frame["error_ratio"] = frame["errors"] / frame["requests"]
    if order == "p95":
        frame = frame.sort_values("p95", ascending=False, kind="stable").head(limit).reset_index(drop=True)
    return frame


def _most(
    actor: Actor, filters: Filters, rollup: Rollup, span: Window, by: tuple[str, ...], order: Order, limit: int
) -> AnySelect:
    table = span.model(rollup).__table__.c
    groups = [table[name] for name in by]
    requests, errors, timed = (func.sum(column) for column in (table.total, table.errors, table.timed))
    mean = cast(func.sum(table.duration_ms_sum) / func.nullif(timed, 0), Float)
    first: dict[Order, ColumnElement[Any]] = {"requests": requests, "errors": errors, "p95": mean}
    kept = {"requests": requests > 0, "errors": errors > 0, "p95": timed > 0}[order]
    counts = (("requests", requests), ("errors", errors), ("timed", timed))
    return (
        select(
            *groups, *(cast(column, BigInteger).label(name) for name, column in counts), mean.label("mean"),
            cast(func.max(table.duration_ms_max), Float).label("max"),
        ).where(*conditions(actor, filters, rollup, span)).group_by(*groups).having(kept)
        .order_by(first[order].desc(), *groups).limit(limit)
    )  # fmt: skip


def _shares(
    rx: Reading, actor: Actor, filters: Filters, rollup: Rollup, span: Window, by: tuple[str, ...], most: pd.DataFrame
) -> pd.DataFrame:
    """Percentiles of those alone that are shown."""
    if most.empty:
        return most[list(by)].assign(**dict.fromkeys(QUANTILES))
    model = span.model(rollup)
    chosen = [
        and_(*(_is(model.__table__.c[name], row[name]) for name in by)) for row in most[list(by)].to_dict("records")
    ]
    first = model.__table__.c[by[0]]
    among = first.in_([_typed(first, value) for value in most[by[0]].dropna().unique()])
    # One look into a list first: as many comparisons a row as there are rows shown is most of the time otherwise.
    near = or_(among, first.is_(None)) if most[by[0]].isna().any() else among
    where = [*conditions(actor, filters, rollup, span), near, *([or_(*chosen)] if len(by) > 1 else [])]
    return rx.frame(percentiles(model, where, sets=[by])).drop(columns="of")


def _is(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = column.is_(None) if pd.isna(value) else column == _typed(column, value)
    return same


def _typed(column: ColumnElement[Any], value: Any) -> Any:
    return UUID(value) if isinstance(column.type, Uuid) else value
