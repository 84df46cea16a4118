"""What may become of a tenant's people. Pure."""

from datetime import datetime, timedelta
from typing import Literal

from core.kernel.errors import Invalid

INVITATION_LIFE = timedelta(days=7)
OUTCOMES = ("queued", "sent", "failed", "no mail server")
MAX_MANY = 500
InvitationState = Literal["pending", "failed", "expired", "accepted"]
INVITATIONS: tuple[InvitationState, ...] = ("pending", "failed", "expired", "accepted")


def require_active(name: str, deactivated_at: datetime | None) -> None:
    if deactivated_at is not None:
        raise Invalid(f"{name} is deactivated already; nothing was changed.")


def require_deactivated(name: str, deactivated_at: datetime | None) -> None:
    if deactivated_at is None:
        raise Invalid(f"{name} is active already; nothing was changed.")


def require_change(is_one: bool, sentence: str) -> None:
    if not is_one:
        raise Invalid(sentence)


def require_living(tenant: str, status: str) -> None:
    """People of a tenant that is going or gone stay as they are."""
    if status in ("deleted", "purged"):
        raise Invalid(f"{tenant} is {status}. Restore the tenant before you change its people.")


def require_not_owner(name: str, tenant: str, *, is_owner: bool) -> None:
    if is_owner:
        raise Invalid(f"{name} is the owner of {tenant} and answers for it. Name another owner of {tenant} first.")


def require_another_admin(name: str, tenant: str, *, others: int) -> None:
    """Without an administrator nobody of the tenant could invite, pay or be told."""
    if others == 0:
        raise Invalid(f"{name} is the last active administrator of {tenant}. Activate or name another one first.")


def require_seat(tenant: str, *, used: int, seats: int) -> None:
    if used >= seats:
        raise Invalid(f"All {seats:,} seats of {tenant} are taken. Deactivate somebody, or give the tenant more seats.")


def require_few(count: int) -> None:
    if not 1 <= count <= MAX_MANY:
        raise Invalid(f"Choose 1 to {MAX_MANY} people at a time.")


def require_valid(
    expires_at: datetime, accepted_at: datetime | None, replaced_at: datetime | None, *, now: datetime
) -> None:
    """An invitation counts once, until it expires, and only the latest one."""
    if accepted_at is not None:
        raise Invalid("This invitation was accepted already. Sign in, or ask for a new one.")
    if replaced_at is not None or expires_at <= now:
        raise Invalid("This invitation does not count any more. Ask for a new one.")
