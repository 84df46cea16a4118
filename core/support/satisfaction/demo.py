"""Demo answers: about half of the resolved tickets were rated, and last quarter's and this one's NPS."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.customers.users.models import TenantUser
from core.kernel.writes import Transaction
from core.support.mail.models import TicketMail
from core.support.satisfaction import rules
from core.support.satisfaction.models import Survey
from core.support.tickets.models import Ticket

_SAID = {
    1: ("Nobody read what I wrote.", "Three days, and it still does not work."),
    2: ("It took far too long.", "I had to explain it twice."),
    3: ("All right in the end.", None),
    4: ("Quick and friendly.", "Good, thank you.", None),
    5: ("Perfect, thank you!", "Solved within the hour.", "Ada is great.", None),
}
_LIKELY = {1: 5, 2: 7, 3: 14, 4: 32, 5: 42}


def seed(tx: Transaction, random: Random, now: datetime) -> None:
    """For the resolved tickets and the administrators that are there."""
    columns = (
        Ticket.id,
        Ticket.tenant_id,
        Ticket.requester_id,
        Ticket.team_id,
        Ticket.assignee_id,
        Ticket.resolved_at,
        Ticket.requester_email,
    )
    resolved = tx.session.execute(
        select(*columns).where(Ticket.resolved_at < now, Ticket.tenant_id.is_not(None)).order_by(Ticket.number)
    ).all()
    rows = [_csat(random, ticket, now) for ticket in resolved]
    admins = select(TenantUser.id, TenantUser.tenant_id, TenantUser.email).where(
        TenantUser.is_admin, TenantUser.deactivated_at.is_(None)
    )
    people = tx.session.execute(admins.order_by(TenantUser.id).limit(120)).all()
    addresses = {one.id: one.requester_email for one in resolved} | {one.id: one.email for one in people}
    quarter = rules.quarter_of(now.date())
    for one in (rules.quarter_before(quarter), quarter):
        rows += [_nps(random, person, one, now) for person in people]
    if rows:
        tx.bulk(insert(Survey), rows)
        mails = [_mail(random, row, addresses[row["ticket_id"] or row["user_id"]]) for row in rows]
        tx.bulk(insert(TicketMail), mails)


def _mail(random: Random, row: dict[str, Any], recipient: str | None) -> dict[str, Any]:
    """The mail that asked: without one nobody would count as asked."""
    key = UUID(int=random.getrandbits(128), version=4)
    return {
        "id": key, "event_id": key, "ticket_id": row["ticket_id"], "tenant_id": row["tenant_id"], "survey_id": row["id"],
        "kind": "resolved" if row["ticket_id"] else "nps", "recipient": recipient or "somebody@customer.example",
        "outcome": "sent", "queued_at": row["created_at"], "finished_at": row["created_at"],
    }  # fmt: skip


def _row(random: Random, kind: str, about: Any, asked_at: datetime, life: timedelta) -> dict[str, Any]:
    return {
        "id": UUID(int=random.getrandbits(128), version=4), "kind": kind, "tenant_id": about.tenant_id, "ticket_id": None,
        "user_id": None, "quarter": None, "team_id": None, "agent_id": None, "token_digest": random.randbytes(32),
        "created_at": asked_at, "expires_at": asked_at + life, "answered_at": None, "score": None, "comment": None,
        "followed_up_at": None, "followed_up_by_name": None,
    }  # fmt: skip


def _csat(random: Random, ticket: Any, now: datetime) -> dict[str, Any]:
    row = _row(random, "csat", ticket, ticket.resolved_at, rules.CSAT_LIFE)
    row |= {
        "ticket_id": ticket.id,
        "user_id": ticket.requester_id,
        "team_id": ticket.team_id,
        "agent_id": ticket.assignee_id,
    }
    score = random.choices(list(_LIKELY), weights=list(_LIKELY.values()))[0]
    answered_at = ticket.resolved_at + timedelta(minutes=random.randint(5, 3_000))
    if random.random() < 0.5 and answered_at < now:
        row |= {"answered_at": answered_at, "score": score, "comment": random.choice(_SAID[score])}
        if rules.is_low("csat", score) and answered_at < now - timedelta(days=10):
            row |= {"followed_up_at": answered_at + timedelta(hours=20), "followed_up_by_name": "Support"}
    return row


def _nps(random: Random, person: Any, quarter: Any, now: datetime) -> dict[str, Any]:
    begun = rules.ends_at(rules.quarter_before(quarter)) + timedelta(days=9)
    asked_at = min(begun, now - timedelta(hours=1))
    row = _row(random, "nps", person, asked_at, rules.ends_at(quarter) - asked_at)
    row |= {"user_id": person.id, "quarter": quarter, "expires_at": max(rules.ends_at(quarter), asked_at)}
    answered_at = asked_at + timedelta(hours=random.randint(1, 200))
    if random.random() < 0.4 and answered_at < now:
        row |= {"answered_at": answered_at, "score": random.choices(range(11), [1, 1, 1, 1, 2, 3, 4, 9, 14, 18, 16])[0]}
    return row
