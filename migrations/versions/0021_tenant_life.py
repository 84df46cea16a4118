"""Drafts of new tenants, campaigns, certificates of deletion."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0021"
down_revision = "0020"

_OWN = f"{rls.may('tenants:create')} AND operator_id = (SELECT nullif(current_setting('qd.operator', true), '')::uuid)"
# What a purge removes though nobody else may.
PURGED = (
    "alert",
    "alert_history",
    "alert_state",
    "api_key",
    "api_key_use",
    "monitor_pause",
    "monitor_state",
    "tenant_notice",
)


def _security() -> Iterator[str]:
    yield from rls.secure("campaign", "campaigns", tenant_column="tenant_id")
    yield from rls.policies("tenant_draft", select=_OWN, insert=_OWN, update=_OWN, delete=_OWN)
    yield from rls.observe("purge_count", readable_by="tenants:read", tenant_column="tenant_id")
    yield from rls.policies(
        "deletion_certificate",
        select=f"{rls.may('tenants:read')} AND {rls.in_scope('tenant_id')}",
        insert=rls.ITSELF,
    )
    for table in PURGED:
        yield from rls.policies(table, delete=rls.ITSELF)


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by_suspension", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'running', 'paused', 'finished')", name=op.f("ck_campaign_status")),
        sa.CheckConstraint("NOT paused_by_suspension OR status = 'paused'", name=op.f("ck_campaign_suspension")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_campaign_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.UniqueConstraint("tenant_id", "external_id", name="uq_campaign_tenant_id_external_id"),
    )
    op.create_index("ix_campaign_created", "campaign", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_campaign_running", "campaign", ["tenant_id"], unique=False, postgresql_where=sa.text("status = 'running'")
    )
    op.create_table(
        "tenant_draft",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", name="pk_tenant_draft"),
    )
    op.create_table(
        "purge_count",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "table_name", name="pk_purge_count"),
    )
    op.create_table(
        "deletion_certificate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_deletion_certificate_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deletion_certificate"),
        sa.UniqueConstraint("number", name="uq_deletion_certificate_number"),
        sa.UniqueConstraint("tenant_id", name="uq_deletion_certificate_tenant_id"),
    )
    for statement in _security():
        op.execute(statement)
