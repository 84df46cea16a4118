"""What people of the demo company decided about what was measured: exclusions, and the credits of the month that is over."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import insert, select

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.writes import Transaction
from core.reliability.sla import credit_actions, credit_rules, crediting
from core.reliability.sla.models import SlaCredit, SlaExclusion, SlaViolation

_ASKED = (
    (
        "The probe's own network failed: the customer's requests were all answered",
        "approved",
        "Seen in the access log.",
    ),
    (
        "Announced by the customer: they restored their directory at that time",
        "approved",
        "The mail is with the contract.",
    ),
    ("Their own firewall blocked us", "refused", "Other customers saw the same errors at that minute."),
    ("A load test of the customer, agreed on with support", None, ""),
    ("The monitor checked the old address for some minutes", None, ""),
)


def exclusions(tx: Transaction, random: Random, now: datetime, operators: dict[str, UUID]) -> None:
    """Asked for by the success manager, decided by an administrator; the latest still wait."""
    one = SlaViolation
    short = select(one).where(one.metric == "uptime", one.ended_at.is_not(None), one.minutes.between(1, 60))
    found = list(tx.session.scalars(short.order_by(one.started_at, one.id)))
    chosen = sorted(random.sample(found, min(len(_ASKED), len(found))), key=lambda row: row.started_at)
    names = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
    asker, decider = operators["client_success"], operators["admin"]
    rows = []
    for violation, (reason, decision, note) in zip(chosen, _ASKED, strict=False):
        asked_at: datetime = min(
            violation.last_bad_at + timedelta(hours=random.randint(2, 30)), now - timedelta(minutes=5)
        )
        decided_at = min(asked_at + timedelta(hours=random.randint(1, 20)), now) if decision else None
        rows.append({
            "id": UUID(int=random.getrandbits(128), version=4), "violation_id": violation.id,
            "contract_id": violation.contract_id, "tenant_id": violation.tenant_id, "starts_at": violation.started_at,
            "ends_at": violation.last_bad_at, "reason": reason, "asked_by": asker, "asked_by_name": names[asker],
            "decision": decision, "decided_at": decided_at, "decided_by": decider if decision else None,
            "decided_by_name": names[decider] if decision else None, "decision_note": note, "created_at": asked_at,
            "updated_at": decided_at or asked_at, "version": 1 + bool(decision),
        })  # fmt: skip
    if rows:
        tx.bulk(insert(SlaExclusion), rows)


def credit_month(system: Actor, until: datetime) -> None:
    """The clock computes last month; of its drafts one is issued and one approved, the others wait."""
    month = credit_rules.previous_month(until.date())
    crediting.compute(system, month=month)
    for place, (key, version) in enumerate(_drafts(system, month)):
        if place < 2:
            credit_actions.approve(system, key, version=version)
        if place == 0:
            credit_actions.issue(system, key)


def _drafts(system: Actor, month: date) -> list[tuple[UUID, int]]:
    wanted = select(SlaCredit.id, SlaCredit.version).where(SlaCredit.month == month, SlaCredit.status == "draft")
    with read(system) as rx:
        return [(row.id, row.version) for row in rx.rows(wanted.order_by(SlaCredit.amount.desc(), SlaCredit.id))]
