"""The kernel: app role, security functions, audit, outbox, maintenance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import audit, partitions, rls
from core.kernel.models import TransactionId

revision = "0001"
down_revision = None

ROLE_AND_FUNCTIONS = [
    """
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'quarterdeck_app') THEN CREATE ROLE quarterdeck_app NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
""",
    "GRANT quarterdeck_app TO CURRENT_USER",
    "GRANT USAGE ON SCHEMA public TO quarterdeck_app",
    """
CREATE FUNCTION qd_may(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_to_array(coalesce(current_setting('qd.grants', true), ''), ',')
           && ARRAY[permission, split_part(permission, ':', 1) || ':*', '*']
$$
""",
    """
CREATE FUNCTION qd_tenants() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT array_agg(tenant_id) FROM tenant_assignment
                     WHERE operator_id = nullif(current_setting('qd.operator', true), '')::uuid), '{}');
END $$
""",
    *partitions.FUNCTIONS,
]

SECURITY = [
    *rls.policies(
        "audit_entry",
        select=f"{rls.may('audit:read')} AND ({rls.in_scope('tenant_id')})",
        insert="true",
    ),
    *rls.policies("audit_seal", select=rls.may("audit:read"), insert=rls.ITSELF),
    *rls.policies("audit_digest", select=rls.may("audit:read"), insert=rls.ITSELF),
    *rls.policies("event", select=rls.ITSELF, insert="true", delete=rls.ITSELF),
    *rls.policies("once_key", select="true", insert="true", delete=rls.ITSELF),
    *rls.policies("key_check", select="true", insert=rls.ITSELF, update=rls.ITSELF, delete=rls.ITSELF),
    *rls.policies("maintenance", select="true", insert=rls.may("settings:create"), update=rls.may("settings:update")),
]


def upgrade() -> None:
    for statement in ROLE_AND_FUNCTIONS:
        op.execute(statement)
    op.create_table(
        "audit_digest",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("seal_number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_digest"),
        sa.UniqueConstraint("entry_id", name="uq_audit_digest_entry_id"),
    )
    op.create_index("ix_audit_digest_seal_number", "audit_digest", ["seal_number"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("entity_type", sa.Text(), nullable=True),
        sa.Column("entity_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("access", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("occurred_at", "id", name="pk_audit_entry"),
        postgresql_partition_by="RANGE (occurred_at)",
    )
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "occurred_at"], unique=False)
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor_id", "occurred_at"], unique=False)
    op.create_index("ix_audit_entry_entities", "audit_entry", ["entity_ids"], unique=False, postgresql_using="gin")
    op.create_index("ix_audit_entry_tenant", "audit_entry", ["tenant_id", "occurred_at"], unique=False)
    op.create_index("ix_audit_entry_xid", "audit_entry", ["xid", "id"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_xid", TransactionId(), nullable=False),
        sa.Column("to_xid", TransactionId(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_seal"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_order", "event", ["xid", "id"], unique=False)
    op.create_table(
        "key_check",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_key_check"),
    )
    op.create_table(
        "maintenance",
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance"),
    )
    op.create_table(
        "once_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_once_key"),
    )
    op.create_index("ix_once_key_done_at", "once_key", ["done_at"], unique=False)
    for statement in (*audit.APPEND_ONLY, *SECURITY, *audit.partitions()):
        op.execute(statement)
