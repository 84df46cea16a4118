"""What can be done with one message about an incident: write it, have it approved, send it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.writes import Transaction, write
from core.reliability.communication import audience as audiences
from core.reliability.communication import facts, placeholders, rules, steps
from core.reliability.communication.models import IncidentMessage
from core.reliability.incidents import timeline
from core.reliability.incidents.models import Incident

DRAFT, OPEN = ("draft",), ("draft", "waiting", "approved")


def compose(  # noqa: PLR0913  (a message says as much)
    actor: Actor, incident_id: UUID, *, channel: str, body: str, audience: str | None = None, subject: str = "",
    tenant_ids: Sequence[UUID] = (), channel_ids: Sequence[UUID] = (), incident_status: str | None = None,
    components: Mapping[str, str] | None = None, next_update_minutes: int | None = None, is_draft: bool = False,
    once: str | None = None,
) -> IncidentMessage:  # fmt: skip
    """Writes a message with its placeholders filled; nothing is sent yet. What needs approval waits for it, unless it is a
    draft. Raises one Invalid naming every bad field, Denied, NotFound, AlreadyDone."""
    reached = rules.audience_of(channel, audience)
    known = facts.of(actor, incident_id, status=incident_status, is_public=reached != "internal")
    with write(actor, "incident_messages.compose", once=once) as tx:
        incident = tx.get(Incident, incident_id)
        steps.require_tellable(incident)
        values = rules.clean({
            "subject": placeholders.fill(subject, known), "body": placeholders.fill(body, known), "tenant_ids": tenant_ids,
            "channel_ids": channel_ids, "incident_status": incident_status or incident.status, "components": components,
            "next_update_minutes": next_update_minutes,
        })  # fmt: skip
        message = IncidentMessage(
            id=uuid7(), incident_id=incident_id, channel=channel, audience=reached, status="draft", written_by=actor.operator_id,
            written_by_name=actor.name, author_ids=_with(actor, ()), created_at=tx.now, **values,
        )  # fmt: skip
        steps.require_sendable(tx, message)
        if not is_draft and rules.needs_approval(incident.severity, reached):
            _ask(tx, incident, message)
        steps.note(tx, tx.add(message))
    return message


def _with(actor: Actor, ids: Sequence[UUID]) -> list[UUID]:
    return list(dict.fromkeys([*ids, *([actor.operator_id] if actor.operator_id else [])]))


def _ask(tx: Transaction, incident: Incident, message: IncidentMessage) -> None:
    message.status = "waiting"
    timeline.add(tx, incident, "message", f"{steps.named(message)} waits for approval", message_id=str(message.id))


def update(actor: Actor, message_id: UUID, *, version: int, **values: Any) -> IncidentMessage:
    """Changes what is not sent yet; an approval that was given counts no more. Raises Invalid, NotFound, Conflict."""
    with write(actor, "incident_messages.update") as tx:
        message = tx.lock(IncidentMessage, message_id, version=version)
        rules.require_status(message, OPEN, "changed")
        incident = tx.get(Incident, message.incident_id)
        for field, value in rules.clean(rules.editable(values)).items():
            setattr(message, field, value)
        message.author_ids = _with(actor, message.author_ids)
        steps.require_sendable(tx, message)
        if message.status == "approved":
            steps.forget_approval(message)
            _ask(tx, incident, message)
        steps.note(tx, message)
    return message


def submit(actor: Actor, message_id: UUID, *, version: int | None = None) -> IncidentMessage:
    """Asks for approval; what needs none is approved at once. Raises Invalid, NotFound, Conflict."""
    with write(actor, "incident_messages.submit") as tx:
        message = tx.lock(IncidentMessage, message_id, version=version)
        rules.require_status(message, DRAFT, "submitted")
        incident = tx.get(Incident, message.incident_id)
        if rules.needs_approval(incident.severity, message.audience):
            _ask(tx, incident, message)
        else:
            message.status = "approved"
        steps.note(tx, message)
    return message


def approve(actor: Actor, message_id: UUID, *, version: int, and_send: bool = False) -> IncidentMessage:
    """Agrees to a message as it stood at `version`: somebody else than who wrote on it. Raises Invalid, NotFound,
    Conflict."""
    tenants = audiences.hit_for(actor, message_id)
    with write(actor, "incident_messages.approve") as tx:
        message = tx.lock(IncidentMessage, message_id, version=version)
        rules.require_status(message, ("waiting",), "approved")
        rules.require_other(message.author_ids, actor.operator_id)
        incident = tx.lock(Incident, message.incident_id)
        message.status, message.approved_at = "approved", tx.now
        message.approved_by, message.approved_by_name = actor.operator_id, actor.name
        timeline.add(tx, incident, "message", f"{steps.named(message)} approved", message_id=str(message.id))
        if and_send:
            steps.send(tx, incident, message, tenants)
        steps.note(tx, message, is_sent=and_send)
    return message


def reject(actor: Actor, message_id: UUID, *, reason: str, version: int | None = None) -> IncidentMessage:
    """Gives a message back to who wrote it, and says why. Raises Invalid, NotFound, Conflict."""
    with write(actor, "incident_messages.reject", reason=reason) as tx:
        why = rules.clean_text(reason, field="reason", name="reason")
        message = tx.lock(IncidentMessage, message_id, version=version)
        rules.require_status(message, ("waiting", "approved"), "given back")
        message.status = "draft"
        steps.forget_approval(message)
        incident = tx.get(Incident, message.incident_id)
        told = f"{steps.named(message)} given back: {why}"
        timeline.add(tx, incident, "message", told, message_id=str(message.id))
        steps.note(tx, message)
    return message


def send(actor: Actor, message_id: UUID, *, version: int | None = None) -> IncidentMessage:
    """Sends a message that was approved, or needs no approval: its recipients are written to by a job.

    Raises Invalid for one that still needs approval, NotFound, Conflict."""
    tenants = audiences.hit_for(actor, message_id)
    with write(actor, "incident_messages.send") as tx:
        message = tx.lock(IncidentMessage, message_id, version=version)
        rules.require_status(message, OPEN, "sent")
        incident = tx.lock(Incident, message.incident_id)
        steps.send(tx, incident, message, tenants)
        steps.note(tx, message)
    return message


def cancel(actor: Actor, message_id: UUID, *, reason: str = "", version: int | None = None) -> IncidentMessage:
    """Puts a message away that was not sent. Raises Invalid, NotFound, Conflict."""
    with write(actor, "incident_messages.cancel", reason=reason or None) as tx:
        message = tx.lock(IncidentMessage, message_id, version=version)
        rules.require_status(message, OPEN, "cancelled")
        was_asked = message.status != "draft"
        message.status = "cancelled"
        if was_asked:
            incident = tx.get(Incident, message.incident_id)
            timeline.add(tx, incident, "message", f"{steps.named(message)} cancelled", message_id=str(message.id))
        steps.note(tx, message)
    return message
