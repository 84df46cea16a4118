"""What runs for channels besides sending: routing (imported), and the end of the delivery log's time."""

from datetime import timedelta

from sqlalchemy import delete, select

from core.health.channels import routing
from core.health.channels.models import AlertNotification
from core.kernel.actor import Actor
from core.kernel.tasks import every
from core.kernel.telemetry import record
from core.kernel.times import utc_now

__all__ = ["routing"]

KEPT = timedelta(days=90)
AT_ONCE = 5_000


@every("alert_channels.clean_up", cron="45 1 * * *")
def clean_up(actor: Actor) -> None:
    """Drops what was sent more than 90 days ago."""
    before = utc_now() - KEPT
    while _drop(actor, before):
        pass


def _drop(actor: Actor, before: object) -> bool:
    """Whether there may be more."""
    table = AlertNotification
    old = select(table.id).where(table.created_at < before, table.status != "waiting").limit(AT_ONCE)
    with record(actor) as tx:
        return len(tx.execute(delete(table).where(table.id.in_(old)).returning(table.id)).all()) == AT_ONCE
