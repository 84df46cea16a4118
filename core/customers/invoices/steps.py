"""Private steps of actions: numbers without a gap, and invoices with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from core.customers.invoices import rules
from core.customers.invoices.models import Invoice, InvoiceCounter, InvoiceLine
from core.kernel.models import uuid7
from core.kernel.writes import Transaction


@dataclass(frozen=True, slots=True)
class Drafted:
    """An invoice and its lines before they are stored."""

    invoice: Invoice
    lines: list[InvoiceLine]


def take_numbers(tx: Transaction, year: int, count: int) -> list[str]:
    """The next numbers of the year. Whoever asks in the meantime waits until this transaction has ended."""
    begin = insert(InvoiceCounter).values(year=year, last=count)
    grow = begin.on_conflict_do_update(index_elements=["year"], set_={"last": InvoiceCounter.last + count})
    last: int = tx.session.execute(grow.returning(InvoiceCounter.last)).scalar_one()
    return [rules.number_of(year, place) for place in range(last - count + 1, last + 1)]


def draft(  # noqa: PLR0913  (what an invoice is)
    *, tenant_id: UUID, source: str, currency: str, issued_on: date, lines: Sequence[dict[str, Any]],
    due_on: date | None = None, tax: Decimal = Decimal("0.00"), period: tuple[date | None, date | None] = (None, None),
    external_id: str | None = None, subscription_id: UUID | None = None, status: str = "open",
    paid_at: datetime | None = None,
) -> Drafted:  # fmt: skip
    """An invoice with its lines (as `rules.clean_line` gives them), not stored yet; its totals are theirs. Raises Invalid."""
    due = due_on or issued_on + rules.PAYMENT_TERM
    rules.require_dates(issued_on, due, period)
    subtotal, total = rules.totals(lines, tax)
    invoice = Invoice(
        id=uuid7(), tenant_id=tenant_id, subscription_id=subscription_id, external_id=external_id, source=source,
        status=status, paid_at=paid_at, currency=currency, issued_on=issued_on, due_on=due, subtotal=subtotal, tax=tax,
        total=total, period_start=period[0], period_end=period[1],
    )  # fmt: skip
    kept = [
        InvoiceLine(invoice_id=invoice.id, tenant_id=tenant_id, position=place, **line)
        for place, line in enumerate(lines)
    ]
    return Drafted(invoice, kept)


def store(tx: Transaction, drafted: Sequence[Drafted]) -> None:
    """Stores many at once, invoices first as lines refer to them; all but drafts get their numbers, in the order given."""
    invoices = [one.invoice for one in drafted]
    number(tx, [one for one in invoices if one.status != "draft"])
    tx.add_all(invoices)
    tx.session.flush()
    tx.add_all(line for one in drafted for line in one.lines)


def number(tx: Transaction, invoices: Sequence[Invoice]) -> None:
    """Gives each its number. Years are taken in their order, so that nobody waits in a circle."""
    by_year: dict[int, list[Invoice]] = {}
    for invoice in invoices:
        by_year.setdefault(invoice.issued_on.year, []).append(invoice)
    for year in sorted(by_year):
        numbers = take_numbers(tx, year, len(by_year[year]))
        for invoice, given in zip(by_year[year], numbers, strict=True):
            invoice.number = given
