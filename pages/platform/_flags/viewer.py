"""What turns values into words for the one who looks."""

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages.platform._flags import tenants
from pages.platform._flags.words import Here


def here(actor: Actor) -> Here:
    """The viewer's zone, and the names of the tenants and operators whom he may see."""
    people = queries.owners(actor)
    names = dict(zip(people["id"].astype(str), people["name"], strict=True))
    return Here(zone(actor), names | tenants.names(actor))
