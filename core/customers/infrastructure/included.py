"""Whether infrastructure of its own is among what a tenant has: by its plan, or by an override of its settings."""

from uuid import UUID

from core.customers.configuration.resolving import effective_values
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import read

SETTING = "infrastructure.dedicated"


def is_included(actor: Actor, tenant_id: UUID) -> bool:
    """Read as the portal itself: what the plan gives is needed by who may not see settings. Raises NotFound."""
    with read(Actor.system("infrastructure", request_id=actor.request_id)) as rx:
        return bool(effective_values(rx, tenant_id).get(SETTING))


def require_included(actor: Actor, tenant_id: UUID) -> None:
    """Raises Invalid for a tenant that is served from what all share."""
    if not is_included(actor, tenant_id):
        raise Invalid(
            "Dedicated infrastructure is not part of this tenant's plan. Change its plan to one that has it (the plans page"
            f" says which), or override its setting {SETTING} with a reason."
        )
