"""Domains are looked for by themselves: once when they are added, soon again while they are new, and then daily."""

from uuid import UUID

from core.customers.branding import verifying
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.tasks import every, task


@task("branding.check_domain", retry=3)
def check_domain(actor: Actor, *, domain_id: str) -> None:
    """Asks for one domain; one that was removed in the meantime is left alone."""
    try:
        verifying.check(actor, UUID(domain_id))
    except NotFound:
        return


@every("branding.check_due", seconds=300)
def check_due(actor: Actor) -> None:
    """Asks for every domain whose time has come."""
    verifying.check_due(actor)
