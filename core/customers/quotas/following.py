"""What follows for a tenant from a limit below its use, as somebody is told before it is set. Pure."""

from datetime import datetime
from decimal import Decimal

from core.customers.quotas.amounts import shown
from core.customers.quotas.resources import Resource
from core.customers.quotas.rules import resets_at
from core.kernel.errors import Invalid

_FOLLOWS = {
    "notify": "its administrators are told, and nothing stops",
    "throttle": "what goes beyond the quota is slowed down at once",
    "block": "nothing more is let through, at once",
    "auto_upgrade": "a larger plan is asked for, and a person decides on it",
}


class ConfirmationNeeded(Invalid):
    """The limit is below what is used already; it is set when this is confirmed."""

    code = "confirmation_needed"


def consequence(
    resource: Resource, policy: str, used: Decimal | None, limit: Decimal | None, *, now: datetime
) -> str | None:
    """The sentence for a limit that the use is at or above; None when nothing follows, or the use is not known."""
    if used is None or limit is None or used < limit or used == limit == 0:
        return None
    ends = resets_at(resource, now)
    until = f"until {ends:%d %b %Y}, when the count begins anew" if ends else "until less is used"
    return (
        f"The tenant uses {shown(resource, used)} already, and this limit is {shown(resource, limit)}: "
        f"by its plan's policy {_FOLLOWS[policy]}, {until}."
    )


def require_confirmed(told: str | None, *, is_confirmed: bool) -> None:
    """Raises ConfirmationNeeded with what follows, unless it was confirmed."""
    if told and not is_confirmed:
        raise ConfirmationNeeded(f"{told} Confirm that this is meant.", {"is_confirmed": told})
