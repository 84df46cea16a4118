"""Whether white-label is among what a tenant has: by its plan, or by an override of its settings."""

from uuid import UUID

from core.customers.configuration.resolving import effective_values
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import read

SETTING = "branding.white_label"


def is_included(actor: Actor, tenant_id: UUID) -> bool:
    """Read as the portal itself: what the plan gives is needed by who may not see settings. Raises Denied, NotFound."""
    require(actor, "branding:read")
    with read(Actor.system("branding", request_id=actor.request_id)) as rx:
        return bool(effective_values(rx, tenant_id).get(SETTING))


def require_included(actor: Actor, tenant_id: UUID) -> None:
    """Raises Invalid for a tenant without white-label."""
    with read(Actor.system("branding", request_id=actor.request_id)) as rx:
        values = effective_values(rx, tenant_id)
    if not values.get(SETTING):
        raise Invalid(
            "White-label is not part of this tenant's plan. Change its plan to one that has it (the plans page says which), "
            f"or override its setting {SETTING} with a reason."
        )
