"""Reads of credits: the list, one with its proof, and the sums above the list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, cast, func, or_, select

from core.customers.invoices.models import Invoice
from core.customers.tenants.models import Tenant
from core.customers.tenants.queries import matches
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read
from core.reliability.sla.models import CREDIT_STATUSES, SlaCredit

STATUSES = CREDIT_STATUSES


@dataclass(frozen=True, slots=True)
class Filters:
    """`text`: start of a number, an id of credit, contract or tenant, or a tenant (start of name or domain).

    `month` is its first day. Months in which nothing is owed are left out unless `with_unowed` or asked for by status.
    """

    text: str = ""
    month: date | None = None
    statuses: tuple[str, ...] = ()
    tenant_id: UUID | None = None
    contract_id: UUID | None = None
    with_unowed: bool = False


def _columns() -> tuple[Any, ...]:
    one = SlaCredit
    return (
        one.id, one.number, one.contract_id, one.tenant_id, Tenant.name.label("tenant"), one.month, one.sequence, one.status,
        one.currency, one.fee, one.uptime, one.percent, one.cap_amount, one.amount, one.formula, one.computed_at,
        one.computed_by, one.computed_by_name, one.approved_at, one.approved_by_name, one.issued_at, one.issued_by_name,
        one.void_reason, one.invoice_id, one.version,
    )  # fmt: skip


def _found(filters: Filters) -> AnySelect:
    found = select(*_columns()).join(Tenant, Tenant.id == SlaCredit.tenant_id)
    if filters.text.strip():
        found = found.where(_matches(filters.text.strip()))
    if filters.month:
        found = found.where(SlaCredit.month == filters.month)
    if filters.statuses:
        found = found.where(SlaCredit.status.in_(filters.statuses))
    elif not filters.with_unowed:
        found = found.where(SlaCredit.status != "none")
    if filters.tenant_id:
        found = found.where(SlaCredit.tenant_id == filters.tenant_id)
    return found.where(SlaCredit.contract_id == filters.contract_id) if filters.contract_id else found


def _matches(text: str) -> ColumnElement[bool]:
    key = as_id(text)
    if key:
        return or_(SlaCredit.id == key, SlaCredit.contract_id == key, SlaCredit.tenant_id == key)
    named = select(Tenant.id).where(matches(text)).scalar_subquery()
    return or_(SlaCredit.number.startswith(text.upper(), autoescape=True), SlaCredit.tenant_id.in_(named))


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per credit, the latest month first: see `_columns`. Raises Denied, Invalid for a damaged token."""
    require(actor, "sla_credits:read")
    with read(actor) as rx:
        return rx.page(_found(filters), keys=(SlaCredit.month, SlaCredit.id), after=after, limit=limit)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `directory`, as plain rows."""
    require(actor, "sla_credits:read")
    with read(actor) as rx:
        return rx.listing(_found(filters), keys=(SlaCredit.month, SlaCredit.id), after=after, limit=limit)


def chunks(actor: Actor, filters: Filters) -> Iterator[pd.DataFrame]:
    """Every credit that the filters find, in pages, for an export."""
    after: str | None = None
    while True:
        page = directory(actor, filters, after=after, limit=2_000)
        yield page.frame
        if page.next is None:
            return
        after = page.next


def one(actor: Actor, credit_id: UUID) -> dict[str, Any]:
    """One credit: the columns of `directory`, `proof`, and `invoice` (its number; None where it is not in sight).

    Raises Denied, NotFound.
    """
    require(actor, "sla_credits:read")
    found = _found(Filters(with_unowed=True)).add_columns(SlaCredit.proof, Invoice.number.label("invoice"))
    with read(actor) as rx:
        row = rx.one(found.outerjoin(Invoice, Invoice.id == SlaCredit.invoice_id).where(SlaCredit.id == credit_id))
    if row is None:
        raise NotFound("This credit does not exist, or is not among those you may see.")
    return row._asdict()


def of_month(actor: Actor, contract_id: UUID, month: date) -> list[dict[str, Any]]:
    """The credits of a contract's month, the month's own first, with `proof`; none before it was computed. Raises Denied."""
    require(actor, "sla_credits:read")
    found = _found(Filters(month=month, contract_id=contract_id, with_unowed=True)).add_columns(SlaCredit.proof)
    with read(actor) as rx:
        return [row._asdict() for row in rx.rows(found.order_by(SlaCredit.sequence))]


def sums(actor: Actor, *, since: date) -> pd.DataFrame:
    """One row per currency of what is owed for months from `since` on. Raises Denied.

    Columns: currency; draft, approved, issued (Decimal); draft_count, approved_count, issued_count.
    """
    require(actor, "sla_credits:read")
    columns: list[Any] = [SlaCredit.currency]
    for status in ("draft", "approved", "issued"):
        is_one = SlaCredit.status == status
        columns.append(func.coalesce(func.sum(SlaCredit.amount).filter(is_one), 0).label(status))
        columns.append(cast(func.count().filter(is_one), BigInteger).label(f"{status}_count"))
    owed = SlaCredit.status.in_(("draft", "approved", "issued"))
    found = select(*columns).where(owed, SlaCredit.month >= since).group_by(SlaCredit.currency)
    with read(actor) as rx:
        return rx.frame(found.order_by(SlaCredit.currency))


def months(actor: Actor) -> list[date]:
    """Months that have credits, the latest first, at most 36. Raises Denied."""
    require(actor, "sla_credits:read")
    with read(actor) as rx:
        return [
            row.month for row in rx.rows(select(SlaCredit.month).distinct().order_by(SlaCredit.month.desc()).limit(36))
        ]


def waiting(actor: Actor) -> int:
    """How many drafts wait for approval. Raises Denied."""
    require(actor, "sla_credits:read")
    with read(actor) as rx:
        return int(rx.value(select(func.count()).where(SlaCredit.status == "draft")) or 0)
