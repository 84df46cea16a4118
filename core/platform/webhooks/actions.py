"""What can be done with a webhook and its deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, update

from core.customers.tenants.queries import require_bindable
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid
from core.kernel.outbound import require_callable
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.webhooks import rules, signatures
from core.platform.webhooks.models import Webhook, WebhookDelivery

OVERLAP = timedelta(hours=24)
MOST_REPLAYED = 10_000


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook with its secret in plain text, which a receiver needs."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True)
class Window:
    """Deliveries of one webhook that were created from `since` until `until`, all of them or only those that failed."""

    webhook_id: UUID
    since: datetime
    until: datetime
    only_failed: bool = True

    def condition(self) -> ColumnElement[bool]:
        """What a replay of the window touches: never what waits anyway."""
        chosen = ("failed",) if self.only_failed else ("failed", "delivered", "cancelled")
        table = WebhookDelivery
        return and_(
            table.webhook_id == self.webhook_id, table.created_at >= self.since, table.created_at < self.until,
            table.status.in_(chosen),
        )  # fmt: skip


def create(
    actor: Actor, *, tenant_id: UUID | None = None, secret: str | None = None, once: str | None = None, **values: Any
) -> Made:
    """Makes an endpoint that hears from now on; without a secret, one is made. Raises Invalid naming every bad field.

    Values: name, url, events and optionally signing, sends_iris_headers, is_ordered, retry_after_s, timeout_s,
    max_concurrency. Only who sees all tenants makes one of the platform (no tenant).
    """
    clean = rules.clean({"name": "", "url": "", "events": ()} | values)
    clean["url"] = str(require_callable(clean["url"]))
    signing = clean.get("signing", "v1")
    plain = _secret(secret, signing)
    if tenant_id is None and actor.scope != "all":
        raise Denied("Only who sees all tenants may make a webhook of the platform. Choose a tenant.")
    with write(actor, "webhooks.create", once=once) as tx:
        if tenant_id is not None:
            require_bindable(actor, tenant_id)
        made = tx.add(Webhook(**clean, tenant_id=tenant_id, secret=plain, created_by=actor.id))
    return Made(made, plain)


def _secret(given: str | None, signing: str) -> str:
    return signatures.check_secret(given, signing) if given and given.strip() else signatures.new_secret(signing)


def edit(actor: Actor, webhook_id: UUID, *, version: int, **values: Any) -> Webhook:
    """Changes name, url, events or the way of sending; the signature's scheme changes by `rotate`. Raises Invalid, Conflict."""
    if "signing" in values:
        raise Invalid("The kind of signature changes with the secret: rotate it.", {"signing": "Rotate the secret."})
    clean = rules.clean(values)
    if "url" in clean:
        clean["url"] = str(require_callable(clean["url"]))
    with write(actor, "webhooks.update") as tx:
        webhook = tx.lock(Webhook, webhook_id, version=version)
        for field, value in clean.items():
            setattr(webhook, field, value)
    return webhook


def delete(actor: Actor, webhook_id: UUID, *, reason: str, version: int | None = None) -> None:
    """Removes the endpoint; what waits for it is not sent any more. Its attempts stay until their time is over."""
    with write(actor, "webhooks.delete", reason=reason) as tx:
        webhook = tx.lock(Webhook, webhook_id, version=version)
        waiting = update(WebhookDelivery).where(
            WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.status == "waiting"
        )
        cancelled = tx.bulk(waiting.values(status="cancelled", finished_at=tx.now))
        tx.note(name=webhook.name, url=webhook.url, cancelled=cancelled)
        tx.delete(webhook)


def rotate(actor: Actor, webhook_id: UUID, *, signing: str | None = None, secret: str | None = None) -> Made:
    """A new secret; for 24 hours messages carry signatures of both, so that receivers change without a gap."""
    with write(actor, "webhooks.rotate") as tx:
        webhook = tx.lock(Webhook, webhook_id)
        scheme = rules.clean({"signing": signing or webhook.signing})["signing"]
        plain = _secret(secret, scheme)
        webhook.previous_secret, webhook.previous_expires_at = webhook.secret, tx.now + OVERLAP
        webhook.secret, webhook.signing = plain, scheme
    return Made(webhook, plain)


def reveal(actor: Actor, webhook_id: UUID) -> tuple[str, str | None]:
    """Shows the secret, and for v1a the public key that the receiver verifies with; who looked is recorded."""
    with write(actor, "webhooks.reveal") as tx:
        webhook = tx.get(Webhook, webhook_id)
        tx.saw(webhook)
    return webhook.secret, signatures.public_key(webhook.secret)


def disable(actor: Actor, webhook_id: UUID, *, reason: str) -> Webhook:
    """Stops sending; what happens meanwhile is not kept for it, what waits already is. Raises Invalid when it is disabled."""
    with write(actor, "webhooks.disable", reason=reason) as tx:
        webhook = tx.lock(Webhook, webhook_id)
        if webhook.disabled_at is not None:
            raise Invalid("This webhook is disabled already.")
        webhook.disabled_at, webhook.disabled_by, webhook.disabled_reason = tx.now, actor.id, reason.strip()
    return webhook


def enable(actor: Actor, webhook_id: UUID) -> Webhook:
    """Sends again, what waits first: one message tries the endpoint before the others follow. Raises Invalid."""
    with write(actor, "webhooks.enable") as tx:
        webhook = tx.lock(Webhook, webhook_id)
        if webhook.disabled_at is None:
            raise Invalid("This webhook is enabled already.")
        webhook.disabled_at = webhook.disabled_by = webhook.disabled_reason = None
        webhook.enabled_at = tx.now
    return webhook


def disable_gone(actor: Actor, webhook_id: UUID) -> None:
    """Disabled because the endpoint answered 410: it is not there any more, and nobody should call it."""
    with write(actor, "webhooks.disable_gone", reason="The endpoint answered 410 Gone.") as tx:
        _disable_by_itself(tx.lock(Webhook, webhook_id), "It answered 410 Gone.", tx.now)


def disable_failing(actor: Actor, webhook_id: UUID, *, error: str) -> None:
    """Disabled because every attempt failed for five days. Who made it is told."""
    with write(actor, "webhooks.disable_failing", reason="Every attempt failed for five days.") as tx:
        _disable_by_itself(tx.lock(Webhook, webhook_id), f"Every attempt failed for five days. Last: {error}", tx.now)


def _disable_by_itself(webhook: Webhook, reason: str, now: datetime) -> None:
    if webhook.disabled_at is None:
        webhook.disabled_at, webhook.disabled_by, webhook.disabled_reason = now, None, reason[:500]


def _again(actor: Actor) -> dict[str, Any]:
    return {
        "status": "waiting", "attempts": 0, "next_attempt_at": utc_now(), "finished_at": None, "replayed_at": utc_now(),
        "replayed_by": actor.id,
    }  # fmt: skip


def retry(actor: Actor, delivery_ids: Sequence[UUID]) -> int:
    """Sends these deliveries now, with their ids of before: failed and delivered ones again, waiting ones sooner.

    Returns how many. Raises Invalid for none and for more than 10,000.
    """
    if not 1 <= len(delivery_ids) <= MOST_REPLAYED:
        raise Invalid(f"Choose 1 to {MOST_REPLAYED:,} deliveries.")
    with write(actor, "webhooks.retry") as tx:
        chosen = update(WebhookDelivery).where(WebhookDelivery.id.in_(list(delivery_ids)))
        return tx.bulk(chosen.values(_again(actor)))


def replay(actor: Actor, window: Window, *, expected: int) -> int:
    """Sends the deliveries of a window again. `expected` is what the preview showed; other deliveries may have come since.

    Returns how many. Raises Invalid for an empty window, for more than 10,000, and when it grew since the preview.
    """
    with write(actor, "webhooks.replay") as tx:
        tx.get(Webhook, window.webhook_id)
        count = tx.bulk(update(WebhookDelivery).where(window.condition()).values(_again(actor)))
        if not 1 <= count <= MOST_REPLAYED:
            raise Invalid(f"The window has {count:,} deliveries; choose one with 1 to {MOST_REPLAYED:,}.")
        if count > expected:
            raise Invalid(
                f"The window has {count:,} deliveries by now, and not {expected:,}. Look again before you replay."
            )
        tx.note(since=window.since, until=window.until, only_failed=window.only_failed, deliveries=count)
        return count


def cancel(actor: Actor, delivery_ids: Sequence[UUID]) -> int:
    """Gives up deliveries that wait. Returns how many."""
    with write(actor, "webhooks.cancel") as tx:
        waiting = update(WebhookDelivery).where(
            WebhookDelivery.id.in_(list(delivery_ids)), WebhookDelivery.status == "waiting"
        )
        return tx.bulk(waiting.values(status="cancelled", finished_at=tx.now))


def queue_warning(actor: Actor, webhook_id: UUID, *, event_id: UUID) -> None:
    """Queues the mail to whoever made the webhook, once per event."""
    with write(actor, "webhooks.queue_warning", once=f"webhooks.warning:{event_id}") as tx:
        tx.enqueue("webhooks.warn_owner", webhook_id=str(webhook_id))
