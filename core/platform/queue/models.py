"""Runs of jobs, the heartbeats of processes, and the queue's own tables."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ENUM, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified

# Procrastinate's tables, which its own SQL makes (migration 0004): apart from the metadata that migrations compare.
_queue = MetaData()
_STATUSES = ("todo", "doing", "succeeded", "failed", "cancelled", "aborting", "aborted")
JOB = Table(
    "procrastinate_jobs", _queue,
    Column("id", BigInteger, primary_key=True),
    Column("queue_name", Text),
    Column("task_name", Text),
    Column("priority", Integer),
    Column("args", JSONB),
    Column("status", ENUM(*_STATUSES, name="procrastinate_job_status", create_type=False)),
    Column("scheduled_at", DateTime(timezone=True)),
    Column("attempts", Integer),
    Column("abort_requested", Boolean),
    Column("worker_id", BigInteger),
)  # fmt: skip
JOB_EVENT = Table(
    "procrastinate_events", _queue,
    Column("job_id", BigInteger),
    Column("type", Text),
    Column("at", DateTime(timezone=True)),
)  # fmt: skip


class JobRun(Identified, Base):
    """One attempt at one job.

    Outcomes: succeeded; retrying (failed, will be tried again); failed; lost (its worker died, it was queued again);
    interrupted (its worker was stopped, it was queued again).
    """

    __tablename__ = "job_run"
    __resource__ = "jobs"
    __observation__ = True
    __table_args__ = (
        Index("ix_job_run_task", "task", "started_at"),
        Index("ix_job_run_job", "job_id"),
        Index("ix_job_run_failures", "started_at", postgresql_where=text("outcome <> 'succeeded'")),
        Index("ix_job_run_finished_at", "finished_at"),
    )

    task: Mapped[str]
    job_id: Mapped[int]
    schedule: Mapped[str | None]
    attempt: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    outcome: Mapped[str]
    error: Mapped[str | None]
    request_id: Mapped[str]


class ProcessHeartbeat(Identified, Base):
    """A scheduler or worker: it lives while `seen_at` is fresh. `stopped_at` is set by a clean stop."""

    __tablename__ = "process_heartbeat"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (Index("ix_process_heartbeat_kind", "kind", "seen_at"),)

    kind: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    is_leader: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
