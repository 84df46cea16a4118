"""What is owed to customers for months that fell short, in figures for the overview."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql import func

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.reliability.sla.models import SlaCredit


class Owed(NamedTuple):
    """Amounts of one currency, in its units; `waiting` are drafts and approved ones that were not issued yet."""

    currency: str
    issued: Decimal
    waiting: Decimal
    credits: int


def owed(actor: Actor, *, since: date, contract_id: UUID | None = None) -> list[Owed]:
    """Credits of months from `since` on, by currency, the largest first; void ones count nowhere."""
    require(actor, "sla_credits:read")
    one = SlaCredit
    issued, waiting = one.status == "issued", one.status.in_(("draft", "approved"))
    found = select(
        one.currency, func.coalesce(func.sum(one.amount).filter(issued), 0).label("issued"),
        func.coalesce(func.sum(one.amount).filter(waiting), 0).label("waiting"), func.count().label("credits"),
    ).where(one.month >= since, one.status != "void", one.amount != 0).group_by(one.currency)  # fmt: skip
    found = found if contract_id is None else found.where(one.contract_id == contract_id)
    with read(actor) as rx:
        return [Owed(*row) for row in rx.rows(found.order_by(func.sum(one.amount).desc(), one.currency))]


class Credit(NamedTuple):
    """What one computation of a month came to."""

    month: date
    sequence: int
    status: str
    number: str | None
    amount: Decimal
    currency: str


def by_month(actor: Actor, contract_id: UUID) -> dict[date, list[Credit]]:
    """The credits of a contract by month, in order of their sequence; void ones and those of nothing are left out."""
    require(actor, "sla_credits:read")
    one = SlaCredit
    found = select(one.month, one.sequence, one.status, one.number, one.amount, one.currency).where(
        one.contract_id == contract_id, one.status != "void", one.amount != 0
    )
    told: dict[date, list[Credit]] = {}
    with read(actor) as rx:
        for row in rx.rows(found.order_by(one.month, one.sequence)):
            told.setdefault(row.month, []).append(Credit(*row))
    return told
