"""What runs for monitors besides the checker: clean-up."""

from datetime import timedelta

from sqlalchemy import delete, select

from core.health.monitors.models import MONITOR_ROLLUP, CheckerGap, CheckerRun, Monitor, MonitorChange
from core.kernel.actor import Actor
from core.kernel.tasks import every
from core.kernel.telemetry import record
from core.kernel.times import utc_now

KEPT, KEPT_RUNS = timedelta(days=400), timedelta(days=30)


@every("monitors.clean_up", cron="50 1 * * *")
def clean_up(actor: Actor) -> None:
    """Drops what is past its time, and the days of monitors that were removed; their partitioned rows go with time."""
    now, day = utc_now(), MONITOR_ROLLUP.day
    removed = select(Monitor.id)
    with record(actor) as tx:
        tx.execute(
            delete(MonitorChange).where((MonitorChange.at < now - KEPT) | MonitorChange.monitor_id.not_in(removed))
        )
        tx.execute(delete(day).where(day.__table__.c.monitor_id.not_in(removed)))
        tx.execute(delete(CheckerGap).where(CheckerGap.until < now - KEPT))
        tx.execute(delete(CheckerRun).where(CheckerRun.seen_at < now - KEPT_RUNS))
