"""Quick assignment: tickets are given to the agents who are there, by load, in turn, or by what they can do."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.types import Uuid

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.many import Outcome
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.writes import Transaction, write
from core.support.teams import people
from core.support.teams.models import SupportAgent
from core.support.tickets import bulk, changes, rules
from core.support.tickets.models import ACTIVE, Ticket

By = Literal["least_loaded", "round_robin", "skill"]
NOBODY = "No agent can take it: everybody is away, at full load, or without the skill. Assign it by hand."
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Agent:
    """An agent who can be given tickets; `load` are the active ones he has."""

    operator_id: UUID
    skills: frozenset[str]
    capacity: int
    load: int
    last_assigned_at: datetime = _NEVER
    turn: int = field(default=0)

    @property
    def share(self) -> float:
        """Of the capacity that is taken."""
        return self.load / self.capacity


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that is given out."""

    ticket_id: UUID
    category: str | None
    tags: Sequence[str]

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(one.lower() for one in (self.category, *self.tags) if one)


def plan(agents: Sequence[Agent], tickets: Sequence[Wanted], by: By) -> dict[UUID, UUID | None]:
    """Whom each ticket goes to; None where nobody can take it. Pure; `agents` are changed as they are given tickets.

    Nobody is given more than his capacity. By skill, those come first who know most of the ticket's category and tags,
    and nobody who knows none of them; among equals the least loaded, then who waited longest.
    """
    if by == "skill":
        return {one.ticket_id: _give(_most_skilled(agents, one)) for one in tickets}
    heap = [(_rank(agent, by), place) for place, agent in enumerate(agents) if agent.load < agent.capacity]
    heapq.heapify(heap)
    chosen: dict[UUID, UUID | None] = {}
    for one in tickets:
        place = heapq.heappop(heap)[1] if heap else None
        chosen[one.ticket_id] = _give(agents[place] if place is not None else None)
        if place is not None and agents[place].load < agents[place].capacity:
            heapq.heappush(heap, (_rank(agents[place], by), place))
    return chosen


def _rank(agent: Agent, by: By) -> tuple[object, ...]:
    waited = (agent.turn, agent.last_assigned_at)
    last = str(agent.operator_id)
    return (agent.share, *waited, last) if by == "least_loaded" else (*waited, last)


def _most_skilled(agents: Sequence[Agent], ticket: Wanted) -> Agent | None:
    able = [(len(agent.skills & ticket.topics), agent) for agent in agents if agent.load < agent.capacity]
    known = [(-skills, _rank(agent, "least_loaded"), agent) for skills, agent in able if skills]
    return min(known, key=lambda one: one[:2])[2] if known else None


def _give(agent: Agent | None) -> UUID | None:
    if agent is None:
        return None
    agent.load, agent.turn = agent.load + 1, agent.turn + 1
    return agent.operator_id


def _agents(team_id: UUID | None) -> AnySelect:
    """Agents who are there, with what they have; an operator who may not answer tickets any more is none."""
    load = select(func.count()).where(Ticket.assignee_id == SupportAgent.operator_id, Ticket.status.in_(ACTIVE))
    found = select(
        SupportAgent.operator_id, SupportAgent.skills, SupportAgent.capacity,
        load.correlate(SupportAgent).scalar_subquery().label("load"), SupportAgent.last_assigned_at,
    ).where(SupportAgent.is_available, SupportAgent.operator_id.in_(people.answering_ids()))  # fmt: skip
    return found if team_id is None else found.where(SupportAgent.team_id == team_id)


def _known(actor: Actor, team_id: UUID | None) -> list[Agent]:
    """Read as the portal itself, since an agent's load counts tickets that this operator may not see."""
    with read(Actor.system("tickets", request_id=actor.request_id)) as rx:
        rows = rx.rows(_agents(team_id).order_by(SupportAgent.operator_id))
    return [
        Agent(row.operator_id, frozenset(one.lower() for one in row.skills), row.capacity, row.load,
              row.last_assigned_at or _NEVER)
        for row in rows
    ]  # fmt: skip


def preview(actor: Actor, ticket_ids: Iterable[UUID], *, by: By, team_id: UUID | None = None) -> pd.DataFrame:
    """Whom `quick` would give each ticket now: ticket_id, operator_id, name, problem. Raises Denied, Invalid."""
    require(actor, "tickets:update")
    wanted = _few(ticket_ids)
    columns = select(Ticket.id, Ticket.category, Ticket.tags).where(Ticket.id.in_(wanted))
    with read(actor) as rx:
        found = {row.id: Wanted(row.id, row.category, row.tags) for row in rx.rows(columns)}
    chosen = plan(_known(actor, team_id), [found[one] for one in wanted if one in found], by)
    names = people.names(chosen.values())
    rows = [(str(one), str(who) if who else None, names.get(who) if who else None, None if who else NOBODY)
            for one, who in chosen.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=["ticket_id", "operator_id", "name", "problem"], dtype="string")


def quick(actor: Actor, ticket_ids: Iterable[UUID], *, by: By, team_id: UUID | None = None) -> list[Outcome]:
    """Gives the tickets out among the agents of a team, or of all: to the least loaded (by share of capacity), in turn, or
    by skill (category or tags). A ticket that nobody can take stays as it is. Raises Denied, Invalid."""
    rules.one_of("by", by, ("least_loaded", "round_robin", "skill"))
    wanted = _few(ticket_ids)
    with write(actor, "tickets.assign_quick") as tx:
        tx.session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        agents = _known(actor, team_id)
        rows = {row.id: row for row in tx.lock_many(Ticket, wanted)}
        open_ones = [rows[one] for one in wanted if one in rows and rows[one].status in ACTIVE]
        chosen = plan(agents, [Wanted(row.id, row.category, row.tags) for row in open_ones], by)
        outcomes = bulk.change_each(tx, wanted, lambda inner, ticket: _assign(inner, ticket, chosen))
        _note_turns(tx, [chosen[one.id] for one in outcomes if one.problem is None])
    return outcomes


_LOCK = 6_033  # two quick assignments at the same time would both see the same loads


def _assign(tx: Transaction, ticket: Ticket, chosen: Mapping[UUID, UUID | None]) -> None:
    rules.require_active(ticket.status)
    if chosen[ticket.id] is None:
        raise Invalid(NOBODY)
    changes.set_assignee(tx, ticket, chosen[ticket.id])


def _note_turns(tx: Transaction, operator_ids: Sequence[UUID | None]) -> None:
    ids = sorted({one for one in operator_ids if one})
    moment = cast(tx.now, TIMESTAMP(timezone=True))
    tx.session.execute(select(func.qd_agents_assigned(cast(ids, ARRAY(Uuid())), moment)))


def _few(ticket_ids: Iterable[UUID]) -> list[UUID]:
    wanted = list(dict.fromkeys(ticket_ids))
    if len(wanted) > bulk.MOST:
        raise Invalid(f"At most {bulk.MOST} tickets are given out at once. Narrow the selection.")
    return wanted
