"""The overview of jobs tells each task its own last run."""

from datetime import timedelta

import pandas as pd

from core.kernel.models import utc_now
from core.kernel.telemetry import record
from core.platform.queue.models import JobRun
from core.platform.schedules.queries import jobs_overview


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
