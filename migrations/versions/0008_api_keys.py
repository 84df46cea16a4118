"""API keys, when each was last used, and the rollup of their calls."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import partitions, rls

revision = "0008"
down_revision = "0007"

GRAINS = (("minute", "day"), ("hour", "month"), ("day", None))
_SIGHT = rls.in_scope("tenant_id")
# Revoking is a change that takes the right to delete; no row is ever removed, so that a leaked key can be traced.
SECURITY = [
    *rls.policies(
        "api_key",
        select=f"{rls.may('api_keys:read')} AND {_SIGHT}",
        insert=f"{rls.may('api_keys:create')} AND {_SIGHT}",
        update=f"({rls.may('api_keys:update')} OR {rls.may('api_keys:delete')}) AND {_SIGHT}",
    ),
    *rls.policies(
        "api_key_use",
        select=f"{rls.may('api_keys:read')} AND {_SIGHT}",
        insert=rls.ITSELF,
        update=rls.ITSELF,
    ),
    *(
        statement
        for grain, _ in GRAINS
        for statement in rls.policies(
            f"api_key_rollup_{grain}",
            select=f"{rls.may('api_keys:read')} AND {_SIGHT}",
            insert=rls.ITSELF,
            delete=rls.ITSELF,
        )
    ),
]
PARTITIONS = [
    *partitions.partition_statements("api_key_rollup_minute", every="day", behind=timedelta(days=1)),
    *partitions.partition_statements(
        "api_key_rollup_hour", every="month", behind=timedelta(days=31), ahead=timedelta(days=40)
    ),
]


def upgrade() -> None:
    _keys()
    _rollup()
    for statement in (*SECURITY, *PARTITIONS):
        op.execute(statement)


def _keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rate_limit_per_minute", sa.BigInteger(), nullable=False),
        sa.Column("allowed_networks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        sa.Column("previous_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revocation_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("mode IN ('live', 'test')", name="ck_api_key_mode"),
        sa.CheckConstraint("rate_limit_per_minute > 0", name="ck_api_key_rate_limit_per_minute"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_api_key_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("previous_digest", name="uq_api_key_previous_digest"),
        sa.UniqueConstraint("secret_digest", name="uq_api_key_secret_digest"),
    )
    op.create_index("ix_api_key_created", "api_key", ["created_at", "id"], unique=False)
    op.create_index("ix_api_key_hint", "api_key", ["hint"], unique=False)
    op.create_index("ix_api_key_name", "api_key", [sa.literal_column("lower(name) text_pattern_ops")], unique=False)
    op.create_index("ix_api_key_tenant_id", "api_key", ["tenant_id"], unique=False)
    op.create_table(
        "api_key_use",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_ip", sa.Text(), nullable=True),
        sa.Column("previous_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_key_use"),
    )


def _rollup() -> None:
    for grain, every in GRAINS:
        table = f"api_key_rollup_{grain}"
        op.create_table(
            table,
            sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
            sa.Column("key_id", sa.Uuid(), nullable=True),
            sa.Column("tenant_id", sa.Uuid(), nullable=True),
            sa.Column("status_class", sa.BigInteger(), nullable=True),
            sa.Column("total", sa.BigInteger(), nullable=False),
            sa.Column("limited", sa.BigInteger(), nullable=False),
            sa.Column("duration_ms_sum", sa.Numeric(), nullable=False),
            **({"postgresql_partition_by": "RANGE (bucket)"} if every else {}),
        )
        op.create_index(
            f"uq_{table}_bucket", table, ["bucket", "key_id", "tenant_id", "status_class"], unique=True,
            postgresql_nulls_not_distinct=True,
        )  # fmt: skip
    for grain in ("hour", "day"):
        op.create_index(f"ix_api_key_rollup_{grain}_key", f"api_key_rollup_{grain}", ["key_id", "bucket"], unique=False)
