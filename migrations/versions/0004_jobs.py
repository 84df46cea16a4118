"""Jobs: the queue, runs, ticks, heartbeats, and the cursors of subscribers."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from core.kernel import rls
from core.kernel.db import APP_ROLE
from core.kernel.models import TransactionId

revision = "0004"
down_revision = "0003"

# Procrastinate's own schema as of 3.10. A later version's changes come as a migration of their own.
SCHEMA = Path(__file__).parents[1] / "sql" / "procrastinate-3.10.sql"

QUEUE = [
    # Any action may queue a job, whatever its actor may see of the queue. A key's second job is dropped while one waits.
    """
CREATE FUNCTION qd_enqueue(task text, queue text, priority integer, key text, job_lock text, arguments jsonb)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO procrastinate_jobs (task_name, queue_name, priority, queueing_lock, lock, args)
    VALUES (task, queue, priority, key, job_lock, arguments)
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING RETURNING id
$$
""",
    # A job that waits for its second attempt gives up its key: a newer one may wait already, and keys are unique.
    """
CREATE FUNCTION qd_free_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.queueing_lock := NULL; RETURN NEW; END $$
""",
    """
CREATE TRIGGER qd_free_key BEFORE UPDATE OF status ON procrastinate_jobs FOR EACH ROW
WHEN (OLD.status <> 'todo' AND NEW.status = 'todo' AND NEW.queueing_lock IS NOT NULL) EXECUTE FUNCTION qd_free_key()
""",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}",
]
_SEE, _CHANGE = rls.may("jobs:read"), rls.may("jobs:update")
SECURITY = [
    *rls.policies("procrastinate_jobs", select=_SEE, update=_CHANGE, delete=rls.ITSELF),
    *rls.policies("procrastinate_events", select=_SEE, insert=_CHANGE, delete=rls.ITSELF),
    *rls.policies("procrastinate_workers", select=_SEE, insert=rls.ITSELF, update=rls.ITSELF, delete=rls.ITSELF),
    *rls.policies("procrastinate_periodic_defers", select=_SEE, update=rls.ITSELF, delete=rls.ITSELF),
    *rls.observe("job_run", readable_by="jobs:read"),
    *rls.observe("schedule_run", readable_by="jobs:read"),
    *rls.observe("schedule_state", readable_by="jobs:read"),
    *rls.observe("process_heartbeat", readable_by="health:read"),
    *rls.policies("schedule_pause", select=_SEE, insert=_CHANGE, update=_CHANGE),
    *rls.observe("event_cursor", readable_by="jobs:read"),
    *rls.policies("event_failure", select=_SEE, insert=rls.ITSELF, update=_CHANGE, delete=rls.ITSELF),
]


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(SCHEMA.read_text())
    op.create_table(
        "event_cursor",
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("xid", TransactionId(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", name="pk_event_cursor"),
    )
    op.create_table(
        "event_failure",
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subscriber", "event_id", name="pk_event_failure"),
    )
    op.create_index(
        "ix_event_failure_due",
        "event_failure",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("gave_up_at IS NULL"),
    )
    op.create_table(
        "job_run",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_run"),
    )
    op.create_index(
        "ix_job_run_failures",
        "job_run",
        ["started_at"],
        unique=False,
        postgresql_where=sa.text("outcome <> 'succeeded'"),
    )
    op.create_index("ix_job_run_finished_at", "job_run", ["finished_at"], unique=False)
    op.create_index("ix_job_run_job", "job_run", ["job_id"], unique=False)
    op.create_index("ix_job_run_task", "job_run", ["task", "started_at"], unique=False)
    op.create_table(
        "process_heartbeat",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process_heartbeat"),
    )
    op.create_index("ix_process_heartbeat_kind", "process_heartbeat", ["kind", "seen_at"], unique=False)
    op.create_table(
        "schedule_pause",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.Uuid(), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_pause"),
    )
    op.create_index(
        "uq_schedule_pause_open",
        "schedule_pause",
        ["schedule"],
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
    )
    op.create_table(
        "schedule_run",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_run"),
        sa.UniqueConstraint("schedule", "due_at", name="uq_schedule_run_schedule_due_at"),
    )
    op.create_index("ix_schedule_run_ticked_at", "schedule_run", ["ticked_at"], unique=False)
    op.create_table(
        "schedule_state",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("schedule", name="pk_schedule_state"),
    )
    for statement in (*QUEUE, *SECURITY):
        op.execute(statement)
