"""Months become credits: drafts with their proof, the same cent each time, or a visible adjustment."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.writes import Transaction, write
from core.reliability.sla import credit_inputs
from core.reliability.sla.credit_inputs import Judged
from core.reliability.sla.credit_proof import formula, proof
from core.reliability.sla.credit_rules import require_month, rounded_down, still_owed
from core.reliability.sla.models import SlaCredit, SlaWatermark

_SPACE = 0x6372_6564  # "cred": this use of advisory locks, apart from others
DECIDED = ("approved", "issued", "void")
CREDITED = ("approved", "issued")
OPEN = ("draft", "none")


@dataclass(frozen=True, slots=True)
class Computed:
    """What a computation came to, in contracts.

    `contracts` were computed: `drafted` got a draft, `changed` had one that now says something else, `adjusted` got or have
    a changed adjustment of what was decided, `unowed` are owed nothing for the first time. `waiting` were not computed,
    because not every minute of their month was judged yet.
    """

    contracts: int = 0
    drafted: int = 0
    changed: int = 0
    adjusted: int = 0
    unowed: int = 0
    waiting: int = 0


def compute(actor: Actor, *, month: date, contract_ids: Sequence[UUID] | None = None) -> Computed:
    """Computes the credits of a month (its first day) for these contracts, or all. Nothing changes when nothing differs.

    Needs contracts:read and sla:read besides sla_credits:update. Raises Invalid, Denied.
    """
    require_month(month)
    with write(actor, "sla_credits.compute") as tx:
        for permission in ("contracts:read", "sla:read", "sla_credits:read"):
            require(actor, permission)
        # One computation of a month at a time: two would both find that there is no credit yet.
        tx.session.execute(select(func.pg_advisory_xact_lock(_SPACE, func.hashtext(month.isoformat()))))
        found = credit_inputs.covered(tx, month, contract_ids)
        until: datetime | None = tx.session.scalar(select(SlaWatermark.until))
        due = [one for one in found if until is not None and one.month_ends <= until]
        outcomes = Counter(_settled(tx, month, credit_inputs.judged(tx, month, due)) if due else ())
        tx.note(month=month.isoformat())
    counts = {name: outcomes[name] for name in ("drafted", "changed", "adjusted", "unowed")}
    return Computed(contracts=len(due), waiting=len(found) - len(due), **counts)


def _settled(tx: Transaction, month: date, months: Sequence[Judged]) -> list[str]:
    ids = [one.covered.contract_id for one in months]
    known: dict[UUID, list[SlaCredit]] = defaultdict(list)
    stored = select(SlaCredit).where(SlaCredit.month == month, SlaCredit.contract_id.in_(ids))
    for row in tx.session.scalars(stored.order_by(SlaCredit.contract_id, SlaCredit.sequence).with_for_update()):
        known[row.contract_id].append(row)
    return [_settle(tx, one, known[one.covered.contract_id]) for one in months]


def _settle(tx: Transaction, judged: Judged, known: Sequence[SlaCredit]) -> str:
    """Brings the last open credit up to date, or adds one where something is to be added. Says which of it."""
    decided = sum((row.amount for row in known if row.status in DECIDED), Decimal("0.00"))
    credited = sum((row.amount for row in known if row.status in CREDITED), Decimal("0.00"))
    amount = still_owed(judged.credit.amount, decided, credited)
    values = _values(judged, amount, decided if _has_decided(known) else None)
    last = known[-1] if known else None
    if last is not None and last.status in OPEN:
        return _replaced(tx, last, values)
    if last is None or amount:
        _add(tx, judged, values, sequence=last.sequence + 1 if last else 0)
        return "adjusted" if last else "drafted" if amount else "unowed"
    return "same"


def _has_decided(known: Sequence[SlaCredit]) -> bool:
    return any(row.status in DECIDED for row in known)


def _values(judged: Judged, amount: Decimal, decided: Decimal | None) -> dict[str, Any]:
    credit, uptime = judged.credit, judged.credit.minutes.uptime
    told, shown = formula(credit), proof(credit, judged.behind)
    if decided is not None:
        told += f"; {credit.currency} {decided:,.2f} of it was decided before, which leaves {_signed(amount)}"
        shown["decided"] = str(decided)
    return {
        "status": "draft" if amount else "none", "fee": credit.fee, "percent": credit.percent, "amount": amount,
        "uptime": rounded_down(uptime) if uptime is not None else None, "cap_amount": credit.cap_amount,
        "formula": told, "proof": shown,
    }  # fmt: skip


def _signed(amount: Decimal) -> str:
    return f"{'−' if amount < 0 else ''}{abs(amount):,.2f}"


def _replaced(tx: Transaction, row: SlaCredit, values: dict[str, Any]) -> str:
    if all(getattr(row, name) == value for name, value in values.items()):
        return "same"
    for name, value in values.items():
        setattr(row, name, value)
    _sign(tx, row)
    return "adjusted" if row.sequence else "changed"


def _add(tx: Transaction, judged: Judged, values: dict[str, Any], *, sequence: int) -> None:
    of = judged.covered
    row = SlaCredit(
        contract_id=of.contract_id, tenant_id=of.tenant_id, month=judged.credit.month, sequence=sequence,
        currency=of.currency, **values,
    )  # fmt: skip
    _sign(tx, row)
    tx.add(row)


def _sign(tx: Transaction, row: SlaCredit) -> None:
    """Who had it computed. The clock is nobody: then anybody who may approve does."""
    row.computed_at, row.computed_by, row.computed_by_name = tx.now, tx.actor.id, tx.actor.name
