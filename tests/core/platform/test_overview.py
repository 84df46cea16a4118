"""The overview of jobs tells each task its own last run; clean-up spares events that somebody still waits for."""

from datetime import timedelta

import pandas as pd

from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.queue.models import JobRun
from core.platform.queue.tasks import clean_up
from core.platform.schedules.queries import jobs_overview
from tests.core.customers.test_tenants import make


def test_a_run_is_shown_with_its_own_task_only(db, system):
    begun = utc_now() - timedelta(minutes=3)
    done = {"attempt": 1, "started_at": begun, "finished_at": begun + timedelta(seconds=2), "outcome": "succeeded"}
    with record(system) as tx:
        tx.session.add(JobRun(job_id=1, task="audit.seal", schedule="audit.seal", request_id="r", **done))
    shown = jobs_overview(system).set_index("task")
    assert shown.loc["audit.seal", "duration"] == timedelta(seconds=2)
    others = shown.drop(index="audit.seal")
    assert len(others) >= 3
    assert others["last_run_at"].isna().all()
    assert pd.isna(others["outcome"]).all()


def test_clean_up_deletes_old_events_only_when_every_subscriber_had_them(db, raw, system):
    handed, waiting, fresh = (make(system, name) for name in ("handed", "waiting", "fresh"))
    raw("UPDATE event SET occurred_at = now() - interval '31 days' WHERE tenant_id <> :fresh", fresh=fresh.id)
    raw("INSERT INTO event_cursor SELECT 'slow', xid, id, now() FROM event WHERE tenant_id = :handed", handed=handed.id)
    clean_up(system)
    assert {row.tenant_id for row in raw("SELECT tenant_id FROM event")} == {waiting.id, fresh.id}
    raw("UPDATE event_cursor SET event_id = (SELECT id FROM event WHERE tenant_id = :one)", one=waiting.id)
    clean_up(system)
    assert {row.tenant_id for row in raw("SELECT tenant_id FROM event")} == {fresh.id}


def test_clean_up_forgets_idempotency_keys_after_90_days_but_never_that_of_the_demo(db, raw, system):
    raw("INSERT INTO once_key VALUES ('old', 'a.b', now() - interval '91 days'), ('new', 'a.b', now())")
    raw("INSERT INTO once_key VALUES ('demo.seed', 'demo.seed', now() - interval '2 years')")
    clean_up(system)
    assert {row.key for row in raw("SELECT key FROM once_key")} == {"new", "demo.seed"}
