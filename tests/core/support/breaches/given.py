"""Tickets with clocks of a known course, teams and operators, as the tests of breaches need them."""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.support.sla.models import TicketClock
from core.support.teams.models import SupportAgent, SupportTeam
from core.support.tickets.models import Ticket

SYSTEM = Actor.system("test")
HOUR = timedelta(hours=1)
_numbers = count(900_001)


def operator(name: str = "Ada", *, role: str = "support_tier_1", **values: object) -> UUID:
    with write(SYSTEM, "demo.seed") as tx:
        mail = f"{name.lower()}.{uuid4().hex[:6]}@quarterdeck.example"
        return tx.add(Operator(id=uuid4(), email=mail, name=name, role=role, password_hash="x", **values)).id


def team(name: str = "First line", *, lead: UUID | None = None, manager: UUID | None = None) -> UUID:
    with write(SYSTEM, "demo.seed") as tx:
        return tx.add(SupportTeam(id=uuid4(), name=name, lead_id=lead, manager_id=manager)).id


def agent(operator_id: UUID, *, team_id: UUID | None = None, **values: object) -> UUID:
    with write(SYSTEM, "demo.seed") as tx:
        return tx.add(SupportAgent(id=uuid4(), operator_id=operator_id, team_id=team_id, **values)).id


def ticket(**values: object) -> UUID:
    """An open ticket of medium priority without a clock."""
    number = next(_numbers)
    known = {"id": uuid4(), "number": number, "requester_name": "Zoe", "description": "x"}
    with write(SYSTEM, "demo.seed") as tx:
        return tx.add(Ticket(**known | {"subject": f"Ticket {number}"} | values)).id


def clock(
    ticket_id: UUID, started: datetime, length: timedelta, *, target: str = "resolution", tenant_id: UUID | None = None
) -> None:
    """A clock that runs without a pause, and of which nothing was told."""
    at = {f"at_{share}": started + length * share / 100 for share in (50, 75, 90)}
    with write(SYSTEM, "demo.seed") as tx:
        ran = min(max(utc_now() - started, timedelta(0)), length)
        tx.add(TicketClock(
            ticket_id=ticket_id, tenant_id=tenant_id, target=target, state="running", started_at=started,
            target_s=int(length.total_seconds()), elapsed_s=int(ran.total_seconds()), due_at=started + length,
            next_at=at["at_50"], level=0, **at,
        ))  # fmt: skip
        tx.get(Ticket, ticket_id).due_at = started + length
