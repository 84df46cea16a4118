"""Webhooks: endpoints, what the deliverers know of them, deliveries, attempts and their rollup."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls
from core.kernel.models import TransactionId
from core.kernel.partitions import partition_statements

revision = "0007"
down_revision = "0006"

_SCOPED = rls.in_scope("tenant_id")
_READ = f"{rls.may('webhooks:read')} AND {_SCOPED}"
_CHANGE = f"({rls.may('webhooks:update')} OR {rls.may('webhooks:delete')}) AND {_SCOPED}"
# Deliverers run as the portal itself; operators see what became of messages, and may have them sent again.
SECURITY = [
    *rls.secure("webhook", "webhooks", tenant_column="tenant_id"),
    *rls.policies("webhook_delivery", select=_READ, insert=rls.ITSELF, update=_CHANGE, delete=rls.ITSELF),
    *rls.policies("webhook_lane", select=_READ, insert=rls.ITSELF, update=rls.ITSELF, delete=rls.ITSELF),
    *rls.policies("webhook_attempt", select=_READ, insert=_CHANGE, update=rls.ITSELF, delete=rls.ITSELF),
    *(
        statement
        for grain in ("minute", "hour", "day")
        for statement in rls.policies(
            f"webhook_rollup_{grain}", select=_READ, insert=rls.ITSELF, update=rls.ITSELF, delete=rls.ITSELF
        )
    ),
]
# A queue: rows leave its partial indexes all the time, so that they are cleaned long before a fifth of the table is old.
VACUUM = (
    "ALTER TABLE webhook_delivery SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02)"
)
PARTITIONS = [
    *partition_statements("webhook_attempt", every="day", behind=timedelta(days=31)),
    *partition_statements("webhook_rollup_minute", every="day", behind=timedelta(days=31)),
    *partition_statements("webhook_rollup_hour", every="month", behind=timedelta(days=62), ahead=timedelta(days=40)),
]


def upgrade() -> None:
    _endpoints()
    _deliveries()
    _attempts()
    _rollup()
    for statement in (*SECURITY, VACUUM, *PARTITIONS):
        op.execute(statement)


def _endpoints() -> None:
    op.create_table(
        "webhook",
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("signing", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sends_iris_headers", sa.Boolean(), nullable=False),
        sa.Column("retry_after_s", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("max_concurrency", sa.Integer(), nullable=False),
        sa.Column("is_ordered", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("enabled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_by", sa.Uuid(), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("signing IN ('v1', 'v1a')", name="ck_webhook_signing"),
        sa.CheckConstraint("timeout_s BETWEEN 1 AND 60", name="ck_webhook_timeout_s"),
        sa.CheckConstraint("max_concurrency BETWEEN 1 AND 100", name="ck_webhook_max_concurrency"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_webhook_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_index("ix_webhook_created", "webhook", ["created_at", "id"], unique=False)
    op.create_index("ix_webhook_tenant_id", "webhook", ["tenant_id"], unique=False)
    op.create_index("ix_webhook_url", "webhook", [sa.literal_column("lower(url) text_pattern_ops")], unique=False)
    op.create_table(
        "webhook_lane",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.SmallInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("successes", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", name="pk_webhook_lane"),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_status", sa.SmallInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'delivered', 'failed', 'cancelled')", name="ck_webhook_delivery_status"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.UniqueConstraint("event_id", "webhook_id", name="uq_webhook_delivery_event_id_webhook_id"),
    )
    waiting = {"unique": False, "postgresql_where": sa.text("status = 'waiting'")}
    table = "webhook_delivery"
    op.create_index("ix_webhook_delivery_due", table, ["webhook_id", "next_attempt_at", "position"], **waiting)
    op.create_index("ix_webhook_delivery_order", table, ["webhook_id", "position"], **waiting)
    op.create_index("ix_webhook_delivery_created", table, ["created_at", "id"], unique=False)
    op.create_index("ix_webhook_delivery_of", table, ["webhook_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_webhook_delivery_tenant", table, ["tenant_id", "created_at", "id"], unique=False,
        postgresql_where=sa.text("tenant_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_webhook_delivery_failed", table, ["webhook_id", "created_at"], unique=False,
        postgresql_where=sa.text("status = 'failed'"),
    )  # fmt: skip


def _attempts() -> None:
    op.create_table(
        "webhook_attempt",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("webhook_id", sa.Uuid(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("request_headers", postgresql.JSONB(), nullable=False),
        sa.Column("request_body", sa.Text(), nullable=True),
        sa.Column("is_success", sa.Boolean(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("response_headers", postgresql.JSONB(), nullable=True),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("at", "id", name="pk_webhook_attempt"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_webhook_attempt_delivery", "webhook_attempt", ["delivery_id", "at"], unique=False)
    op.create_index("ix_webhook_attempt_webhook", "webhook_attempt", ["webhook_id", "at"], unique=False)
    op.create_index("ix_webhook_attempt_xid", "webhook_attempt", ["xid"], unique=False)


def _rollup() -> None:
    dimensions = {"webhook_id": sa.Uuid(), "tenant_id": sa.Uuid()}
    for grain, every in (("minute", "day"), ("hour", "month"), ("day", None)):
        table = f"webhook_rollup_{grain}"
        op.create_table(
            table,
            sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
            *(sa.Column(name, kind, nullable=True) for name, kind in dimensions.items()),
            sa.Column("total", sa.BigInteger(), nullable=False),
            sa.Column("failures", sa.BigInteger(), nullable=False),
            sa.Column("duration_ms_sum", sa.Numeric(), nullable=False),
            sa.Column("duration_ms_max", sa.Float(), nullable=True),
            **({"postgresql_partition_by": "RANGE (bucket)"} if every else {}),
        )
        op.create_index(
            f"uq_{table}_bucket", table, ["bucket", *dimensions], unique=True, postgresql_nulls_not_distinct=True
        )
    op.create_index("ix_webhook_rollup_hour_webhook", "webhook_rollup_hour", ["webhook_id", "bucket"], unique=False)
