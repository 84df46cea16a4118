"""Mails to the tenants' people."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.customers.tenants.models import Tenant
from core.customers.users import inviting
from core.customers.users.models import TenantUser, UserInvitation
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, Unavailable
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.tasks import task

SUBJECT = "Your invitation to {tenant}"
BODY = (
    "Hello {name},\n\nthis link takes you to the account of {tenant}, where you choose a password:\n\n"
    "https://{domain}/invitation?token={token}\n\nIt works once, until {until:%d %B %Y %H:%M} UTC. Invitations before this "
    "one do not work any more.\nIf you did not expect it, ignore it: nothing happens.\n"
)


@task("users.send_invitation", retry=5)
def send_invitation(actor: Actor, *, invitation_id: str) -> None:
    """Mails an invitation that still counts. Raises Unavailable, so that the job is tried again, when no server takes it.

    Each attempt makes a new token: the plain one lies in the mail and nowhere else.
    """
    key = UUID(invitation_id)
    known = _known(actor, key)
    if known is None or known.outcome == "sent":
        return
    if settings().smtp_url is None:
        inviting.mark_invitation(actor, key, outcome="no mail server")
        return
    try:
        token = inviting.issue_invitation(actor, key)
    except Invalid:
        return  # another one took its place
    _send(actor, key, known, token)


def _known(actor: Actor, key: UUID) -> Any:
    wanted = (
        select(UserInvitation.outcome, UserInvitation.expires_at, TenantUser.name, TenantUser.email,
               Tenant.name.label("tenant"), Tenant.domain)
        .join(TenantUser, TenantUser.id == UserInvitation.user_id)
        .join(Tenant, Tenant.id == UserInvitation.tenant_id)
        .where(UserInvitation.id == key)
    )  # fmt: skip
    with read(actor) as rx:
        return rx.one(wanted)


def _send(actor: Actor, key: UUID, known: Any, token: str) -> None:
    subject = SUBJECT.format(tenant=" ".join(known.tenant.split()))
    body = BODY.format(
        name=known.name, tenant=known.tenant, domain=known.domain, token=token, until=known.expires_at
    )  # fmt: skip
    try:
        mail.send([known.email], subject, body, message_id=f"{key}@quarterdeck")
    except Unavailable as error:
        inviting.mark_invitation(actor, key, outcome="failed", error=str(error))
        raise
    inviting.mark_invitation(actor, key, outcome="sent")
