"""What can be done with one incident. Each action leaves a line in the timeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.reliability.incidents import changes, linking, people, rules, timeline
from core.reliability.incidents.ending import close, reopen, resolve
from core.reliability.incidents.models import Incident, IncidentEvent
from core.reliability.incidents.staffing import assign_role, remove_role

__all__ = [
    "acknowledge", "assign_role", "close", "declare", "link", "mark_key", "note", "remove_role", "reopen", "resolve",
    "set_severity", "set_status", "unlink", "update",
]  # fmt: skip


def declare(  # noqa: PLR0913  (an incident says as much)
    actor: Actor, *, title: str, severity: str, description: str = "", kind: str = "outage",
    services: Sequence[str] = (), started_at: datetime | None = None, source: str = "manual",
    links: Sequence[linking.Given] = (), lead_id: UUID | None = None, public_title: str = "",
    reported: Mapping[str, Any] | None = None, once: str | None = None,
) -> Incident:  # fmt: skip
    """Opens an incident with the next number; `links` are (kind, target, label), `reported` what a machine told with it. Its
    timeline and its impact are looked for at once. Raises one Invalid naming every bad field, Denied, AlreadyDone."""
    with write(actor, "incidents.declare", once=once) as tx:
        values = rules.clean({
            "title": title, "severity": severity, "description": description, "kind": kind, "services": services,
            "started_at": started_at, "source": source, "public_title": public_title,
        }, now=tx.now)  # fmt: skip
        lead = people.require_assignable(lead_id, field="lead_id") if lead_id else None
        incident = _open(tx, values, reported)
        if lead_id and lead:
            changes.give_role(tx, incident, "lead", lead_id, lead)
        linked = [linking.point(tx, incident, *one) for one in links]
        tickets = [one.target for one in linked if one is not None and one.kind == "ticket"]
        changes.note(tx, incident, title=incident.title, tickets=tickets)
        changes.look(tx, incident)
    return incident


def _open(tx: Transaction, values: dict[str, Any], reported: Mapping[str, Any] | None) -> Incident:
    actor = tx.actor
    incident = tx.add(Incident(
        **values, declared_at=tx.now, reported_by=actor.operator_id, reported_by_name=actor.name,
        status="investigating", created_at=tx.now,
    ))  # fmt: skip
    tx.session.flush()
    told = f"{incident.severity.upper()} declared by {actor.name}"
    timeline.add(tx, incident, "declared", told, is_key=True, source="incident", source_id=str(incident.id))
    if reported:
        timeline.add(tx, incident, "note", f"Reported by {actor.name}: {', '.join(reported)}", **reported)
    return incident


def acknowledge(actor: Actor, incident_id: UUID, *, once: str | None = None) -> Incident:
    """Says that somebody took it; nothing happens when somebody had before. Raises Invalid, NotFound, AlreadyDone."""
    with write(actor, "incidents.acknowledge", once=once) as tx:
        incident = tx.lock(Incident, incident_id)
        rules.require_live(incident.status)
        if changes.acknowledge(tx, incident):
            changes.note(tx, incident)
    return incident


def set_status(actor: Actor, incident_id: UUID, *, status: str, note: str = "", version: int | None = None) -> Incident:
    """Moves a live incident to investigating, identified or monitoring; resolving and closing are acts of their own.

    Raises Invalid, NotFound, Conflict."""
    with write(actor, "incidents.set_status") as tx:
        wanted = rules.require_status(status)
        text = rules.clean_text(note, field="note", name="note", is_needed=False)
        incident = tx.lock(Incident, incident_id, version=version)
        before = incident.status
        changes.move(tx, incident, wanted, note=text)
        changes.note(tx, incident, before=before)
    return incident


def set_severity(
    actor: Actor, incident_id: UUID, *, severity: str, note: str = "", version: int | None = None
) -> Incident:
    """Raises Invalid, NotFound, Conflict."""
    with write(actor, "incidents.set_severity") as tx:
        wanted = rules.one_of("severity", severity, rules.SEVERITIES)
        text = rules.clean_text(note, field="note", name="note", is_needed=False)
        incident = tx.lock(Incident, incident_id, version=version)
        rules.require_unmerged(incident.merged_into_id)
        before = incident.severity
        if changes.set_severity(tx, incident, wanted, why=text):
            changes.note(tx, incident, before=before)
    return incident


def update(actor: Actor, incident_id: UUID, *, version: int, **values: Any) -> Incident:
    """Changes rules.EDITABLE. Raises Invalid naming every bad field, NotFound, Conflict."""
    with write(actor, "incidents.update") as tx:
        cleaned = rules.clean_edit(values, now=tx.now)
        incident = tx.lock(Incident, incident_id, version=version)
        started_at = cleaned.get("started_at", incident.started_at)
        if incident.resolved_at is not None and started_at > incident.resolved_at:
            sentence = "The start lies after the end of the incident. Give an earlier time."
            raise Invalid(sentence, {"started_at": sentence})
        changed = changes.set_values(tx, incident, cleaned)
        changes.note(tx, incident, columns=changed)
        if {"started_at", "services"} & set(changed):
            changes.look(tx, incident)
    return incident


def note(
    actor: Actor, incident_id: UUID, *, text: str, at: datetime | None = None, is_key: bool = False,
    detail: dict[str, Any] | None = None,
) -> IncidentEvent:  # fmt: skip
    """Writes a line into the timeline, also afterwards (`at`). Raises Invalid, NotFound."""
    with write(actor, "incidents.note") as tx:
        told = rules.clean_text(text, field="text", name="note")
        incident = tx.get(Incident, incident_id)
        moment = rules.clean_started(at, now=tx.now) if at else None
        event = timeline.add(tx, incident, "note", told, at=moment, is_key=is_key, **(detail or {}))
        changes.note(tx, incident)
    return event


def mark_key(actor: Actor, event_id: UUID, *, is_key: bool) -> IncidentEvent:
    """Says whether a line of the timeline belongs into the post-mortem. Raises NotFound."""
    with write(actor, "incidents.mark_key") as tx:
        event = tx.lock(IncidentEvent, event_id)
        event.is_key = is_key
        tx.note(incident_id=event.incident_id)
    return event


def link(actor: Actor, incident_id: UUID, *, kind: str, target: str, label: str = "") -> bool:
    """Links an incident to an alert, a violation, an error (by fingerprint), a ticket or another incident (by id or number),
    a deployment or a flag (by key). Returns whether it was not linked yet. Raises Invalid for what does not exist or is not
    in sight, Denied, NotFound."""
    with write(actor, "incidents.link") as tx:
        incident = tx.lock(Incident, incident_id)
        made = linking.point(tx, incident, kind, target, label)
        if made is not None:
            changes.note(tx, incident, kind=kind, target=made.target, is_linked=True)
    return made is not None


def unlink(actor: Actor, link_id: UUID) -> None:
    """Takes a link away, between incidents from both. Raises NotFound."""
    with write(actor, "incidents.unlink") as tx:
        gone = linking.take(tx, link_id)
        incident = tx.get(Incident, gone.incident_id)
        changes.note(tx, incident, kind=gone.kind, target=gone.target, is_linked=False)
