"""Who does what in an incident."""

from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write
from core.reliability.incidents import changes, people, rules, timeline
from core.reliability.incidents.models import Incident, IncidentRole


def assign_role(actor: Actor, incident_id: UUID, *, role: str, operator_id: UUID) -> Incident:
    """Gives a colleague a role; a new lead replaces the one before. Raises Invalid for one who cannot work on incidents,
    NotFound."""
    with write(actor, "incidents.assign_role") as tx:
        wanted = rules.one_of("role", role, rules.ROLES)
        name = people.require_assignable(operator_id)
        incident = tx.lock(Incident, incident_id)
        rules.require_unmerged(incident.merged_into_id)
        if changes.give_role(tx, incident, wanted, operator_id, name):
            if operator_id == actor.operator_id:
                changes.acknowledge(tx, incident)
            changes.note(tx, incident, role=wanted, operator_id=operator_id)
    return incident


def remove_role(actor: Actor, incident_id: UUID, *, role: str, operator_id: UUID) -> Incident:
    """Takes a role away; nothing happens when the colleague did not have it. Raises Invalid, NotFound."""
    with write(actor, "incidents.remove_role") as tx:
        wanted = rules.one_of("role", role, rules.ROLES)
        incident = tx.lock(Incident, incident_id)
        held = tx.session.get(IncidentRole, (incident_id, wanted, operator_id))
        if held is not None:
            _take_role(tx, incident, held)
    return incident


def _take_role(tx: Transaction, incident: Incident, held: IncidentRole) -> None:
    tx.delete(held)
    if held.role == "lead":
        incident.lead_id = None
    name = people.names([held.operator_id]).get(held.operator_id, "somebody")
    title = rules.ROLE_TITLES[held.role]
    timeline.add(tx, incident, "role", f"{title}: no longer {name}", role=held.role, operator_id=str(held.operator_id))
    changes.note(tx, incident, role=held.role, operator_id=held.operator_id)
