"""Active operators by time, and counts of the tenants' active people."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from core.kernel import partitions, rls

revision = "0018"
down_revision = "0017"

SECURITY = [
    *rls.observe("active_users", tenant_column="tenant_id"),
    *(statement for grain in ("minute", "hour", "day") for statement in rls.observe(f"operator_rollup_{grain}")),
]


def _partitions() -> Iterator[str]:
    month = {"behind": timedelta(days=31), "ahead": timedelta(days=40)}
    yield from partitions.partition_statements("operator_rollup_minute", every="day")
    yield from partitions.partition_statements("operator_rollup_hour", every="month", **month)
    yield from partitions.partition_statements("active_users", every="month", **month)


def upgrade() -> None:
    op.create_table(
        "active_users",
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("users", "seen", "daily", "weekly", "monthly")),
        sa.PrimaryKeyConstraint("day", "tenant_id", name="pk_active_users"),
        postgresql_partition_by="RANGE (day)",
    )
    for grain in ("minute", "hour", "day"):
        _operators(grain)
    op.create_index(
        "ix_tenant_user_seen", "tenant_user", ["last_seen_at"], unique=False,
        postgresql_where=sa.text("deactivated_at IS NULL"),
    )  # fmt: skip
    for statement in (*SECURITY, *_partitions()):
        op.execute(statement)


def _operators(grain: str) -> None:
    table = f"operator_rollup_{grain}"
    op.create_table(
        table,
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        **({"postgresql_partition_by": "RANGE (bucket)"} if grain != "day" else {}),
    )
    op.create_index(
        f"uq_{table}_bucket", table, ["bucket", "operator_id"], unique=True, postgresql_nulls_not_distinct=True
    )
