"""What can be done with an invoice. What was issued is never edited: it is paid, voided or written off."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.customers.invoices import rules, steps
from core.customers.invoices.models import Invoice
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Invalid
from core.kernel.writes import Transaction, write

_SPACE = 0x696E_766F  # "invo": this use of advisory locks, apart from others


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody asks for: lines have description, quantity, unit_price and perhaps amount, which is then checked.

    `status` is draft, open or paid (then with `paid_at`). `total`, if given, must be what lines and tax come to.
    """

    tenant_id: UUID
    lines: list[dict[str, Any]]
    issued_on: date
    due_on: date | None = None
    currency: str = "USD"
    tax: Decimal = Decimal("0.00")
    total: Decimal | None = None
    status: str = "draft"
    paid_at: datetime | None = None
    period: tuple[date | None, date | None] = (None, None)
    external_id: str | None = None
    source: str = "manual"


def create(actor: Actor, wanted: Draft, *, once: str | None = None) -> tuple[Invoice, bool]:
    """The invoice, and whether it was made now: what was sent before under the same `external_id` is given back.

    Raises Invalid, NotFound, and Conflict when it was sent before with another content.
    """
    rules.require_status(wanted.status, wanted.paid_at)
    lines = [rules.clean_line(line) for line in wanted.lines]
    with write(actor, "invoices.create", once=once) as tx:
        known = _known(tx, wanted.external_id)
        if known is not None:
            _require_same(known, wanted, rules.totals(lines, wanted.tax)[1])
            return known, False
        tx.get(Tenant, wanted.tenant_id)
        _require_free(tx, wanted)
        made = _drafted(wanted, lines)
        rules.require_sum([made.invoice.total], wanted.total)
        steps.store(tx, [made])
    return made.invoice, True


def _drafted(wanted: Draft, lines: list[dict[str, Any]]) -> steps.Drafted:
    return steps.draft(
        tenant_id=wanted.tenant_id, source=wanted.source, currency=rules.clean_currency(wanted.currency),
        issued_on=wanted.issued_on, due_on=wanted.due_on, lines=lines, tax=rules.clean_tax(wanted.tax), period=wanted.period,
        external_id=wanted.external_id, status=wanted.status, paid_at=wanted.paid_at,
    )  # fmt: skip


def _known(tx: Transaction, external_id: str | None) -> Invoice | None:
    if external_id is None:
        return None
    return tx.session.scalar(select(Invoice).where(Invoice.external_id == external_id))


def _require_free(tx: Transaction, wanted: Draft) -> None:
    """That the period was not invoiced yet; one after the other for each tenant, or two at once would both find it free."""
    start, end = wanted.period
    if start is None:
        return
    tx.session.execute(select(func.pg_advisory_xact_lock(_SPACE, func.hashtext(str(wanted.tenant_id)))))
    same = select(Invoice.number).where(
        Invoice.tenant_id == wanted.tenant_id, Invoice.period_start == start, Invoice.period_end == end,
        Invoice.status != "void",
    )  # fmt: skip
    found = tx.session.execute(same.limit(1)).first()
    if found:
        sentence = (
            f"This period is invoiced already, as {found.number or 'a draft'}. Void that one, or leave the period out."
        )
        raise Invalid(sentence, {"period_start": sentence})


def _require_same(known: Invoice, wanted: Draft, total: Decimal) -> None:
    kept = (known.tenant_id, known.currency, known.issued_on, known.total)
    if kept != (wanted.tenant_id, wanted.currency.upper(), wanted.issued_on, total):
        raise Conflict(
            f"{wanted.external_id} is known already with another tenant, date or total ({known.total} {known.currency})."
            " An invoice is never overwritten: void it and send the new one under another id."
        )


def issue(actor: Actor, invoice_id: UUID, *, version: int | None = None) -> Invoice:
    """Makes a draft an open invoice with a number. Raises Invalid, NotFound, Conflict."""
    with write(actor, "invoices.issue") as tx:
        invoice = tx.lock(Invoice, invoice_id, version=version)
        rules.require("issue", invoice.status)
        steps.number(tx, [invoice])
        invoice.status = "open"
    return invoice


def mark_paid(
    actor: Actor, invoice_id: UUID, *, paid_at: datetime | None = None, version: int | None = None
) -> Invoice:
    """Records the payment, now or at an earlier moment. Raises Invalid, NotFound, Conflict."""
    with write(actor, "invoices.mark_paid") as tx:
        invoice = tx.lock(Invoice, invoice_id, version=version)
        rules.require("pay", invoice.status)
        moment = paid_at or tx.now
        if moment > tx.now or moment.date() < invoice.issued_on:
            sentence = "An invoice is paid after its issue, and not in the future."
            raise Invalid(sentence, {"paid_at": sentence})
        invoice.status, invoice.paid_at = "paid", moment
    return invoice


def void(actor: Actor, invoice_id: UUID, *, reason: str, version: int | None = None) -> Invoice:
    """Takes back an invoice that was wrong; its number stays taken. Raises Invalid, NotFound, Conflict."""
    with write(actor, "invoices.void", reason=reason) as tx:
        invoice = tx.lock(Invoice, invoice_id, version=version)
        rules.require("void", invoice.status)
        invoice.status = "void"
    return invoice


def write_off(actor: Actor, invoice_id: UUID, *, reason: str, version: int | None = None) -> Invoice:
    """Gives an open invoice up as uncollectible; it can still be paid. Raises Invalid, NotFound, Conflict."""
    with write(actor, "invoices.write_off", reason=reason) as tx:
        invoice = tx.lock(Invoice, invoice_id, version=version)
        rules.require("write_off", invoice.status)
        invoice.status = "uncollectible"
    return invoice
