"""What the directory shows of each tenant."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.kernel import partitions, rls

revision = "0020"
down_revision = "0019"

COUNTS = ("seats_used", "users_active_30d", "messages_30d", "messages_30d_before", "api_calls_30d", "errors_24h",
          "open_alerts", "open_tickets")  # fmt: skip

SECURITY = [
    *rls.observe("tenant_summary", readable_by="tenants:read", tenant_column="tenant_id"),
    *rls.observe("tenant_summary_day", readable_by="tenants:read", tenant_column="tenant_id"),
]
PARTITIONS = partitions.partition_statements(
    "tenant_summary_day", every="month", behind=timedelta(days=31), ahead=timedelta(days=40)
)


def _figures() -> list[sa.Column[Any]]:
    return [
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in COUNTS),
        *(sa.Column(name, sa.Numeric(14, 2), nullable=True) for name in ("mrr", "revenue_30d")),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "tenant_summary",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *_figures(),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("health_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "health IN ('healthy', 'degraded', 'down', 'unknown')", name=op.f("ck_tenant_summary_health")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_summary_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenant_summary"),
        postgresql_with={"fillfactor": 40},
    )
    op.create_table(
        "tenant_summary_day",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        *_figures(),
        sa.PrimaryKeyConstraint("tenant_id", "day", name="pk_tenant_summary_day"),
        postgresql_partition_by="RANGE (day)",
    )
    for statement in (*SECURITY, *PARTITIONS):
        op.execute(statement)
