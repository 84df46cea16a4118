"""What can be done with teams and agents. Nothing is removed that tickets tell of."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.writes import Transaction, conflict, write
from core.support.teams import people, rules
from core.support.teams.models import SupportAgent, SupportTeam


def create_team(actor: Actor, *, name: str, lead_id: UUID | None = None, manager_id: UUID | None = None) -> SupportTeam:
    """Makes a team; lead and then manager are told of what is late. Raises Invalid naming every bad field."""
    with write(actor, "support_teams.create") as tx:
        values = _team({"name": name, "lead_id": lead_id, "manager_id": manager_id})
        _require_free(tx, values["name"])
        return tx.add(SupportTeam(**values))


def update_team(actor: Actor, team_id: UUID, *, version: int, **values: Any) -> SupportTeam:
    """Changes name, lead_id, manager_id. Raises Invalid, NotFound, Conflict."""
    with write(actor, "support_teams.update") as tx:
        cleaned = _team(values)
        team = tx.lock(SupportTeam, team_id, version=version)
        rules.require_in_service(team.archived_at)
        if cleaned.get("name", team.name).lower() != team.name.lower():
            _require_free(tx, cleaned["name"])
        for field, value in cleaned.items():
            setattr(team, field, value)
    return team


def archive_team(actor: Actor, team_id: UUID, *, version: int | None = None) -> SupportTeam:
    """Takes a team out of service: its agents are in none afterwards, its tickets keep it. Raises Invalid, NotFound,
    Conflict."""
    with write(actor, "support_teams.archive") as tx:
        team = tx.lock(SupportTeam, team_id, version=version)
        rules.require_in_service(team.archived_at)
        team.archived_at = tx.now
        members = update(SupportAgent).where(SupportAgent.team_id == team_id)
        tx.bulk(members.values(team_id=None, version=SupportAgent.version + 1, updated_at=tx.now))
    return team


def put_agent(
    actor: Actor, operator_id: UUID, *, team_id: UUID | None = None, skills: Iterable[str] = (), capacity: int = 20,
    is_available: bool = True, version: int | None = None,
) -> SupportAgent:  # fmt: skip
    """Makes an operator an agent, or changes what he is as one. `version` 0: he was none before.

    Raises Invalid naming every bad field, Conflict.
    """
    with write(actor, "support_agents.put") as tx:
        values = rules.clean_agent({"skills": skills, "capacity": capacity})
        people.require_assignable([operator_id])
        _require_team(tx, team_id)
        agent = _locked(tx, operator_id, version) or tx.add(SupportAgent(operator_id=operator_id))
        for field, value in (values | {"team_id": team_id, "is_available": is_available}).items():
            setattr(agent, field, value)
    return agent


def set_available(actor: Actor, operator_id: UUID, *, is_available: bool) -> SupportAgent:
    """Says whether an agent is given tickets by quick assignment. Raises NotFound."""
    with write(actor, "support_agents.set_available") as tx:
        agent = _known(tx, operator_id)
        agent.is_available = is_available
    return agent


def remove_agent(actor: Actor, operator_id: UUID) -> None:
    """The operator is no agent any more; the tickets he has stay his. Raises NotFound."""
    with write(actor, "support_agents.remove") as tx:
        tx.delete(_known(tx, operator_id))


def _team(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = rules.clean_team(values)
    people.require_assignable([cleaned.get("lead_id"), cleaned.get("manager_id")])
    return cleaned


def _require_free(tx: Transaction, name: str) -> None:
    taken = select(SupportTeam.id).where(func.lower(SupportTeam.name) == name.lower())
    if tx.session.scalar(taken) is not None:
        sentence = f"There is, or was, a team called {name}. Choose another name."
        raise Invalid(sentence, {"name": sentence})


def _require_team(tx: Transaction, team_id: UUID | None) -> None:
    if team_id is not None:
        rules.require_in_service(tx.get(SupportTeam, team_id).archived_at)


def _locked(tx: Transaction, operator_id: UUID, version: int | None) -> SupportAgent | None:
    wanted = select(SupportAgent).where(SupportAgent.operator_id == operator_id).with_for_update()
    known = tx.session.scalars(wanted).first()
    current = known.version if known else 0
    if version is not None and current != version:
        raise conflict(SupportAgent, known.id if known else operator_id, since=version, current=current)
    return known


def _known(tx: Transaction, operator_id: UUID) -> SupportAgent:
    agent = _locked(tx, operator_id, None)
    if agent is None:
        raise NotFound("This operator is no agent of support. Add the agent first.")
    return agent
