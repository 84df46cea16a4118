"""The queue's own housekeeping, and the partitions of every event table."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, delete, func, select, text

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
KEEP_EVENTS = timedelta(days=30)
KEEP_KEYS = timedelta(days=90)
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
# What every subscriber has been handed, and none waits to be handed again.
_OLD_EVENTS = text(
    "DELETE FROM event WHERE id IN ("
    " SELECT e.id FROM event e WHERE e.occurred_at < now() - CAST(:keep AS interval)"
    " AND NOT EXISTS (SELECT FROM event_cursor c WHERE (c.xid, c.event_id) < (e.xid, e.id))"
    " AND NOT EXISTS (SELECT FROM event_failure f WHERE f.event_id = e.id AND f.gave_up_at IS NULL)"
    " ORDER BY e.xid, e.id LIMIT :batch)"
)
_OLD_KEYS = text(
    "DELETE FROM once_key WHERE key IN (SELECT key FROM once_key"
    " WHERE done_at < now() - CAST(:keep AS interval) AND action <> 'demo.seed' ORDER BY done_at LIMIT :batch)"
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
    """Deletes finished jobs, old runs and ticks, events that everybody was handed, idempotency keys that nobody will use
    again, and the heartbeats of processes that are long gone."""
    _delete(actor, _OLD_JOBS, failed=KEEP_FAILED_JOBS, finished=KEEP_FINISHED_JOBS)
    _delete(actor, _OLD_EVENTS, keep=KEEP_EVENTS)
    _delete(actor, _OLD_KEYS, keep=KEEP_KEYS)
    with record(actor) as tx:
        tx.execute(delete(JobRun).where(JobRun.finished_at < func.now() - KEEP_RUNS))
        tx.execute(delete(ScheduleRun).where(ScheduleRun.ticked_at < func.now() - KEEP_TICKS))
        gone = ProcessHeartbeat.seen_at < func.now() - KEEP_PROCESSES
        newest = select(func.max(ProcessHeartbeat.seen_at)).scalar_subquery()
        tx.execute(delete(ProcessHeartbeat).where(gone, ProcessHeartbeat.seen_at < newest))


def _delete(actor: Actor, statement: TextClause, **limits: timedelta) -> None:
    deleted = BATCH
    while deleted == BATCH:
        with record(actor) as tx:
            result: Any = tx.session.execute(statement, {**limits, "batch": BATCH})
            deleted = result.rowcount


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
