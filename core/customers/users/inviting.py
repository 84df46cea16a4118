"""Invitations of the tenants' people: a link that works once and for seven days."""

from uuid import UUID

from sqlalchemy import select

from core.customers.tenants.models import Tenant
from core.customers.users import protecting, rules
from core.customers.users.models import TenantUser, UserInvitation
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write


def reset_invitation(actor: Actor, user_id: UUID, *, once: str | None = None) -> UserInvitation:
    """Ends the invitation there was and mails a new one, whose token is made when the mail is sent.

    Raises Invalid for somebody deactivated or a tenant that is deleted, NotFound.
    """
    with write(actor, "users.reset_invitation", once=once) as tx:
        user = tx.lock(TenantUser, user_id)
        tenant = tx.get(Tenant, user.tenant_id)
        rules.require_living(tenant.name, tenant.status)
        if user.deactivated_at is not None:
            raise Invalid(f"{protecting.name_for(actor, user)} is deactivated. Activate the account first.")
        _replace(tx, user_id)
        return invite(tx, user)


def invite(tx: Transaction, user: TenantUser) -> UserInvitation:
    """A private step: an invitation of somebody who has none, and the mail that is to carry it."""
    invitation = tx.add(UserInvitation(
        tenant_id=user.tenant_id, user_id=user.id, expires_at=tx.now + rules.INVITATION_LIFE, created_by=tx.actor.id,
        created_by_name=tx.actor.name,
    ))  # fmt: skip
    tx.session.flush()
    tx.enqueue("users.send_invitation", invitation_id=str(invitation.id))
    return invitation


def _replace(tx: Transaction, user_id: UUID) -> None:
    current = select(UserInvitation).where(UserInvitation.user_id == user_id, UserInvitation.replaced_at.is_(None))
    for invitation in tx.session.scalars(current.with_for_update()):
        invitation.replaced_at = tx.now
    tx.session.flush()


def issue_invitation(actor: Actor, invitation_id: UUID) -> str:
    """The token of an invitation that is about to be mailed; stored is its digest, so a token before it is void.

    Raises Invalid when the invitation does not count any more.
    """
    token = crypto.new_token()
    with write(actor, "users.issue_invitation") as tx:
        invitation = tx.lock(UserInvitation, invitation_id)
        rules.require_valid(invitation.expires_at, invitation.accepted_at, invitation.replaced_at, now=tx.now)
        invitation.token_digest = crypto.digest(token)
    return token


def mark_invitation(actor: Actor, invitation_id: UUID, *, outcome: str, error: str | None = None) -> None:
    """Keeps what became of the mail."""
    with write(actor, "users.mark_invitation") as tx:
        invitation = tx.lock(UserInvitation, invitation_id)
        invitation.outcome, invitation.error = outcome, error
        invitation.sent_at = tx.now if outcome == "sent" else None


def accept_invitation(actor: Actor, token: str) -> TenantUser:
    """Whose invitation it was, for the product that the link leads to; it counts once. Raises Invalid."""
    with write(actor, "users.accept_invitation") as tx:
        wanted = select(UserInvitation).where(UserInvitation.token_digest == crypto.digest(token))
        invitation = tx.session.scalars(wanted.with_for_update()).first()
        if invitation is None:
            raise Invalid("This invitation does not count any more. Ask for a new one.")
        rules.require_valid(invitation.expires_at, invitation.accepted_at, invitation.replaced_at, now=tx.now)
        user = tx.get(TenantUser, invitation.user_id)
        if user.deactivated_at is not None:
            raise Invalid("This account is deactivated. Ask an administrator of yours.")
        invitation.accepted_at = tx.now
    return user
