"""Demo invoices of two years: most paid within days, a few overdue, given up or void; numbers without gaps."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert

from core.customers.invoices import rules
from core.customers.invoices.models import Invoice, InvoiceCounter, InvoiceLine
from core.customers.subscriptions.periods import Period
from core.customers.subscriptions.pricing import Terms
from core.customers.subscriptions.proration import describe
from core.kernel.writes import Transaction

KEPT = timedelta(days=731)
_UNPAID = timedelta(days=75)  # how long suspended tenants have not paid


class Billed(NamedTuple):
    """One period of a subscription that was billed; `is_behind`: the tenant has stopped paying."""

    subscription: dict[str, Any]
    period: Period
    terms: Terms
    is_behind: bool


def seed(tx: Transaction, random: Random, now: datetime, billed: list[Billed]) -> None:
    """An invoice for each period of some price that began in the last two years."""
    since = now.date() - KEPT
    due = [one for one in billed if one.terms.amount and since <= one.period.start <= now.date()]
    due.sort(key=lambda one: (one.period.start, one.subscription["tenant_id"]))
    invoices, lines, last = [], [], dict[int, int]()
    for one in due:
        year = one.period.start.year
        last[year] = last.get(year, 0) + 1
        invoice = _invoice(random, one, rules.number_of(year, last[year]), now)
        invoices.append(invoice)
        lines.append(_line(random, one, invoice))
    tx.bulk(insert(InvoiceCounter), [{"year": year, "last": count} for year, count in last.items()])
    tx.bulk(insert(Invoice), invoices)
    tx.bulk(insert(InvoiceLine), lines)


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _invoice(random: Random, one: Billed, number: str, now: datetime) -> dict[str, Any]:
    start, amount = one.period.start, one.terms.amount
    issued_at = datetime.combine(start, time(0, 5), UTC)
    status, paid_at = _state(random, one, issued_at, now)
    return {
        "id": _id(random), "number": number, "external_id": None, "tenant_id": one.subscription["tenant_id"],
        "subscription_id": one.subscription["id"], "source": "renewal", "status": status, "issued_on": start,
        "due_on": start + rules.PAYMENT_TERM, "paid_at": paid_at, "currency": one.terms.currency, "subtotal": amount,
        "tax": Decimal("0.00"), "total": amount, "period_start": start, "period_end": one.period.end,
        "created_at": issued_at, "updated_at": paid_at or issued_at, "version": 1,
    }  # fmt: skip


def _state(random: Random, one: Billed, issued_at: datetime, now: datetime) -> tuple[str, datetime | None]:
    if one.is_behind and issued_at > now - _UNPAID:
        return "open", None
    luck, paid_at = random.random(), issued_at + timedelta(minutes=random.randint(60, 18 * 1440))
    if paid_at >= now:
        return "open", None
    if luck < 0.012:
        return "uncollectible" if _is_old(issued_at, now) else "open", None
    return ("void", None) if luck < 0.02 else ("paid", paid_at)


def _is_old(issued_at: datetime, now: datetime) -> bool:
    return issued_at < now - timedelta(days=90)


def _line(random: Random, one: Billed, invoice: dict[str, Any]) -> dict[str, Any]:
    amount: Decimal = invoice["subtotal"]
    day: date = one.period.end - timedelta(days=1)
    return {
        "id": _id(random), "invoice_id": invoice["id"], "tenant_id": invoice["tenant_id"], "position": 0,
        "description": f"{describe(one.terms)}, {one.period.start} to {day}", "quantity": Decimal(1), "unit_price": amount,
        "amount": amount,
    }  # fmt: skip
