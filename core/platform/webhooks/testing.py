"""Calls an endpoint with a sample, by hand: the same checks, signature and limits as a delivery, at once and only once."""

import asyncio
from uuid import UUID

from sqlalchemy import insert, select

from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.models import uuid7
from core.kernel.outbound import Outbound, require_callable
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.webhooks import messages
from core.platform.webhooks.catalogue import PING, EventType, catalogue, ping
from core.platform.webhooks.models import Webhook, WebhookAttempt
from core.platform.webhooks.sending import Attempt, Endpoint, Message, send


def sample_of(event_type: str, *, with_iris: bool = False, tenant_id: UUID | None = None) -> str:
    """The body that a test of this kind sends. Raises Invalid for a kind that is not in the catalogue."""
    return messages.sample(_kind(event_type), at=utc_now(), with_iris=with_iris, tenant_id=tenant_id)


def _kind(event_type: str) -> EventType:
    kind = ping() if event_type == PING else catalogue().get(event_type)
    if kind is None:
        raise Invalid(f"“{event_type}” is not in the catalogue of events. Choose one of the list.")
    return kind


def test(actor: Actor, webhook_id: UUID, *, event_type: str = PING, body: str | None = None) -> Attempt:
    """Sends one sample and keeps the attempt among the endpoint's tests; a disabled endpoint can be tested, too.

    `body` replaces the sample. Raises Denied, NotFound, and Invalid for a URL that must not be called.
    """
    require(actor, "webhooks:update")
    with read(actor) as rx:
        webhook = rx.session.scalars(select(Webhook).where(Webhook.id == webhook_id)).first()
    if webhook is None:
        raise NotFound("This webhook does not exist, or is not among those you may see.")
    require_callable(webhook.url)
    text = body or sample_of(event_type, with_iris=webhook.sends_iris_headers, tenant_id=webhook.tenant_id)
    message = Message(messages.message_id(uuid7()), event_type, text)
    attempt = asyncio.run(_send_once(endpoint_of(webhook), message))
    _keep(actor, webhook, message, attempt)
    return attempt


def endpoint_of(webhook: Webhook) -> Endpoint:
    """How the webhook is called now; the previous secret counts until its time is over."""
    expires = webhook.previous_expires_at
    both = webhook.previous_secret is not None and expires is not None and expires > utc_now()
    secrets = [webhook.secret, str(webhook.previous_secret)] if both else [webhook.secret]
    return Endpoint(webhook.url, secrets, webhook.sends_iris_headers, webhook.timeout_s)


async def _send_once(endpoint: Endpoint, message: Message) -> Attempt:
    outbound = Outbound()
    try:
        return await send(outbound, endpoint, message)
    finally:
        await outbound.close()


def _keep(actor: Actor, webhook: Webhook, message: Message, attempt: Attempt) -> None:
    row = {
        "at": attempt.at, "webhook_id": webhook.id, "tenant_id": webhook.tenant_id, "event_type": message.event_type,
        "number": 1, "url": webhook.url, "request_headers": dict(attempt.request_headers), "request_body": message.body,
        "is_success": attempt.is_success, "status": attempt.status,
        "response_headers": dict(attempt.response_headers) if attempt.response_headers else None,
        "response_body": attempt.response_body, "duration_ms": attempt.duration_ms, "error": attempt.error,
        "sent_by": actor.name,
    }  # fmt: skip
    with record(actor) as tx:
        retention.make_ready(tx, "webhook_attempt", "day", attempt.at, attempt.at)
        tx.execute(insert(WebhookAttempt), row)
