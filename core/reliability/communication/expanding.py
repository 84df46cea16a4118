"""The recipients of a message, each as a delivery that waits: once per message and recipient."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on, insert

from core.customers.tenants.models import Tenant
from core.health.channels.models import AlertChannel
from core.kernel.actor import Actor
from core.kernel.reads import AnySelect
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.reliability.communication import audience
from core.reliability.communication.models import IncidentMessage, MessageDelivery

PAGE = "Status page"
NOBODY = "nobody at "  # a tenant without anybody to write to is told as such
_COLUMNS = ("id", "message_id", "tenant_id", "channel_id", "recipient", "at", "outcome", "finished_at")


def expand(actor: Actor, message_id: UUID) -> int:
    """Makes the deliveries of a sent message; returns how many are new. Run again, it adds nothing."""
    with record(actor) as tx:
        message = tx.session.get(IncidentMessage, message_id)
        if message is None or message.status != "sent" or _is_expanded(tx, message_id):
            return 0
        rows = _recipients(message, utc_now())
        made = insert(MessageDelivery).from_select(_COLUMNS, rows)
        made = made.on_conflict_do_nothing(index_elements=["message_id", "recipient"])
        return len(tx.execute(made.returning(MessageDelivery.id)).all())


def _is_expanded(tx: Recording, message_id: UUID) -> bool:
    known = select(MessageDelivery.id).where(MessageDelivery.message_id == message_id).limit(1)
    return tx.session.scalar(known) is not None


def _row(message: IncidentMessage, now: datetime, recipient: Any, **known: Any) -> AnySelect:
    """The columns of a delivery, in the order of _COLUMNS."""
    outcome = known.get("outcome", "queued")
    finished = literal(now) if outcome != "queued" else cast(null(), MessageDelivery.at.type)
    return select(
        func.gen_random_uuid().label("id"), literal(message.id).label("message_id"),
        known.get("tenant_id", cast(null(), Uuid)).label("tenant_id"),
        known.get("channel_id", cast(null(), Uuid)).label("channel_id"), cast(recipient, Text).label("recipient"),
        literal(now).label("at"), cast(literal(outcome), Text).label("outcome"), finished.label("finished_at"),
    )  # fmt: skip


def _recipients(message: IncidentMessage, now: datetime) -> Any:
    if message.channel == "status_page":
        return _row(message, now, literal(PAGE), outcome="sent")
    if message.channel == "slack":
        chosen = AlertChannel.id.in_(message.channel_ids)
        return _row(message, now, AlertChannel.name, channel_id=AlertChannel.id).where(chosen)
    if message.audience == "internal":
        found = audience.colleagues(message.incident_id).subquery()
        return _row(message, now, found.c.recipient).select_from(found)
    return _of_tenants(message, now)


def _of_tenants(message: IncidentMessage, now: datetime) -> Any:
    """Their administrators; a tenant without any is a line of its own. What is hit was settled when it was sent."""
    wanted = "tenants" if message.audience == "affected" else message.audience
    condition = audience.chosen(message.incident_id, wanted, message.tenant_ids)
    found = audience.people(condition).subquery()
    written = _row(message, now, found.c.recipient, tenant_id=found.c.tenant_id).select_from(found)
    # One mail for each address: one who runs several tenants gets it once.
    once = written.ext(distinct_on(found.c.recipient)).order_by(found.c.recipient, found.c.tenant_id).subquery()
    is_written = select(found.c.tenant_id).where(found.c.tenant_id == Tenant.id).exists()
    name = literal(NOBODY) + Tenant.name + literal(" (") + Tenant.domain + literal(")")
    silent = _row(message, now, name, tenant_id=Tenant.id, outcome="no recipient").where(condition, ~is_written)
    return union_all(select(once), silent)
