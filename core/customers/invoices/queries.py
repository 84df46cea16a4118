"""Reads of invoices: the list, one with its lines, and the sums above the list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.customers.invoices.models import Invoice, InvoiceLine
from core.customers.tenants.models import Tenant
from core.customers.tenants.queries import matches
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read
from core.kernel.times import utc_now


@dataclass(frozen=True, slots=True)
class Filters:
    """`text`: start of a number or an external id, an id, or a tenant (start of name or domain). Days are of issue."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    tenant_id: UUID | None = None
    overdue: bool = False
    since: date | None = None
    until: date | None = None


def _today() -> date:
    return utc_now().date()


def _is_overdue(today: date) -> ColumnElement[bool]:
    return and_(Invoice.status == "open", Invoice.due_on < today)


def _columns(today: date) -> tuple[Any, ...]:
    one = Invoice
    return (
        one.id, one.number, one.external_id, one.tenant_id, Tenant.name.label("tenant"), one.status, one.source, one.issued_on,
        one.due_on, one.paid_at, one.currency, one.subtotal, one.tax, one.total, _is_overdue(today).label("is_overdue"),
        one.period_start, one.period_end, one.subscription_id, one.contract_id, one.created_at, one.version,
    )  # fmt: skip


def _found(filters: Filters, today: date) -> AnySelect:
    found = select(*_columns(today)).join(Tenant, Tenant.id == Invoice.tenant_id)
    if filters.text.strip():
        found = found.where(_matches(filters.text.strip()))
    if filters.statuses:
        found = found.where(Invoice.status.in_(filters.statuses))
    if filters.tenant_id:
        found = found.where(Invoice.tenant_id == filters.tenant_id)
    if filters.overdue:
        found = found.where(_is_overdue(today))
    if filters.since:
        found = found.where(Invoice.issued_on >= filters.since)
    return found.where(Invoice.issued_on <= filters.until) if filters.until else found


def _matches(text: str) -> ColumnElement[bool]:
    key = as_id(text)
    if key:
        return or_(Invoice.id == key, Invoice.tenant_id == key)
    named = select(Tenant.id).where(matches(text)).scalar_subquery()
    starts = Invoice.number.startswith(text, autoescape=True) | Invoice.external_id.startswith(text, autoescape=True)
    return or_(starts, Invoice.tenant_id.in_(named))


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per invoice, last issued first: see `_columns`. `is_overdue`: open, and due before today (UTC)."""
    require(actor, "invoices:read")
    with read(actor) as rx:
        return rx.page(_found(filters, _today()), keys=(Invoice.issued_on, Invoice.id), after=after, limit=limit)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `directory`, as plain rows."""
    require(actor, "invoices:read")
    with read(actor) as rx:
        return rx.listing(_found(filters, _today()), keys=(Invoice.issued_on, Invoice.id), after=after, limit=limit)


def for_export(filters: Filters) -> AnySelect:
    """The statement behind `directory`, in its order, for an export."""
    return _found(filters, _today()).order_by(Invoice.issued_on.desc(), Invoice.id.desc())


def one(actor: Actor, invoice_id: UUID) -> dict[str, Any]:
    """One invoice: the columns of `directory`, and `lines`. Raises NotFound."""
    require(actor, "invoices:read")
    with read(actor) as rx:
        found = rx.one(_found(Filters(), _today()).where(Invoice.id == invoice_id))
        if found is None:
            raise NotFound("This invoice does not exist, or is not among those you may see.")
        rows = rx.rows(_lines(invoice_id))
    return found._asdict() | {"lines": [row._asdict() for row in rows]}


def _lines(invoice_id: UUID) -> AnySelect:
    line = InvoiceLine
    columns = (line.position, line.description, line.quantity, line.unit_price, line.amount)
    return select(*columns).where(line.invoice_id == invoice_id).order_by(line.position)


def sums(actor: Actor) -> pd.DataFrame:
    """One row per currency: currency, open, overdue (Decimal), open_count, overdue_count, paid_30d (of the last 30 days)."""
    require(actor, "invoices:read")
    today, is_open = _today(), Invoice.status == "open"
    late, recent = _is_overdue(today), and_(Invoice.status == "paid", Invoice.paid_at >= utc_now() - timedelta(days=30))
    zero = 0
    columns = (
        Invoice.currency, func.coalesce(func.sum(Invoice.total).filter(is_open), zero).label("open"),
        func.coalesce(func.sum(Invoice.total).filter(late), zero).label("overdue"),
        func.count().filter(is_open).label("open_count"), func.count().filter(late).label("overdue_count"),
        func.coalesce(func.sum(Invoice.total).filter(recent), zero).label("paid_30d"),
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(
            select(*columns).where(or_(is_open, recent)).group_by(Invoice.currency).order_by(Invoice.currency)
        )


def of_tenant(actor: Actor, tenant_id: UUID, *, limit: int = 12) -> pd.DataFrame:
    """The last invoices of a tenant: the columns of `directory`."""
    return directory(actor, Filters(tenant_id=tenant_id), limit=limit).frame


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """By the start of a number or an external id: id, number, external_id, tenant_id, tenant, status, total, currency."""
    wanted, one = text.strip(), Invoice
    told = func.coalesce(one.number, one.external_id, "draft").label("number")
    columns = (
        one.id,
        told,
        one.external_id,
        one.tenant_id,
        Tenant.name.label("tenant"),
        one.status,
        one.total,
        one.currency,
    )
    exact = case((one.number == wanted, 0), (one.external_id == wanted, 0), else_=1)
    starts = one.number.startswith(wanted, autoescape=True) | one.external_id.startswith(wanted, autoescape=True)
    found = (
        select(*columns).join(Tenant, Tenant.id == one.tenant_id).where(starts).order_by(exact, one.issued_on.desc())
    )
    with read(actor, timeout_ms=1_000) as rx:
        return rx.frame(found.limit(limit if wanted and actor.may("invoices:read") else 0))


def chunks(actor: Actor, filters: Filters) -> Iterator[pd.DataFrame]:
    """Every invoice that the filters find, in pages, for an export."""
    after: str | None = None
    while True:
        page = directory(actor, filters, after=after, limit=5_000)
        yield page.frame
        if page.next is None:
            return
        after = page.next
