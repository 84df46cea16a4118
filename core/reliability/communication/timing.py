"""When the next word about an incident is due."""

from datetime import timedelta
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.writes import write
from core.reliability.communication import rules
from core.reliability.incidents import timeline
from core.reliability.incidents.models import Incident
from core.reliability.incidents.rules import require_live


def set_timer(actor: Actor, incident_id: UUID, *, minutes: int | None, version: int | None = None) -> Incident:
    """Says in how many minutes the next word is due, or with None that none is. Raises Invalid, NotFound, Conflict."""
    with write(actor, "incident_messages.set_timer") as tx:
        wanted = rules.clean({"next_update_minutes": minutes})["next_update_minutes"]
        incident = tx.lock(Incident, incident_id, version=version)
        require_live(incident.status)
        incident.next_update_at = None if wanted is None else tx.now + timedelta(minutes=wanted)
        told = "No next update is due" if wanted is None else f"The next update is due in {wanted} min"
        timeline.add(tx, incident, "message", told)
        tx.note(incident_id=incident.id, next_update_at=incident.next_update_at)
    return incident
