"""What follows from a tenant's events: its administrators are told of a suspension and of its end."""

from uuid import UUID

from sqlalchemy import select

from core.customers.tenants import actions
from core.customers.tenants.models import Tenant, TenantNotice
from core.customers.users.models import TenantUser
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.events import Event, subscriber
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.tasks import task

MOST_RECIPIENTS = 20
_TEXTS = {
    "tenants.suspend": (
        "{name} was suspended",
        "The account of {name} was suspended.\n\nReason: {reason}\n\nYour data are kept. Reply to this mail to settle it.\n",
    ),
    "tenants.reactivate": ("{name} is active again", "The account of {name} is active again. Nothing was lost.\n"),
}


@subscriber("tenants.suspend", "tenants.reactivate", name="tenants.notify_administrators")
def notify_administrators(actor: Actor, event: Event) -> None:
    """Queues the mail that belongs to the event."""
    assert event.tenant_id is not None
    subject, body = _TEXTS[event.type]
    with read(actor) as rx:
        name = rx.value(select(Tenant.name).where(Tenant.id == event.tenant_id))
        administrators = select(TenantUser.email).where(
            TenantUser.tenant_id == event.tenant_id, TenantUser.is_admin, TenantUser.deactivated_at.is_(None)
        )
        recipients = [row.email for row in rx.rows(administrators.order_by(TenantUser.email).limit(MOST_RECIPIENTS))]
    told = {"name": name, "reason": event.payload.get("reason")}
    actions.queue_notice(
        actor, event.tenant_id, event_id=event.id, subject=subject.format(**told), body=body.format(**told),
        recipients=recipients,
    )  # fmt: skip


@task("tenants.send_notice", retry=5)
def send_notice(actor: Actor, *, notice_id: str) -> None:
    """Sends a queued notice. Raises Unavailable, so that the job is tried again, when the mail server does not take it."""
    key = UUID(notice_id)
    columns = (TenantNotice.outcome, TenantNotice.recipients, TenantNotice.subject, TenantNotice.body)
    with read(actor) as rx:
        notice = rx.one(select(*columns).where(TenantNotice.id == key))
    if notice is None or notice.outcome == "sent":
        return
    if settings().smtp_url is None:
        actions.mark_notice(actor, key, outcome="no mail server")
        return
    try:
        mail.send(notice.recipients, notice.subject, notice.body, message_id=f"{key}@quarterdeck")
    except Unavailable as error:
        actions.mark_notice(actor, key, outcome="failed", error=str(error))
        raise
    actions.mark_notice(actor, key, outcome="sent")
