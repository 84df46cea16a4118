"""The mails about quotas: to the tenant's administrators and to its CSM, one per event."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.access.operators.models import Operator
from core.customers.quotas.amounts import shown
from core.customers.quotas.resources import BY_KEY, Resource
from core.customers.tenants.models import Tenant
from core.customers.tenants.noticing import queue
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.reads import read
from core.kernel.writes import write

MOST_RECIPIENTS = 20
_FOLLOWS = {
    "notify": "Nothing stops; we tell you so that it is no surprise.",
    "throttle": "What goes beyond the quota is slowed down.",
    "block": "Nothing goes beyond the quota.",
    "auto_upgrade": "We look into a larger plan for you.",
}


@subscriber("quotas.warn", "quotas.reach", name="quotas.notify")
def notify(actor: Actor, event: Event) -> None:
    """Queues the mail that belongs to the event."""
    assert event.tenant_id is not None
    with read(actor) as rx:
        tenant = rx.one(select(Tenant.name, Tenant.csm_id, Tenant.status).where(Tenant.id == event.tenant_id))
        if tenant is None or tenant.status in ("deleted", "purged"):
            return
        people = select(TenantUser.email).where(
            TenantUser.tenant_id == event.tenant_id, TenantUser.is_admin, TenantUser.deactivated_at.is_(None)
        )
        recipients = [row.email for row in rx.rows(people.order_by(TenantUser.email).limit(MOST_RECIPIENTS))]
        csm = select(Operator.email).where(Operator.id == tenant.csm_id, Operator.disabled_at.is_(None))
        recipients += [row.email for row in rx.rows(csm)]
    subject, body = text_of(tenant.name, event.payload)
    queue_notice(actor, event, subject=subject, body=body, recipients=recipients)


def queue_notice(actor: Actor, event: Event, *, subject: str, body: str, recipients: list[str]) -> None:
    """Queues one mail to the tenant's administrators and its CSM, once per event. Raises AlreadyDone the second time."""
    assert event.tenant_id is not None
    with write(actor, "quotas.queue_notice", once=f"quotas.notice:{event.id}") as tx:
        queue(tx, event.tenant_id, event_id=event.id, subject=subject, body=body, recipients=recipients)


def text_of(name: str, payload: dict[str, Any]) -> tuple[str, str]:
    """Subject and body."""
    resource = BY_KEY[payload["resource"]]
    used, limit = (Decimal(str(payload[key])) for key in ("used", "limit"))
    is_over = payload["level"] >= 100
    state = "is used up" if is_over else f"is used by {payload['level']} %"
    follows = f"\n{_FOLLOWS[payload['policy']]}\n" if is_over else "\n"
    body = (
        f"{name} uses {shown(resource, used)} of {shown(resource, limit)} ({resource.label}).\n"
        f"{follows}{_renewal(resource, payload.get('period'))}\nReply to this mail to talk about it.\n"
    )
    return f"{name}: the quota of {resource.label} {state}", body


def _renewal(resource: Resource, period: str | None) -> str:
    if not resource.is_monthly or period is None:
        return ""
    first = date.fromisoformat(str(period))
    begins = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return f"The count begins anew on {begins:%d %B %Y} (UTC).\n"
