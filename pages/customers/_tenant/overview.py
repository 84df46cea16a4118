"""What one tenant is, how it does, what is wrong with it now, and what can be done with it."""

from typing import Any

from core.customers.overview import queries
from core.kernel.actor import Actor
from pages.customers._tenant import acts, figures, identity, wrong


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Acts first, then what is wrong, the figures, and who it is."""
    acts.show(actor, tenant)
    wrong.show(actor, tenant, queries.now_wrong(actor, tenant))
    figures.show(actor, tenant)
    identity.show(actor, tenant)
