"""Who is told of alerts: channels, routes, the delivery log, and what escalates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0014"
down_revision = "0013"

# Whoever sees an alert sees who was told of it.
_LOG = f"{rls.may('alert_channels:read')} OR {rls.may('alerts:read')}"
_WAITS_NO_MORE = f"{rls.may('alert_channels:update')} OR {rls.may('alert_channels:delete')}"
SECURITY = [
    *rls.secure("alert_channel", "alert_channels"),
    *rls.secure("alert_route", "alert_channels"),
    *rls.policies(
        "alert_notification",
        select=_LOG,
        insert=rls.may("alert_channels:update"),
        update=_WAITS_NO_MORE,
        delete=rls.ITSELF,
    ),
    *rls.policies(
        "alert_escalation",
        select=rls.may("alert_channels:read"),
        insert=rls.ITSELF,
        update=rls.ITSELF,
        delete=rls.ITSELF,
    ),
]
# A queue: rows leave its partial index all the time.
VACUUM = (
    "ALTER TABLE alert_notification SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02)"
)


def upgrade() -> None:
    _channels()
    _routes()
    _notifications()
    _escalations()
    for statement in (*SECURITY, VACUUM):
        op.execute(statement)


def _stamps() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )


def _channels() -> None:
    op.create_table(
        "alert_channel",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_alert_channel"),
        sa.UniqueConstraint("name", name="uq_alert_channel_name"),
    )


def _routes() -> None:
    op.create_table(
        "alert_route",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("severities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("ends_at", sa.Time(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("channel_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("continues", sa.Boolean(), nullable=False),
        sa.Column("escalate_after_minutes", sa.Integer(), nullable=True),
        sa.Column("escalation_channel_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("repeat_every_minutes", sa.Integer(), nullable=True),
        *_stamps(),
        sa.CheckConstraint("escalate_after_minutes > 0", name="ck_alert_route_escalate_after_minutes"),
        sa.CheckConstraint("repeat_every_minutes > 0", name="ck_alert_route_repeat_every_minutes"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_route"),
    )


def _notifications() -> None:
    op.create_table(
        "alert_notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("group_key", sa.Text(), nullable=False, server_default=""),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('opened', 'escalated', 'repeat', 'resolved', 'test')", name="ck_alert_notification_reason"
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'failed', 'suppressed')", name="ck_alert_notification_status"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert_notification"),
    )
    _notification_indices()


def _notification_indices() -> None:
    table = "alert_notification"
    waiting, sent = sa.text("status = 'waiting'"), sa.text("status = 'sent'")
    op.create_index(f"ix_{table}_due", table, ["next_attempt_at", "id"], postgresql_where=waiting)
    op.create_index(f"ix_{table}_channel", table, ["channel_id", "created_at", "id"])
    op.create_index(f"ix_{table}_alert", table, ["alert_id", "created_at"])
    op.create_index(f"ix_{table}_group", table, ["channel_id", "group_key", "finished_at"], postgresql_where=sent)
    op.create_index(f"ix_{table}_created", table, ["created_at", "id"])


def _escalations() -> None:
    op.create_table(
        "alert_escalation",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("route_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(
            ["route_id"], ["alert_route.id"], name="fk_alert_escalation_route_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", "route_id", name="pk_alert_escalation"),
    )
    op.create_index("ix_alert_escalation_due_at", "alert_escalation", ["due_at"])
