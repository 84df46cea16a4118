"""Private steps: what becomes of a message within an action."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.kernel.errors import Invalid
from core.kernel.reads import read
from core.kernel.writes import Transaction
from core.reliability.communication import audience, placeholders, rules
from core.reliability.communication.models import IncidentMessage
from core.reliability.incidents import timeline
from core.reliability.incidents.models import LIVE, Incident
from core.reliability.status_page.models import StatusComponent

DELIVER = "incident_messages.deliver"
_NAMES = {"status_page": "The word on the status page", "mail": "The mail", "slack": "The message to channels"}
_TOLD = {"status_page": "Told on the status page", "mail": "Mailed", "slack": "Told in channels"}
TO = {
    "affected": "to the customers that are hit", "all": "to all customers", "tenants": "to chosen customers",
    "internal": "to colleagues", "public": "in public",
}  # fmt: skip
SHORT = 300


def named(message: IncidentMessage) -> str:
    """Such as `The mail to the customers that are hit`."""
    to = "" if message.channel == "status_page" else f" {TO[message.audience]}"
    return f"{_NAMES[message.channel]}{to}"


def note(tx: Transaction, message: IncidentMessage, **noted: Any) -> None:
    """What the event of the action tells to followers."""
    tx.note(
        incident_id=message.incident_id, message_id=message.id, channel=message.channel, audience=message.audience,
        status=message.status, **noted,
    )  # fmt: skip


def require_tellable(incident: Incident) -> None:
    """Raises Invalid for an incident about which nothing is told any more."""
    if incident.merged_into_id is not None:
        raise Invalid("This incident was merged into another one. Tell of that one.")


def require_sendable(tx: Transaction, message: IncidentMessage) -> None:
    """That the message is whole, and what it names exists. Raises Invalid."""
    rules.require_whole(message)
    _require_components(tx, message)
    if message.channel_ids:
        with read(audience.sender(tx.actor)) as rx:
            known = audience.named(rx)
        _require_known("channel_ids", message.channel_ids, known)


def _require_components(tx: Transaction, message: IncidentMessage) -> None:
    if not message.components:
        return
    component = StatusComponent
    wanted = select(func.count()).where(component.id.in_([UUID(one) for one in message.components]))
    if tx.session.scalar(wanted.where(component.archived_at.is_(None))) != len(message.components):
        sentence = "One of the components is not on the status page any more. Choose again."
        raise Invalid(sentence, {"components": sentence})


def _require_known(field: str, given: Sequence[UUID], known: dict[UUID, str]) -> None:
    if any(one not in known for one in given):
        sentence = "One of the channels is disabled or gone. Choose again."
        raise Invalid(sentence, {field: sentence})


def forget_approval(message: IncidentMessage) -> None:
    message.approved_at = message.approved_by = message.approved_by_name = None


def send(tx: Transaction, incident: Incident, message: IncidentMessage, tenants: Sequence[UUID]) -> None:
    """Marks the message as sent, with the words of this moment in it, and queues its deliveries. Raises Invalid."""
    require_tellable(incident)
    require_sendable(tx, message)
    if rules.needs_approval(incident.severity, message.audience) and message.approved_at is None:
        raise Invalid("This is a SEV1: somebody else has to approve the message before it is sent.")
    if message.audience == "affected":
        message.tenant_ids = list(tenants)
    due = rules.next_update(message, now=tx.now)
    words = {"sent.at": placeholders.moment(tx.now)} | ({"next_update.at": placeholders.moment(due)} if due else {})
    message.subject, message.body = (placeholders.fill(text, words) for text in (message.subject, message.body))
    message.status, message.sent_at = "sent", tx.now
    if message.audience != "internal":
        incident.next_update_at = due if incident.status in LIVE else None
    if message.channel == "status_page":
        incident.is_public, incident.public_title = True, message.subject or incident.public_title
    timeline.add(
        tx, incident, "message", _told(message), source="incident_message", source_id=str(message.id), is_key=True,
        channel=message.channel, audience=message.audience,
    )  # fmt: skip
    tx.enqueue(DELIVER, priority=10, message_id=str(message.id))


def _told(message: IncidentMessage) -> str:
    to = "" if message.channel == "status_page" else f" {TO[message.audience]}"
    body = message.body if len(message.body) <= SHORT else f"{message.body[:SHORT]}…"
    return f"{_TOLD[message.channel]}{to}: {body}"
