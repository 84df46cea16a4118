"""Private steps: what becomes of an incident within an action."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.writes import Transaction
from core.reliability.incidents import rules, timeline
from core.reliability.incidents.models import Incident, IncidentRole

LOOK = "incidents.look"  # the task that collects and computes for one incident
_FIRST = {"identified": "identified_at", "monitoring": "monitoring_at"}


def acknowledge(tx: Transaction, incident: Incident, *, text: str | None = None) -> bool:
    """Somebody took it; returns whether nobody had before. Whatever is done to an incident by a person counts."""
    if incident.acknowledged_at is not None:
        return False
    incident.acknowledged_at = tx.now
    timeline.add(tx, incident, "status", text or f"Acknowledged by {tx.actor.name}", is_key=True)
    return True


def move(tx: Transaction, incident: Incident, status: str, *, note: str = "") -> bool:
    """Into another state of a live incident; returns whether it changed."""
    rules.require_live(incident.status)
    acknowledge(tx, incident)
    if incident.status == status:
        return False
    before, incident.status = incident.status, status
    first = _FIRST.get(status)
    if first and getattr(incident, first) is None:
        setattr(incident, first, tx.now)
    told = f"{rules.TITLES[before].capitalize()} → {rules.TITLES[status]}"
    timeline.add(tx, incident, "status", f"{told}: {note}" if note else told, is_key=True, before=before, after=status)
    return True


def set_severity(tx: Transaction, incident: Incident, severity: str, *, why: str = "") -> bool:
    """Returns whether it changed."""
    if incident.severity == severity:
        return False
    before, incident.severity = incident.severity, severity
    told = f"{before.upper()} → {severity.upper()}"
    timeline.add(
        tx, incident, "severity", f"{told}: {why}" if why else told, is_key=True, before=before, after=severity
    )
    return True


def set_values(tx: Transaction, incident: Incident, values: dict[str, Any]) -> list[str]:
    """Sets what differs, and says so in the timeline. Returns the names of what was changed."""
    changed = [name for name, value in values.items() if getattr(incident, name) != value]
    for name in changed:
        setattr(incident, name, values[name])
    if changed:
        named = ", ".join(name.replace("_", " ").removesuffix(" at") for name in changed)
        timeline.add(tx, incident, "edited", f"Edited: {named}", columns=changed)
    return changed


def give_role(tx: Transaction, incident: Incident, role: str, operator_id: UUID, name: str) -> bool:
    """Gives a role; there is one lead, who replaces the one before. Returns whether it changed."""
    if tx.session.get(IncidentRole, (incident.id, role, operator_id)) is not None:
        return False
    if role == "lead":
        _drop_leads(tx, incident)
        incident.lead_id = operator_id
    tx.add(IncidentRole(incident_id=incident.id, role=role, operator_id=operator_id, created_at=tx.now))
    timeline.add(tx, incident, "role", f"{rules.ROLE_TITLES[role]}: {name}", role=role, operator_id=str(operator_id))
    return True


def _drop_leads(tx: Transaction, incident: Incident) -> None:
    held = select(IncidentRole).where(IncidentRole.incident_id == incident.id, IncidentRole.role == "lead")
    for row in tx.session.scalars(held):
        tx.delete(row)
    tx.session.flush()


def note(tx: Transaction, incident: Incident, **noted: Any) -> None:
    """What the event of the action tells to followers."""
    tx.note(
        incident_id=incident.id, number=rules.number_of(incident.number), severity=incident.severity,
        status=incident.status, services=incident.services, **noted,
    )  # fmt: skip


def look(tx: Transaction, incident: Incident) -> None:
    """Has its timeline and its impact looked at as soon as this is done."""
    tx.enqueue(LOOK, key=f"{LOOK}:{incident.id}", incident_id=str(incident.id))
