"""When a contract is invoiced, and with what: periods that were, and those to come."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.contracts import billing, rules
from core.customers.contracts.invoicing import charged, course_of
from core.customers.contracts.models import Contract, ContractCharge, ContractVersion
from core.customers.invoices.models import Invoice
from core.customers.subscriptions.periods import Period
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read

COLUMNS = {
    "period_start": "object", "last_day": "object", "fee": "object", "invoice_id": "string", "number": "string",
    "status": "string", "issued_on": "object", "due_on": "object", "total": "object",
}  # fmt: skip
MOST = 500


def schedule(actor: Actor, contract_id: UUID) -> pd.DataFrame:
    """One row per period of the contract, the first one first; at most MOST. Raises NotFound.

    Columns: period_start, last_day, fee (by today's terms), and of its invoice, NA where there is none yet: invoice_id,
    number, status, issued_on, due_on, total. Without invoices:read that part is NA. A draft is shown as it would be.
    """
    require(actor, "contracts:read")
    with read(actor) as rx:
        contract, course = _course(rx, contract_id)
        rows = rx.rows(_invoiced(contract_id))
    billed = {row.period_start: row._asdict() for row in rows}
    told = [
        _row(billing.fee(course, period), period, billed.get(period.start, {}))
        for period in _periods(contract, course, rows)
    ]
    frame = pd.DataFrame(told[:MOST], columns=list(COLUMNS))
    return frame.astype(COLUMNS)


def _course(rx: Any, contract_id: UUID) -> tuple[Any, billing.Course]:
    found = rx.one(
        select(Contract.starts_on, Contract.ended_on, Contract.status, Contract.billed_until).where(
            Contract.id == contract_id
        )
    )
    if found is None:
        raise NotFound("This contract does not exist, or is not among those you may see.")
    each = ContractVersion
    columns = (each.effective_on, each.ends_on, each.annual_value, each.billing_cycle, each.payment_terms)
    versions = rx.rows(select(*columns).where(each.contract_id == contract_id).order_by(each.number))
    return found, course_of(found, versions)


def _invoiced(contract_id: UUID) -> Any:
    """Periods that were invoiced, each with the last invoice that has its fee."""
    charge = ContractCharge
    columns = (
        charge.period_start, charge.period_end, Invoice.id.label("invoice_id"), Invoice.number, Invoice.status,
        Invoice.issued_on, Invoice.due_on, Invoice.total,
    )  # fmt: skip
    mine = select(*columns).outerjoin(Invoice, Invoice.id == charge.invoice_id)
    mine = mine.where(charge.contract_id == contract_id, charge.kind == "fee")
    return mine.ext(distinct_on(charge.period_start)).order_by(charge.period_start, Invoice.created_at.desc())


def _periods(contract: Any, course: billing.Course, rows: list[Any]) -> list[Period]:
    past = [Period(row.period_start, row.period_end) for row in rows]
    is_over = contract.status != "draft" and contract.billed_until is None
    following = contract.billed_until or contract.starts_on
    return past + ([] if is_over or not course.parts else list(billing.periods(course, following)))


def _row(fee: Decimal, period: Period, invoice: dict[str, Any]) -> dict[str, Any]:
    key = invoice.get("invoice_id")
    return {
        **{name: invoice.get(name) for name in COLUMNS}, "period_start": period.start, "last_day": period.end - rules.DAY,
        "fee": fee, "invoice_id": str(key) if key else None,
    }  # fmt: skip


def balance(actor: Actor, contract_id: UUID) -> Decimal:
    """What periods that were invoiced cost more (or less) by today's terms: it comes with the next invoice. Raises NotFound."""
    require(actor, "contracts:read")
    require(actor, "invoices:read")
    with read(actor) as rx:
        _, course = _course(rx, contract_id)
        return sum((one.amount for one in billing.adjustments(course, charged(rx, contract_id))), Decimal("0.00"))
