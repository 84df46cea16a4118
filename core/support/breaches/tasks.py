"""The clocks are watched every 30 seconds, so that a missed target is told within a minute; old digests go at night."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from core.kernel.actor import Actor
from core.kernel.tasks import every
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.support.breaches import levels, mailing, telling
from core.support.breaches.models import TicketDigest

__all__ = ["mailing"]

KEPT = timedelta(days=90)
AT_ONCE = 5_000


@every("support.watch_clocks", seconds=30)
def watch_clocks(actor: Actor) -> None:
    """Tells of every level that was reached since the last look. Harmless when it is run again, also at the same time."""
    levels.catch_up(actor)
    telling.tell(actor)


@every("support.clean_digests", cron="35 1 * * *")
def clean_digests(actor: Actor) -> None:
    """Drops digests of more than 90 days ago. What they told of stays: it says that it was told."""
    before = utc_now() - KEPT
    while _drop(actor, before):
        pass


def _drop(actor: Actor, before: datetime) -> bool:
    """Whether there may be more."""
    old = select(TicketDigest.id).where(TicketDigest.at < before).limit(AT_ONCE)
    with record(actor) as tx:
        gone = tx.execute(delete(TicketDigest).where(TicketDigest.id.in_(old)).returning(TicketDigest.id))
        return len(gone.all()) == AT_ONCE
