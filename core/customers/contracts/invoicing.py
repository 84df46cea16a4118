"""Invoices of contracts: each period in advance, with what amendments changed of earlier ones and credits that were issued."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from core.customers.contracts import billing, rules, sources
from core.customers.contracts.billing import Charged, Course, Part
from core.customers.contracts.models import RUNNING, Contract, ContractCharge, ContractVersion
from core.customers.invoices import steps as invoices
from core.customers.invoices.models import Invoice
from core.customers.invoices.rules import clean_line
from core.customers.subscriptions.periods import Period
from core.kernel.actor import Actor
from core.kernel.reads import Reading, read
from core.kernel.times import utc_now
from core.kernel.writes import Transaction, write
from core.reliability.sla.models import SlaCredit

AT_ONCE = 200
MOST_PERIODS = 200  # of one contract in one run: a contract that began long ago is caught up


@dataclass(slots=True)
class _Bill:
    """An invoice in the making: each line with the charge that it is."""

    period: Period
    charges: list[tuple[ContractCharge, str]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((charge.amount for charge, _ in self.charges), Decimal("0.00"))


def invoice_due(actor: Actor) -> int:
    """Invoices every contract whose next period has begun in its zone; for the clock. Returns how many invoices were made."""
    made, seen = 0, set[UUID]()
    while due := [key for key in _due(actor) if key not in seen]:
        for contract_id in due:
            made += invoice(actor, contract_id)
            seen.add(contract_id)
    return made


def _due(actor: Actor) -> list[UUID]:
    ends = sources.newest()
    with read(actor) as rx:
        day = sources.day_of(utc_now())
        runs_on = or_(Contract.billed_until <= sources.last_day(ends), Contract.status.not_in(RUNNING))
        mine = select(Contract.id).select_from(Contract).join(ends, runs_on)
        return [
            row.id for row in rx.rows(mine.where(Contract.billed_until <= day).order_by(Contract.id).limit(AT_ONCE))
        ]


def invoice(actor: Actor, contract_id: UUID) -> int:
    """Brings one contract to its present period; returns how many invoices that took.

    The event says which credits were taken off: `credits` are their ids, `invoices` those of the invoices they are in.
    """
    with write(actor, "contracts.invoice") as tx:
        contract = tx.lock(Contract, contract_id)
        course = course_of(contract, _versions(tx, contract_id))
        today, count = rules.today_in(contract.time_zone, tx.now), 0
        while count < MOST_PERIODS and contract.billed_until is not None and contract.billed_until <= today:
            count += _step(tx, contract, course, today)
    return count


def _step(tx: Transaction, contract: Contract, course: Course, today: date) -> int:
    """One period on; at the contract's end what is left to settle."""
    assert contract.billed_until is not None
    period = billing.period_at(course, contract.billed_until)
    if period is None:
        last = Period(contract.billed_until - rules.DAY, contract.billed_until)
        contract.billed_until = None
        return _issue(tx, contract, course, _Bill(last), today) if course.parts else 0
    bill = _Bill(period)
    _charge(bill, contract, "fee", period, billing.fee(course, period))
    contract.billed_until = period.end
    return _issue(tx, contract, course, bill, today)


def _issue(tx: Transaction, contract: Contract, course: Course, bill: _Bill, today: date) -> int:
    _adjust(bill, contract, billing.adjustments(course, charged(tx, contract.id)))
    _credit(bill, contract, _credits(tx, contract.id))
    if not bill.charges:
        return 0
    drafted = _drafted(tx, contract, course, bill, today)
    invoices.store(tx, [drafted])
    for charge, _ in bill.charges:
        charge.invoice_id = drafted.invoice.id
    tx.add_all(charge for charge, _ in bill.charges)
    tx.session.flush()
    _tell(tx, contract, drafted.invoice, bill)
    return 1


def _drafted(tx: Transaction, contract: Contract, course: Course, bill: _Bill, today: date) -> invoices.Drafted:
    """Of nothing to pay it is paid at once."""
    has_fee = any(charge.kind == "fee" for charge, _ in bill.charges)
    days = billing.TERMS[course.at(bill.period.start).payment_terms]
    drafted = invoices.draft(
        tenant_id=contract.tenant_id, source="contract", currency=contract.currency, issued_on=today,
        due_on=today + timedelta(days=days), status="open" if bill.total else "paid", paid_at=None if bill.total else tx.now,
        period=bill.period if has_fee else (None, None),
        lines=[clean_line({"description": told, "unit_price": charge.amount}) for charge, told in bill.charges],
    )  # fmt: skip
    drafted.invoice.contract_id = contract.id
    return drafted


def _charge(bill: _Bill, contract: Contract, kind: str, period: Period, amount: Decimal) -> None:
    if not amount:
        return
    days = f"{period.start} to {period.end - rules.DAY}"
    number = rules.number_of(contract.number)
    told = f"Contract {number}, {days}" if kind == "fee" else f"Adjustment by the terms of {number}, {days}"
    row = ContractCharge(
        contract_id=contract.id, tenant_id=contract.tenant_id, kind=kind, period_start=period.start, period_end=period.end,
        amount=amount,
    )  # fmt: skip
    bill.charges.append((row, told))


def _adjust(bill: _Bill, contract: Contract, wanted: Sequence[Charged]) -> None:
    """What was charged too little comes whole, what was too much as far as this invoice goes."""
    more = [one for one in wanted if one.amount > 0]
    for one in more:
        _charge(bill, contract, "adjustment", one.period, one.amount)
    for one in billing.taken(bill.total, [one for one in wanted if one.amount < 0]):
        _charge(bill, contract, "adjustment", one.period, one.amount)


def _credit(bill: _Bill, contract: Contract, issued: Sequence[SlaCredit]) -> None:
    """Issued credits, the oldest first; one that does not fit as a whole waits for the next invoice."""
    for credit in issued:
        if bill.total - credit.amount < 0:
            continue
        row = ContractCharge(
            contract_id=contract.id, tenant_id=contract.tenant_id, kind="credit", period_start=bill.period.start,
            period_end=bill.period.end, amount=-credit.amount, credit_id=credit.id,
        )  # fmt: skip
        bill.charges.append((row, f"SLA credit {credit.number} for {credit.month:%B %Y}"))


def _tell(tx: Transaction, contract: Contract, made: Invoice, bill: _Bill) -> None:
    taken = [str(charge.credit_id) for charge, _ in bill.charges if charge.credit_id]
    known = tx.noted
    tx.note(
        contract_id=str(contract.id), number=contract.number, invoices=[*known.get("invoices", []), str(made.id)],
        credits=known.get("credits", {}) | dict.fromkeys(taken, str(made.id)),
    )  # fmt: skip


def _versions(tx: Transaction, contract_id: UUID) -> list[ContractVersion]:
    mine = select(ContractVersion).where(ContractVersion.contract_id == contract_id).order_by(ContractVersion.number)
    return list(tx.session.scalars(mine))


def course_of(contract: Any, versions: Sequence[Any]) -> Course:
    """The contract's course by its versions, which are in their order."""
    parts = [Part(v.effective_on, v.effective_on, v.annual_value, v.billing_cycle, v.payment_terms) for v in versions]
    return billing.course(contract.starts_on, contract.ended_on or versions[-1].ends_on, parts)


def charged(source: Transaction | Reading, contract_id: UUID) -> list[Charged]:
    """Each period that was invoiced once, with what it is charged with by invoices that are not void."""
    charge = ContractCharge
    amount = func.coalesce(func.sum(charge.amount).filter(Invoice.status != "void"), 0)
    each = select(charge.period_start, charge.period_end, amount).join(Invoice, Invoice.id == charge.invoice_id)
    mine = each.where(charge.contract_id == contract_id, charge.kind != "credit")
    rows = source.session.execute(
        mine.group_by(charge.period_start, charge.period_end).order_by(charge.period_start, charge.period_end)
    )
    return [Charged(Period(start, end), total) for start, end, total in rows]


def _credits(tx: Transaction, contract_id: UUID) -> list[SlaCredit]:
    """Issued credits that no invoice has taken off yet; a void one took nothing off."""
    used = (
        select(ContractCharge.credit_id)
        .join(Invoice, Invoice.id == ContractCharge.invoice_id)
        .where(
            ContractCharge.contract_id == contract_id, ContractCharge.credit_id.is_not(None), Invoice.status != "void"
        )
    )
    mine = select(SlaCredit).where(
        SlaCredit.contract_id == contract_id, SlaCredit.status == "issued", SlaCredit.id.not_in(used)
    )
    return list(tx.session.scalars(mine.order_by(SlaCredit.month, SlaCredit.sequence)))
