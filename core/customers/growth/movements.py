"""The tenants behind a figure of growth, page by page."""

from collections.abc import Iterator
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Numeric, cast, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.growth import months
from core.customers.growth.cohorts import starts
from core.customers.growth.filters import Filters, counted
from core.customers.subscriptions.models import KINDS, MrrChange
from core.customers.tenants.models import Tenant
from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, read

Kind = Literal["new", "expansion", "contraction", "churn", "reactivation"]
MOVED = (
    MrrChange.tenant_id, Tenant.name.label("tenant"), MrrChange.at, MrrChange.kind, MrrChange.amount, MrrChange.mrr_before,
    MrrChange.mrr_after, MrrChange.currency, MrrChange.plan_before, MrrChange.plan_after, MrrChange.cause, MrrChange.id,
)  # fmt: skip


def moved(filters: Filters, month: int, kind: str = "") -> AnySelect:
    """The rows of the ledger of one month, of one kind or of all. Raises Invalid for a kind that is none."""
    if kind and kind not in KINDS:
        raise Invalid(f"Choose one of {', '.join(KINDS)}.", {"kind": f"Choose one of {', '.join(KINDS)}."})
    found = select(*MOVED).outerjoin(Tenant, Tenant.id == MrrChange.tenant_id)
    found = found.where(MrrChange.at >= months.start_of(month), MrrChange.at < months.start_of(month + 1))
    return found.where(*counted(filters), *([MrrChange.kind == kind] if kind else []))


def movements(
    actor: Actor, filters: Filters, month: int, kind: str = "", *, after: str | None = None, limit: int = 50
) -> Page:
    """One row per movement of the month, the latest first: MOVED. The tenant's name is NA where it is not in sight.

    Raises Denied, Invalid.
    """
    require(actor, "revenue:read")
    with read(actor) as rx:
        return rx.page(moved(filters, month, kind), keys=[MrrChange.at, MrrChange.id], after=after, limit=limit)


def listing(
    actor: Actor, filters: Filters, month: int, kind: str = "", *, after: str | None = None, limit: int = 50
) -> Listing:
    """The same for machines."""
    require(actor, "revenue:read")
    with read(actor) as rx:
        return rx.listing(moved(filters, month, kind), keys=[MrrChange.at, MrrChange.id], after=after, limit=limit)


def paying(filters: Filters, cohort: int | None = None) -> tuple[AnySelect, list[Any]]:
    """Who pays at the end of `as_of`, or with `cohort` who began in that month, whether or not it still pays; and its keys.

    Columns: mrr, tenant_id, tenant, plan, since (of its last change, UTC).
    """
    last = (
        select(MrrChange.tenant_id, MrrChange.mrr_after, MrrChange.plan_after, MrrChange.at)
        .where(*counted(filters))
        .ext(distinct_on(MrrChange.tenant_id))
        .order_by(MrrChange.tenant_id, MrrChange.sequence.desc())
        .subquery("last")
        .c
    )
    mrr = cast(last.mrr_after, Numeric(18, 2)).label("mrr")
    found = select(
        mrr, last.tenant_id, Tenant.name.label("tenant"), last.plan_after.label("plan"), last.at.label("since")
    )
    found = found.outerjoin(Tenant, Tenant.id == last.tenant_id)
    if cohort is None:
        return found.where(last.mrr_after > 0), [mrr, last.tenant_id]
    start = starts(filters, cohort)
    began = found.add_columns(start.c.amount.label("started"), start.c.plan.label("plan_started"))
    began = began.join(start, start.c.tenant_id == last.tenant_id).where(start.c.month == cohort)
    return began, [mrr, last.tenant_id]


def tenants(
    actor: Actor, filters: Filters, *, cohort: int | None = None, after: str | None = None, limit: int = 50
) -> Page:
    """One row per tenant of `paying`, who pays most first. Raises Denied."""
    require(actor, "revenue:read")
    statement, keys = paying(filters, cohort)
    with read(actor) as rx:
        return rx.page(statement, keys=keys, after=after, limit=limit)


def all_movements(actor: Actor, filters: Filters, month: int, kind: str = "") -> Iterator[pd.DataFrame]:
    """The rows of `movements` in parts, for a file."""
    require(actor, "revenue:read")
    newest_first = moved(filters, month, kind).order_by(MrrChange.at.desc(), MrrChange.id.desc())
    yield from frames(actor, newest_first)


def all_tenants(actor: Actor, filters: Filters, *, cohort: int | None = None) -> Iterator[pd.DataFrame]:
    """The rows of `tenants` in parts, for a file."""
    require(actor, "revenue:read")
    statement, keys = paying(filters, cohort)
    yield from frames(actor, statement.order_by(*(key.desc() for key in keys)))
