"""The test button: a real message, at once, and what became of it."""

from uuid import UUID

from sqlalchemy import insert

from core.health.channels.models import AlertChannel, AlertNotification
from core.health.channels.sending import Message, Sent, send
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.settings import settings
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.kernel.writes import write


def test(actor: Actor, channel_id: UUID) -> Sent:
    """Sends a test message and keeps it in the delivery log; a disabled channel can be tested, too.

    Raises Denied, NotFound; what the service or the network does is in the answer.
    """
    with write(actor, "alert_channels.test") as tx:
        channel = tx.get(AlertChannel, channel_id)
        tx.saw(channel)
    begun, message = utc_now(), _message(actor, channel.name)
    sent = send(channel.url, message)
    _keep(actor, channel, message, sent, begun)
    return sent


def _message(actor: Actor, channel: str) -> Message:
    where = settings().public_url
    body = f"{actor.name} tests the channel “{channel}” of Quarterdeck. If you read this, alerts reach you here."
    link = f"\n{where}/alerts?tab=Channels" if where else ""
    return Message(f"Test of the alert channel {channel}", body + link, "info", str(uuid7()))


def _keep(actor: Actor, channel: AlertChannel, message: Message, sent: Sent, begun: object) -> None:
    row = {
        "created_at": begun, "channel_id": channel.id, "channel": channel.name, "reason": "test", "attempts": 1,
        "status": "sent" if sent.is_success else "failed", "error": sent.error, "message_id": UUID(message.id),
        "next_attempt_at": begun, "duration_ms": sent.duration_ms, "finished_at": utc_now(),
    }  # fmt: skip
    with record(actor) as tx:
        tx.execute(insert(AlertNotification), row)
