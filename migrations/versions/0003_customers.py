"""Customers: tenants, their people, assignments, notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0003"
down_revision = "0002"

SECURITY = [
    *rls.secure("tenant", "tenants", tenant_column="id"),
    *rls.secure("tenant_user", "users", tenant_column="tenant_id"),
    *rls.secure("tenant_assignment", "assignments", tenant_column="tenant_id"),
    *rls.policies(
        "tenant_notice",
        select=f"{rls.may('tenants:read')} AND {rls.in_scope('tenant_id')}",
        insert=rls.ITSELF,
        update=rls.ITSELF,
    ),
]


def upgrade() -> None:
    op.create_table(
        "tenant",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("trial_ends_on", sa.Date(), nullable=True),
        sa.Column("csm_id", sa.Uuid(), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_by", sa.Uuid(), nullable=True),
        sa.Column("suspension_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("region IN ('US', 'EU', 'APAC')", name="ck_tenant_region"),
        sa.CheckConstraint("status IN ('active', 'trial', 'suspended', 'deleted')", name="ck_tenant_status"),
        sa.CheckConstraint("tier IN ('free', 'basic', 'pro', 'enterprise')", name="ck_tenant_tier"),
        sa.CheckConstraint("seats > 0", name="ck_tenant_seats"),
        sa.PrimaryKeyConstraint("id", name="pk_tenant"),
        sa.UniqueConstraint("domain", name="uq_tenant_domain"),
    )
    op.create_index("ix_tenant_created", "tenant", ["created_at", "id"], unique=False)
    op.create_index("ix_tenant_csm_id", "tenant", ["csm_id"], unique=False)
    op.create_index("ix_tenant_name", "tenant", [sa.literal_column("lower(name) text_pattern_ops")], unique=False)
    op.create_index("ix_tenant_status", "tenant", ["status", "created_at"], unique=False)
    op.create_table(
        "tenant_assignment",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_assignment_tenant_id"),
        sa.PrimaryKeyConstraint("operator_id", "tenant_id", name="pk_tenant_assignment"),
    )
    op.create_index("ix_tenant_assignment_tenant_id", "tenant_assignment", ["tenant_id"], unique=False)
    op.create_table(
        "tenant_notice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recipients", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'no mail server', 'no recipient')", name="ck_tenant_notice_outcome"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_notice_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenant_notice"),
        sa.UniqueConstraint("event_id", name="uq_tenant_notice_event_id"),
    )
    op.create_index("ix_tenant_notice_tenant_id", "tenant_notice", ["tenant_id"], unique=False)
    op.create_table(
        "tenant_user",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_user_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenant_user"),
    )
    op.create_index(
        "ix_tenant_user_email", "tenant_user", [sa.literal_column("lower(email) text_pattern_ops")], unique=False
    )
    op.create_index(
        "ix_tenant_user_name", "tenant_user", [sa.literal_column("lower(name) text_pattern_ops")], unique=False
    )
    op.create_index(
        "uq_tenant_user_email", "tenant_user", ["tenant_id", sa.literal_column("lower(email)")], unique=True
    )
    for statement in SECURITY:
        op.execute(statement)
