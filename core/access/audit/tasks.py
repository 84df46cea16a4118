"""The clock's part of the audit trail."""

from core.access.audit import sealing
from core.kernel.actor import Actor
from core.kernel.tasks import every, task


@every("audit.seal", seconds=60)
@task("audit.seal", retry=3)
def seal(actor: Actor) -> None:
    """Seals what has been committed since the last pass, and keeps the newest seal outside the database."""
    made = None
    while (one := sealing.seal(actor)) is not None:
        made = one
    if made is not None:
        sealing.keep_outside(made)
