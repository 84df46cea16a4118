"""What is done for incidents by the clock and by what happened elsewhere."""

from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.tasks import every, task
from core.reliability.incidents import archiving, changes, collecting, following, impact

__all__ = ["following"]

_ROUNDS = 20  # of one run; the next goes on


@every("incidents.watch", seconds=60)
def watch(actor: Actor) -> None:
    """Collects what happened for every incident that runs, and computes what each comes to."""
    collecting.collect()
    impact.compute()


@task(changes.LOOK, retry=3)
def look(actor: Actor, incident_id: str) -> None:
    """The same for one incident, at once."""
    collecting.collect(UUID(incident_id))
    impact.compute([UUID(incident_id)])


@every("incidents.archive", cron="20 3 * * *")
def archive(actor: Actor) -> None:
    """Archives what was closed 90 days ago."""
    for _ in range(_ROUNDS):
        if archiving.archive_old(actor) < archiving.AT_ONCE:
            return
