"""The queue's own housekeeping, and the partitions of every event table."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, text

from core.kernel.actor import Actor
from core.kernel.logs import get_logger
from core.kernel.tasks import every, task
from core.kernel.telemetry import record
from core.platform.queue.models import JobRun, ProcessHeartbeat
from core.platform.schedules.models import ScheduleRun

KEEP_RUNS = timedelta(days=30)
KEEP_TICKS = timedelta(days=7)
KEEP_FINISHED_JOBS = timedelta(days=1)  # what became of them stays in job_run
KEEP_FAILED_JOBS = timedelta(days=30)  # as long as somebody may want to run them again
KEEP_PROCESSES = timedelta(days=1)
PARTITIONS_AHEAD = {"day": timedelta(days=3), "month": timedelta(days=40)}
BATCH = 5_000

log = get_logger()

_OLD_JOBS = text(
    "DELETE FROM procrastinate_jobs WHERE id IN ("
    " SELECT id FROM procrastinate_jobs job WHERE status IN ('succeeded', 'cancelled', 'aborted', 'failed')"
    " AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = job.id)"
    "     < now() - CASE status WHEN 'failed' THEN CAST(:failed AS interval) ELSE CAST(:finished AS interval) END"
    " ORDER BY id LIMIT :batch)"
)
# The name of a partition ends with its first day (8 digits) or its month (6).
_PARTITIONED = text(
    "SELECT parent.relname AS name, max(length(child.relname) - length(parent.relname) - 1) AS digits"
    " FROM pg_inherits i JOIN pg_class parent ON parent.oid = i.inhparent JOIN pg_class child ON child.oid = i.inhrelid"
    " WHERE parent.relkind = 'p' AND parent.relnamespace = 'public'::regnamespace GROUP BY parent.relname"
)


@every("queue.clean_up", cron="40 2 * * *")
@task("queue.clean_up", retry=3)
def clean_up(actor: Actor) -> None:
    """Deletes finished jobs, old runs and ticks, and the heartbeats of processes that are long gone."""
    _delete_old_jobs(actor)
    with record(actor) as tx:
        tx.execute(delete(JobRun).where(JobRun.finished_at < func.now() - KEEP_RUNS))
        tx.execute(delete(ScheduleRun).where(ScheduleRun.ticked_at < func.now() - KEEP_TICKS))
        gone = ProcessHeartbeat.seen_at < func.now() - KEEP_PROCESSES
        newest = select(func.max(ProcessHeartbeat.seen_at)).scalar_subquery()
        tx.execute(delete(ProcessHeartbeat).where(gone, ProcessHeartbeat.seen_at < newest))


def _delete_old_jobs(actor: Actor) -> None:
    limits = {"failed": KEEP_FAILED_JOBS, "finished": KEEP_FINISHED_JOBS, "batch": BATCH}
    deleted = BATCH
    while deleted == BATCH:
        with record(actor) as tx:
            deleted = tx.session.execute(_OLD_JOBS, limits).rowcount  # type: ignore[attr-defined]


@every("kernel.partitions", cron="10 * * * *")
@task("kernel.partitions", retry=3)
def make_partitions(actor: Actor) -> None:
    """Makes the coming days' and months' partitions of every partitioned table, hourly so that none is ever late."""
    today = datetime.now(UTC).date()
    with record(actor) as tx:
        for table in tx.session.execute(_PARTITIONED).all():
            unit = "day" if table.digits == 8 else "month"
            ensure = func.qd_ensure_partitions(table.name, unit, today, today + PARTITIONS_AHEAD[unit])
            made = tx.session.execute(select(ensure)).scalar_one()
            if made:
                log.info("partitions made", table=table.name, made=made)
