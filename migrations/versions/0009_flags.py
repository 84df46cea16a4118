"""Feature flags: definitions, environments, segments, overrides, reviewed changes, exposures, and the revision to watch."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0009"
down_revision = "0008"

_READ, _CREATE, _UPDATE, _DELETE, _REVIEW, _KILL = (
    rls.may(f"flags:{verb}") for verb in ("read", "create", "update", "delete", "review", "kill")
)
# Who kills need not be one who edits, and a reviewed change is applied by the reviewer.
_CHANGE = f"({_UPDATE} OR {_REVIEW} OR {_KILL} OR {_DELETE})"
_OVERRIDE = f"({_UPDATE} OR {_REVIEW}) AND {rls.in_scope('tenant_id')}"

SECURITY = [
    *rls.policies("flag", select=_READ, insert=_CREATE, update=_CHANGE),
    *rls.policies("flag_environment", select=_READ, insert=_CREATE, update=_CHANGE),
    *rls.policies("flag_segment", select=_READ, insert=_CREATE, update=_UPDATE, delete=_DELETE),
    *rls.policies(
        "flag_override",
        select=f"{_READ} AND {rls.in_scope('tenant_id')}",
        insert=_OVERRIDE,
        update=_OVERRIDE,
        delete=_OVERRIDE,
    ),
    *rls.policies("flag_change", select=_READ, insert=_UPDATE, update=f"({_UPDATE} OR {_REVIEW})"),
    *rls.observe("flag_exposure", readable_by="flags:read"),
    *rls.policies("flag_revision", select="true"),
]

# Every change replaces the revision in its own transaction, whoever makes it, also by SQL: a process that reads the same
# revision twice has missed nothing. A random one, because a counter that was rolled back would come again.
WATCH = [
    "INSERT INTO flag_revision (id, revision, changed_at) VALUES (1, gen_random_uuid(), now())",
    """
CREATE FUNCTION qd_flags_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE flag_revision SET revision = gen_random_uuid(), changed_at = clock_timestamp() WHERE id = 1;
    RETURN NULL;
END $$
""",
    *(
        f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION qd_flags_changed()"
        for table in ("flag", "flag_environment", "flag_segment", "flag_override")
    ),
]


def upgrade() -> None:

    op.create_table(
        "flag",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("variants", postgresql.JSONB(), nullable=False),
        sa.Column("off_variant", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("is_protected", sa.Boolean(), nullable=False),
        sa.Column("config", postgresql.JSONB(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('boolean', 'multivariate', 'json')", name="ck_flag_kind"),
        sa.CheckConstraint("unit IN ('tenant', 'user')", name="ck_flag_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_flag"),
        sa.UniqueConstraint("key", name="uq_flag_key"),
    )
    op.create_index("ix_flag_created", "flag", ["created_at", "id"], unique=False)
    op.create_index("ix_flag_key", "flag", [sa.literal_column("key text_pattern_ops")], unique=False)
    op.create_index("ix_flag_name", "flag", [sa.literal_column("lower(name) text_pattern_ops")], unique=False)
    op.create_index("ix_flag_owner_id", "flag", ["owner_id"], unique=False)
    op.create_table(
        "flag_exposure",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("evaluations", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flag_id", "environment", "day", "variant", name="pk_flag_exposure"),
    )
    op.create_table(
        "flag_revision",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flag_revision"),
    )
    op.create_table(
        "flag_segment",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("match IN ('all', 'any')", name="ck_flag_segment_match"),
        sa.PrimaryKeyConstraint("id", name="pk_flag_segment"),
        sa.UniqueConstraint("key", name="uq_flag_segment_key"),
    )
    op.create_table(
        "flag_change",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("base_flag_version", sa.BigInteger(), nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "environment IN ('production', 'staging', 'development')", name="ck_flag_change_environment"
        ),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'approved', 'rejected', 'withdrawn')", name="ck_flag_change_outcome"
        ),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="fk_flag_change_flag_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flag_change"),
    )
    op.create_index("ix_flag_change_flag", "flag_change", ["flag_id", "created_at"], unique=False)
    op.create_index(
        "ix_flag_change_waiting",
        "flag_change",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("outcome = 'waiting'"),
    )
    op.create_table(
        "flag_environment",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("serve", postgresql.JSONB(), nullable=False),
        sa.Column("rollout_percentage", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("prerequisites", postgresql.JSONB(), nullable=False),
        sa.Column("ramp", postgresql.JSONB(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guardrails", postgresql.JSONB(), nullable=False),
        sa.Column("killed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("killed_by", sa.Uuid(), nullable=True),
        sa.Column("kill_reason", sa.Text(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by", sa.Uuid(), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "environment IN ('production', 'staging', 'development')", name="ck_flag_environment_environment"
        ),
        sa.CheckConstraint("rollout_percentage BETWEEN 0 AND 100", name="ck_flag_environment_rollout_percentage"),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="fk_flag_environment_flag_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flag_environment"),
        sa.UniqueConstraint("flag_id", "environment", name="uq_flag_environment_flag_id_environment"),
    )
    op.create_index(
        "ix_flag_environment_disable",
        "flag_environment",
        ["disable_at"],
        unique=False,
        postgresql_where=sa.text("disable_at IS NOT NULL"),
    )
    op.create_index(
        "ix_flag_environment_enable",
        "flag_environment",
        ["enable_at"],
        unique=False,
        postgresql_where=sa.text("enable_at IS NOT NULL"),
    )
    op.create_index(
        "ix_flag_environment_ramp",
        "flag_environment",
        ["next_step_at"],
        unique=False,
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.create_table(
        "flag_override",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=True),
        sa.Column("config", postgresql.JSONB(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "environment IN ('production', 'staging', 'development')", name="ck_flag_override_environment"
        ),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="fk_flag_override_flag_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_flag_override_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flag_override"),
        sa.UniqueConstraint(
            "flag_id", "environment", "tenant_id", name="uq_flag_override_flag_id_environment_tenant_id"
        ),
    )
    op.create_index(
        "ix_flag_override_expiry",
        "flag_override",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_flag_override_tenant", "flag_override", ["tenant_id"], unique=False)
    for statement in (*SECURITY, *WATCH):
        op.execute(statement)
