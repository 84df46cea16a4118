"""Stores PostgreSQL's figures, every 10 s, whichever worker takes the tick."""

from core.health.database.collector import Collector
from core.health.database.models import DatabaseMetric
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import utc_now
from core.kernel.tasks import every
from core.kernel.telemetry import record

_collector = Collector()


@every("health.collect_database", seconds=10)
def collect(actor: Actor) -> None:
    """One reading, stored."""
    with record(actor, timeout_ms=5_000) as tx:
        now = utc_now()
        retention.make_ready(tx, "database_metric", "day", now, now)
        tx.session.add(DatabaseMetric(**_collector.figures(tx)))
