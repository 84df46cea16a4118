"""Private steps: what an incident has to do with."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.health.alerts.models import Alert
from core.health.errors.models import ErrorGroup
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import as_id
from core.kernel.writes import Transaction
from core.platform.flags.models import Flag
from core.reliability.deployments.models import Deployment
from core.reliability.incidents import rules, timeline
from core.reliability.incidents.models import LINKS, Incident, IncidentLink
from core.reliability.sla.models import SlaViolation
from core.support.tickets import numbers
from core.support.tickets.models import Ticket

Given = tuple[str, str, str]  # kind, target, label
Found = tuple[str, str] | None  # target as it is stored, and what it is called
READS = {
    "alert": "alerts:read", "violation": "sla:read", "error": "errors:read", "ticket": "tickets:read",
    "incident": "incidents:read", "deployment": "deployments:read", "flag": "flags:read",
}  # fmt: skip


def point(tx: Transaction, incident: Incident, kind: str, target: str, label: str = "") -> IncidentLink | None:
    """Links the incident; returns the link, or None when it was linked already. Raises Invalid, Denied."""
    rules.one_of("kind", kind, LINKS)
    require(tx.actor, READS[kind])
    found = _FIND[kind](tx, rules.storable(target).strip())
    if found is None or (kind == "incident" and found[0] == str(incident.id)):
        sentence = f"There is no such {kind} that you may see. Copy its id from its page."
        raise Invalid(sentence, {"target": sentence})
    made = put(tx, incident, kind, found[0], rules.storable(label).strip()[:300] or found[1])
    if made is not None and kind == "incident":
        put(tx, tx.get(Incident, UUID(found[0])), kind, str(incident.id), _named(incident))
    return made


def put(tx: Transaction, incident: Incident, kind: str, target: str, label: str) -> IncidentLink | None:
    """Adds a link that is known to be right; None when there is one already."""
    if tx.session.scalar(select(IncidentLink.id).where(*_same(incident.id, kind, target))) is not None:
        return None
    link = tx.add(IncidentLink(
        incident_id=incident.id, kind=kind, target=target, label=label, created_by_name=tx.actor.name, created_at=tx.now
    ))  # fmt: skip
    tx.session.flush()
    timeline.add(tx, incident, "link", f"Linked {kind}: {label}", link=kind, target=target)
    return link


def take(tx: Transaction, link_id: UUID) -> IncidentLink:
    """Takes the link away, and the other incident's that answers it. Raises NotFound."""
    link = tx.get(IncidentLink, link_id)
    other = as_id(link.target) if link.kind == "incident" else None
    answers = _same(other, "incident", str(link.incident_id)) if other else ()
    back = tx.session.scalars(select(IncidentLink).where(*answers)).first() if answers else None
    for one in (link, back):
        if one is not None:
            remove(tx, one)
    return link


def remove(tx: Transaction, link: IncidentLink) -> None:
    incident = tx.get(Incident, link.incident_id)
    timeline.add(
        tx, incident, "link", f"No longer linked {link.kind}: {link.label}", link=link.kind, target=link.target
    )
    tx.delete(link)


def _same(incident_id: UUID, kind: str, target: str) -> tuple[Any, ...]:
    return IncidentLink.incident_id == incident_id, IncidentLink.kind == kind, IncidentLink.target == target


def _named(incident: Incident) -> str:
    return f"{rules.number_of(incident.number)} {incident.title}"


def _by_id(tx: Transaction, model: Any, label: Any, target: str) -> Found:
    key = as_id(target)
    name = tx.session.scalar(select(label).where(model.id == key)) if key else None
    return (str(key), str(name)) if name is not None else None


def _ticket(tx: Transaction, target: str) -> Found:
    key, number = as_id(target), numbers.parsed(target)
    condition = Ticket.id == key if key else Ticket.number == number
    found = tx.session.scalars(select(Ticket).where(condition)).first() if key or number is not None else None
    # The subject is the customer's, whom not everybody sees who sees the incident.
    return (str(found.id), numbers.number_of(found)) if found else None


def _incident(tx: Transaction, target: str) -> Found:
    key, number = as_id(target), rules.parsed_number(target)
    condition = Incident.id == key if key else Incident.number == number
    found = tx.session.scalars(select(Incident).where(condition)).first() if key or number is not None else None
    return (str(found.id), _named(found)) if found else None


def _error(tx: Transaction, target: str) -> Found:
    name = tx.session.scalar(select(ErrorGroup.type).where(ErrorGroup.fingerprint == target))
    return (target, str(name)) if name is not None else None


def _flag(tx: Transaction, target: str) -> Found:
    name = tx.session.scalar(select(Flag.name).where(Flag.key == target))
    return (target, str(name)) if name is not None else None


_FIND: dict[str, Callable[[Transaction, str], Found]] = {
    "alert": lambda tx, target: _by_id(tx, Alert, Alert.summary, target),
    "violation": lambda tx, target: _by_id(tx, SlaViolation, SlaViolation.metric, target),
    "deployment": lambda tx, target: _by_id(tx, Deployment, Deployment.service + " " + Deployment.release, target),
    "error": _error, "ticket": _ticket, "incident": _incident, "flag": _flag,
}  # fmt: skip
