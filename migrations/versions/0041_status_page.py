"""The public status page: components, subscribers, and what was rendered."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0041"
down_revision = "0040"


def _security() -> Iterator[str]:
    for table in ("status_component", "status_maintenance"):
        change = rls.may("status_page:update")
        yield from rls.policies(table, select=rls.may("status_page:read"), insert=change, update=change, delete=change)
    for table in ("status_subscriber", "status_mail", "status_render"):
        yield from rls.observe(table, readable_by="status_page:read")


def upgrade() -> None:
    _shown()
    _told()
    for statement in _security():
        op.execute(statement)


def _shown() -> None:
    op.create_table(
        "status_component",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("monitor_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("manual_state", sa.Text(), nullable=True),
        sa.Column("manual_reason", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "manual_state IN ('operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance')",
            name=op.f("ck_status_component_manual_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_component")),
    )
    op.create_index(
        "uq_status_component_name",
        "status_component",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "status_maintenance",
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("component_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["window_id"], ["maintenance_window.id"], name=op.f("fk_status_maintenance_window_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_maintenance")),
        sa.UniqueConstraint("window_id", name=op.f("uq_status_maintenance_window_id")),
    )


def _told() -> None:
    op.create_table(
        "status_render",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_render")),
    )
    op.create_index("ix_status_render_at", "status_render", ["at"], unique=False)
    op.create_table(
        "status_subscriber",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("component_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("confirm_digest", sa.LargeBinary(), nullable=True),
        sa.Column("confirm_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manage_digest", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_subscriber")),
        sa.UniqueConstraint("confirm_digest", name=op.f("uq_status_subscriber_confirm_digest")),
        sa.UniqueConstraint("manage_digest", name=op.f("uq_status_subscriber_manage_digest")),
    )
    op.create_index("ix_status_subscriber_created", "status_subscriber", ["created_at", "id"], unique=False)
    op.create_index("uq_status_subscriber_email", "status_subscriber", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "status_mail",
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'no mail server')", name=op.f("ck_status_mail_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["status_subscriber.id"], name=op.f("fk_status_mail_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_mail")),
    )
    op.create_index(
        "ix_status_mail_queued",
        "status_mail",
        ["at", "id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'queued'"),
    )
    op.create_index("uq_status_mail_once", "status_mail", ["subscriber_id", "kind", "source_id"], unique=True)
