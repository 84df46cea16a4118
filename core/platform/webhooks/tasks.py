"""What runs for webhooks besides deliveries: fan-out (imported), a mail when the portal disables one, clean-up."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from core.access.operators.models import Operator
from core.kernel import mail, retention
from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.logs import get_logger
from core.kernel.reads import AnySelect, read
from core.kernel.settings import settings
from core.kernel.tasks import every, task
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.webhooks import actions, fanning_out
from core.platform.webhooks.models import Webhook, WebhookDelivery, WebhookLane

__all__ = ["fanning_out"]

KEPT = timedelta(days=30)
AT_ONCE = 5_000
retention.keep("webhook_attempt", "day", KEPT.days)
log = get_logger()


@subscriber("webhooks.disable_gone", "webhooks.disable_failing", name="webhooks.warn")
def warn(actor: Actor, event: Event) -> None:
    """Queues a mail to whoever made the webhook."""
    for webhook_id in event.payload["entity_ids"]:
        actions.queue_warning(actor, UUID(webhook_id), event_id=event.id)


@task("webhooks.warn_owner", retry=5)
def warn_owner(actor: Actor, *, webhook_id: str) -> None:
    """Mails the operator who made a webhook that it was disabled. Raises Unavailable, so that the job is tried again."""
    columns = (Webhook.name, Webhook.url, Webhook.disabled_reason, Operator.email)
    owned = select(*columns).join(Operator, Operator.id == Webhook.created_by).where(Webhook.id == UUID(webhook_id))
    with read(actor) as rx:
        found = rx.one(owned.where(Webhook.disabled_at.is_not(None), Operator.disabled_at.is_(None)))
    if found is None or settings().smtp_url is None:
        log.warning("nobody was told by mail that a webhook was disabled", webhook_id=webhook_id)
        return
    body = (
        f"The webhook {found.name} ({found.url}) was disabled: {found.disabled_reason}\n\nWhat waits for it is kept. Repair the "
        f"endpoint, then test and enable it: {settings().public_url or ''}/webhooks?webhook={webhook_id}\n"
    )
    mail.send([found.email], f"Webhook {found.name} was disabled", body, message_id=f"{webhook_id}@quarterdeck")


@every("webhooks.clean_up", cron="35 1 * * *")
def clean_up(actor: Actor) -> None:
    """Drops finished deliveries after 30 days, and what is left of webhooks that were removed."""
    before = utc_now() - KEPT
    old = select(WebhookDelivery.id).where(WebhookDelivery.created_at < before, WebhookDelivery.status != "waiting")
    while _drop(actor, old):
        pass
    with record(actor) as tx:
        tx.execute(delete(WebhookLane).where(WebhookLane.webhook_id.not_in(select(Webhook.id))))


def _drop(actor: Actor, chosen: AnySelect) -> bool:
    """Whether there may be more."""
    with record(actor) as tx:
        gone = delete(WebhookDelivery).where(WebhookDelivery.id.in_(chosen.limit(AT_ONCE)))
        return len(tx.execute(gone.returning(WebhookDelivery.id)).all()) == AT_ONCE
