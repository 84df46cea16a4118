"""Demo tickets: sixty days of questions, answers and solutions, by the demo operators; clocks are what their logs say."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.access.operators.models import Operator
from core.customers.users.models import TenantUser
from core.kernel.writes import Transaction
from core.support.sla import steps
from core.support.teams.models import SupportAgent, SupportTeam
from core.support.tickets import numbers
from core.support.tickets.demo_course import Course, Given, course
from core.support.tickets.demo_texts import AGENTS, TEAMS, TOPICS
from core.support.tickets.models import Ticket, TicketEvent, TicketMessage

TICKETS, DAYS = 420, 60
_CHANNELS = {"portal": 0.45, "email": 0.4, "api": 0.05, "phone": 0.1}
_PRIORITIES = {"urgent": 0.07, "high": 0.23, "medium": 0.48, "low": 0.22}


def seed(tx: Transaction, random: Random, now: datetime, operators: dict[str, UUID]) -> list[UUID]:
    """Makes teams, agents and tickets with messages and events, and computes the clocks. Returns the tickets, oldest first."""
    teams = _people(tx, random, now, operators)
    staff = _staff(tx, operators)
    asking = tx.session.execute(
        select(TenantUser.id, TenantUser.tenant_id, TenantUser.name, TenantUser.email).order_by(TenantUser.id)
    ).all()
    first = numbers.take(tx, TICKETS)
    made = [
        _ticket(random, first + place, at, now, teams, staff, random.choice(asking))
        for place, at in enumerate(_moments(random, now))
    ]
    tx.bulk(insert(Ticket), [one.ticket for one in made])
    tx.bulk(insert(TicketMessage), [row for one in made for row in one.messages])
    tx.bulk(insert(TicketEvent), [row for one in made for row in one.events])
    ids = [one.ticket["id"] for one in made]
    steps.renew(tx, ids)
    return ids


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _people(tx: Transaction, random: Random, now: datetime, operators: dict[str, UUID]) -> dict[str, UUID]:
    """Team name -> id."""
    stamps = {"created_at": now - timedelta(days=DAYS + 30), "updated_at": now, "version": 1}
    manager = operators["support_admin"]
    teams = [
        {"id": _id(random), "name": name, "lead_id": operators[lead], "manager_id": manager, **stamps}
        for name, lead in TEAMS.items()
    ]
    known = {str(team["name"]): UUID(str(team["id"])) for team in teams}
    agents = [
        {
            "id": _id(random), "operator_id": operators[role], "team_id": known[team], "skills": list(skills),
            "capacity": capacity, "is_available": True, **stamps,
        }
        for role, (team, skills, capacity) in AGENTS.items()
    ]  # fmt: skip
    tx.bulk(insert(SupportTeam), teams)
    tx.bulk(insert(SupportAgent), agents)
    return known


def _staff(tx: Transaction, operators: dict[str, UUID]) -> dict[str, list[tuple[UUID, str]]]:
    """Team name -> id and name of its agents."""
    names = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
    found: dict[str, list[tuple[UUID, str]]] = {name: [] for name in TEAMS}
    for role, (team, _, _) in AGENTS.items():
        found[team].append((operators[role], names[operators[role]]))
    return found


def _moments(random: Random, now: datetime) -> list[datetime]:
    """When tickets come, oldest first: mostly by day, and fewer at weekends. The last of them lately."""
    found: list[datetime] = [now - timedelta(minutes=random.uniform(5, 1_500)) for _ in range(25)]
    while len(found) < TICKETS:
        at = now - timedelta(days=random.triangular(0, DAYS, 10))
        chance = (0.25 if at.weekday() > 4 else 1.0) * (1.0 if 7 <= at.hour < 18 else 0.15)
        if random.random() < chance:
            found.append(at)
    return sorted(found)


def _ticket(
    random: Random, number: int, at: datetime, now: datetime, teams: dict[str, UUID],
    staff: dict[str, list[tuple[UUID, str]]], who: Any,
) -> Course:  # fmt: skip
    topic = random.choice(TOPICS)
    subject, text = random.choice(topic.asked)
    agent_id, agent = random.choice(staff[topic.team])
    ticket = {
        "id": _id(random), "number": number, "tenant_id": who.tenant_id, "requester_id": who.id, "requester_name": who.name,
        "requester_email": who.email, "subject": subject, "description": text, "status": "open", "category": topic.category,
        "priority": _pick(random, _PRIORITIES), "channel": _pick(random, _CHANNELS),
        "tags": sorted(random.sample(topic.tags, k=random.choice((0, 1, 1, 2)))), "team_id": teams[topic.team],
        "assignee_id": None, "first_response_at": None, "resolved_at": None, "closed_at": None, "reopen_count": 0,
        "last_customer_at": at, "last_agent_at": None, "sla_state": "none", "created_at": at, "updated_at": at, "version": 1,
    }  # fmt: skip
    return course(random, ticket, Given(topic, agent_id, agent, at, now))


def _pick(random: Random, shares: dict[str, float]) -> str:
    return random.choices(list(shares), weights=list(shares.values()))[0]
