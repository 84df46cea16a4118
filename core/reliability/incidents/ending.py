"""How an incident ends, and begins again."""

from datetime import datetime
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.writes import write
from core.reliability.incidents import changes, rules, timeline
from core.reliability.incidents.models import Incident


def resolve(
    actor: Actor, incident_id: UUID, *, resolution: str, root_cause: str = "", at: datetime | None = None,
    version: int | None = None, once: str | None = None,
) -> Incident:  # fmt: skip
    """Ends a live incident; `at` is when it stopped hurting, now unless given. A root cause that is known already stays
    where none is given. Raises Invalid, NotFound, Conflict, AlreadyDone."""
    with write(actor, "incidents.resolve", once=once) as tx:
        how = rules.clean_text(resolution, field="resolution", name="resolution")
        why = rules.clean_text(root_cause, field="root_cause", name="root cause", is_needed=False)
        incident = tx.lock(Incident, incident_id, version=version)
        rules.require_live(incident.status)
        changes.acknowledge(tx, incident)
        before, incident.status = incident.status, "resolved"
        incident.resolved_at = rules.clean_resolved(at, started_at=incident.started_at, now=tx.now)
        incident.resolution, incident.root_cause = how, why or incident.root_cause
        incident.next_update_at = None
        timeline.add(tx, incident, "status", f"Resolved: {how}", at=at, is_key=True, before=before, after="resolved")
        changes.note(tx, incident, before=before)
        changes.look(tx, incident)
    return incident


def close(actor: Actor, incident_id: UUID, *, version: int | None = None) -> Incident:
    """Ends the work on a resolved incident. Raises Invalid, NotFound, Conflict."""
    with write(actor, "incidents.close") as tx:
        incident = tx.lock(Incident, incident_id, version=version)
        rules.require_resolved(incident.status)
        incident.status, incident.closed_at = "closed", tx.now
        timeline.add(tx, incident, "status", f"Closed by {actor.name}", before="resolved", after="closed")
        changes.note(tx, incident, before="resolved")
    return incident


def reopen(actor: Actor, incident_id: UUID, *, reason: str, version: int | None = None) -> Incident:
    """Takes a resolved or closed incident up again. Raises Invalid for one that was merged, NotFound, Conflict."""
    with write(actor, "incidents.reopen", reason=reason) as tx:
        why = rules.clean_text(reason, field="reason", name="reason")
        incident = tx.lock(Incident, incident_id, version=version)
        rules.require_unmerged(incident.merged_into_id)
        rules.require_over(incident.status)
        before, incident.status = incident.status, "investigating"
        incident.resolved_at = incident.closed_at = incident.archived_at = None
        incident.reopen_count += 1
        timeline.add(
            tx, incident, "reopened", f"Reopened by {actor.name}: {why}", is_key=True, before=before,
            after="investigating",
        )  # fmt: skip
        changes.note(tx, incident, before=before)
        changes.look(tx, incident)
    return incident
