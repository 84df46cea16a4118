"""Demo owners of the tenants, and invitations in every state."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser, UserInvitation
from core.customers.users.rules import INVITATION_LIFE
from core.kernel.writes import Transaction

# Days since it was sent, what became of the mail, and whether the link was used.
STATES = (
    (1, "sent", False), (3, "sent", False), (5, "sent", True), (2, "failed", False), (12, "sent", False), (30, "sent", True),
    (0, "queued", False), (4, "no mail server", False),
)  # fmt: skip
_ERROR = "The mail server said 550: no such mailbox."


def seed(tx: Transaction, random: Random, now: datetime, operators: dict[str, UUID]) -> None:
    """The first administrator of each tenant owns it; some people were invited of late."""
    first = (
        select(TenantUser.tenant_id, TenantUser.id)
        .where(TenantUser.is_admin, TenantUser.deactivated_at.is_(None))
        .subquery()
    )
    tx.bulk(update(Tenant).where(Tenant.id == first.c.tenant_id).values(owner_id=first.c.id, version=Tenant.version))
    people = select(TenantUser.id, TenantUser.tenant_id).where(
        TenantUser.is_admin.is_(False), TenantUser.deactivated_at.is_(None)
    )
    chosen = random.sample(list(tx.session.execute(people.order_by(TenantUser.email))), 3 * len(STATES))
    inviting = operators.get("support_admin")
    rows = [_row(random, person, STATES[place % len(STATES)], now, inviting) for place, person in enumerate(chosen)]
    tx.bulk(insert(UserInvitation), rows)


def _row(
    random: Random, person: Any, state: tuple[int, str, bool], now: datetime, inviting: UUID | None
) -> dict[str, Any]:
    days, outcome, is_accepted = state
    at = now - timedelta(days=days, minutes=random.randint(5, 600))
    return {
        "id": UUID(int=random.getrandbits(128), version=4), "tenant_id": person.tenant_id, "user_id": person.id,
        "outcome": outcome, "error": _ERROR if outcome == "failed" else None, "created_at": at, "created_by": inviting,
        "created_by_name": "Support admin", "sent_at": at + timedelta(seconds=4) if outcome == "sent" else None,
        "expires_at": at + INVITATION_LIFE, "accepted_at": at + timedelta(hours=3) if is_accepted else None,
    }  # fmt: skip
