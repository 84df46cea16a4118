"""What can be done with a credit. What was issued is never edited: a later computation adds the difference."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.customers.invoices.models import Invoice
from core.kernel import many
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid
from core.kernel.many import Outcome
from core.kernel.writes import Transaction, write
from core.reliability.sla.models import SlaCredit, SlaCreditCounter

MAX_REASON = 500
# Which acts a credit of which status bears; everything else is refused.
ALLOWED = {
    "approve": frozenset({"draft"}),
    "withdraw": frozenset({"approved"}),
    "issue": frozenset({"approved"}),
    "void": frozenset({"draft", "approved"}),
}
_NEEDED = {
    "approve": "only a draft can be approved.",
    "withdraw": "only an approval can be withdrawn.",
    "issue": "only an approved one can be issued.",
    "void": "what was issued stays, and is corrected by computing the month again.",
}
_NAMES = {"none": "without an amount"}


def _require(act: str, credit: SlaCredit) -> None:
    if credit.status not in ALLOWED[act]:
        raise Invalid(f"This credit is {_NAMES.get(credit.status, credit.status)}; {_NEEDED[act]}")


def _credited(tx: Transaction, credit: SlaCredit) -> Decimal:
    """What the month's other credits come to that were approved or issued."""
    others = select(func.coalesce(func.sum(SlaCredit.amount), 0)).where(
        SlaCredit.contract_id == credit.contract_id, SlaCredit.month == credit.month, SlaCredit.id != credit.id,
        SlaCredit.status.in_(("approved", "issued")),
    )  # fmt: skip
    return Decimal(tx.session.scalar(others) or 0)


def approve(actor: Actor, credit_id: UUID, *, version: int | None = None) -> SlaCredit:
    """Approves a draft that somebody else, or the clock, computed. Raises Invalid, Denied, NotFound, Conflict."""
    with write(actor, "sla_credits.approve") as tx:
        credit = _lock(tx, credit_id, version)
        _approve(tx, credit)
    return credit


def approve_many(actor: Actor, versions: Mapping[UUID, int]) -> list[Outcome]:
    """Approves those that can be approved at the version that was seen; the others are told with their reason."""
    with write(actor, "sla_credits.approve") as tx:
        return many.each(tx, sorted(versions), lambda key: _approve(tx, _lock(tx, key, versions[key])))


def _approve(tx: Transaction, credit: SlaCredit) -> None:
    _require("approve", credit)
    if credit.computed_by is not None and credit.computed_by == tx.actor.id:
        raise Denied("You had this credit computed yourself. Somebody else must approve it.")
    whole = _credited(tx, credit) + credit.amount
    if not 0 <= whole <= credit.cap_amount:
        raise Invalid(
            f"With this the month's credits would come to {whole:,.2f} {credit.currency}, and the contract's cap is"
            f" {credit.cap_amount:,.2f}. Compute the month again."
        )
    credit.status, credit.approved_at = "approved", tx.now
    credit.approved_by, credit.approved_by_name = tx.actor.id, tx.actor.name


def withdraw(actor: Actor, credit_id: UUID, *, version: int | None = None) -> SlaCredit:
    """Takes an approval back before the credit is issued. Raises Invalid, NotFound, Conflict."""
    with write(actor, "sla_credits.withdraw") as tx:
        credit = _lock(tx, credit_id, version)
        _require("withdraw", credit)
        _require_last(tx, credit)
        credit.status = "draft"
        credit.approved_at = credit.approved_by = credit.approved_by_name = None
    return credit


def _require_last(tx: Transaction, credit: SlaCredit) -> None:
    later = select(SlaCredit.id).where(
        SlaCredit.contract_id == credit.contract_id, SlaCredit.month == credit.month,
        SlaCredit.sequence > credit.sequence, SlaCredit.status.in_(("draft", "approved", "issued")),
    )  # fmt: skip
    if tx.session.execute(later.limit(1)).first():
        raise Invalid("An adjustment builds on this approval. Void the adjustment first.")


def issue(actor: Actor, credit_id: UUID, *, version: int | None = None) -> SlaCredit:
    """Gives an approved credit its number; the contract's next invoice takes it off. Raises Invalid, NotFound, Conflict."""
    with write(actor, "sla_credits.issue") as tx:
        credit = _lock(tx, credit_id, version)
        _issue(tx, credit)
    return credit


def issue_many(actor: Actor, versions: Mapping[UUID, int]) -> list[Outcome]:
    """Issues those that can be issued, numbered in the order of the ids; the others are told with their reason."""
    with write(actor, "sla_credits.issue") as tx:
        return many.each(tx, sorted(versions), lambda key: _issue(tx, _lock(tx, key, versions[key])))


def _issue(tx: Transaction, credit: SlaCredit) -> None:
    _require("issue", credit)
    credit.number = _take_number(tx, tx.now.year)
    credit.status, credit.issued_at, credit.issued_by_name = "issued", tx.now, tx.actor.name


def _take_number(tx: Transaction, year: int) -> str:
    """The year's next number. Whoever asks in the meantime waits until this transaction has ended, so none is lost."""
    begin = insert(SlaCreditCounter).values(year=year, last=1)
    grow = begin.on_conflict_do_update(index_elements=["year"], set_={"last": SlaCreditCounter.last + 1})
    place: int = tx.session.execute(grow.returning(SlaCreditCounter.last)).scalar_one()
    return f"CN-{year}-{place:04d}"


def void(actor: Actor, credit_id: UUID, *, reason: str, version: int | None = None) -> SlaCredit:
    """Gives up a credit that was not issued, for good: computing again does not bring it back.

    Raises Invalid, NotFound, Conflict.
    """
    told = " ".join(reason.split())
    if len(told) > MAX_REASON:
        sentence = f"Say why in at most {MAX_REASON} characters."
        raise Invalid(sentence, {"reason": sentence})
    with write(actor, "sla_credits.void", reason=told) as tx:
        credit = _lock(tx, credit_id, version)
        _require("void", credit)
        credit.status, credit.void_reason = "void", told
    return credit


def settle(actor: Actor, settled: Mapping[UUID, UUID]) -> int:
    """Keeps which invoice took which issued credit off; returns how many were new. One that was voided took nothing off."""
    with write(actor, "sla_credits.settle") as tx:
        valid = select(Invoice.id).where(Invoice.id.in_(settled.values()), Invoice.status != "void")
        invoices = set(tx.session.scalars(valid))
        found = [one for one in tx.lock_many(SlaCredit, settled) if one.status == "issued"]
        fresh = [one for one in found if settled[one.id] in invoices and one.invoice_id != settled[one.id]]
        for credit in fresh:
            credit.invoice_id = settled[credit.id]
    return len(fresh)


def release(actor: Actor, invoice_id: UUID) -> int:
    """Frees the credits of an invoice that was voided, so that the next one takes them off; returns how many."""
    with write(actor, "sla_credits.release") as tx:
        found = tx.session.scalars(select(SlaCredit.id).where(SlaCredit.invoice_id == invoice_id)).all()
        for credit in tx.lock_many(SlaCredit, found):
            credit.invoice_id = None
    return len(found)


def _lock(tx: Transaction, credit_id: UUID, version: int | None) -> SlaCredit:
    """The credit, and the rest of its month, which others may be about to approve."""
    credit = tx.get(SlaCredit, credit_id)
    month = select(SlaCredit.id).where(SlaCredit.contract_id == credit.contract_id, SlaCredit.month == credit.month)
    tx.lock_many(SlaCredit, tx.session.scalars(month).all())
    return tx.lock(SlaCredit, credit_id, version=version)
