"""The step that queues a mail to a tenant; within somebody's transaction."""

from uuid import UUID

from core.customers.tenants.models import TenantNotice
from core.kernel.writes import Transaction


def queue(
    tx: Transaction, tenant_id: UUID, *, event_id: UUID, subject: str, body: str, recipients: list[str]
) -> TenantNotice:
    """Keeps the notice, and sends it once the transaction is committed. There is one per event."""
    outcome = "queued" if recipients else "no recipient"
    known = {"event_id": event_id, "subject": subject, "body": body, "recipients": recipients}
    notice = tx.add(TenantNotice(tenant_id=tenant_id, outcome=outcome, **known))
    if recipients:
        tx.session.flush()
        tx.enqueue("tenants.send_notice", notice_id=str(notice.id))
    return notice
