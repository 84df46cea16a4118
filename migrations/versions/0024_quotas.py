"""Quotas: limits, use, overrides, requests for more."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from core.kernel import partitions, rls

revision = "0024"
down_revision = "0023"

_MINE = f" AND {rls.in_scope('tenant_id')}"
_SEES = rls.may("quotas:read") + _MINE
_CHANGES = rls.may("quotas:update") + _MINE
_DECIDES = f"({rls.may('quotas:update')} OR {rls.may('quotas:approve')}){_MINE}"
_RESOURCE = "resource IN ('users', 'storage_bytes', 'api_calls', 'messages', 'ai_spend')"

SECURITY = [
    *rls.policies("tenant_quota", select=_SEES, insert=_CHANGES, update=_CHANGES, delete=_CHANGES),
    *rls.observe("quota_usage", readable_by="quotas:read", tenant_column="tenant_id"),
    *rls.observe("quota_usage_day", readable_by="quotas:read", tenant_column="tenant_id"),
    *rls.policies("quota_level", select=_SEES, insert=rls.ITSELF, update=rls.ITSELF, delete=rls.ITSELF),
    *rls.policies("quota_upgrade", select=_SEES, insert=_CHANGES, update=_DECIDES, delete=rls.ITSELF),
]
# The days of the past are counted from what is known already.
PARTITIONS = partitions.partition_statements(
    "quota_usage_day", every="month", behind=timedelta(days=100), ahead=timedelta(days=40)
)


def _identified() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    ]


def _of_resource() -> list[sa.Column]:
    return [sa.Column("tenant_id", sa.Uuid(), nullable=False), sa.Column("resource", sa.Text(), nullable=False)]


def _amount(name: str) -> sa.Column:
    return sa.Column(name, sa.Numeric(20, 4), nullable=True)


def upgrade() -> None:
    _overrides()
    _usage()
    _days()
    _levels()
    _upgrades()
    for statement in (*SECURITY, *PARTITIONS):
        op.execute(statement)


def _overrides() -> None:
    op.create_table(
        "tenant_quota",
        *_identified(),
        *_of_resource(),
        _amount("limit_value"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint(_RESOURCE, name=op.f("ck_tenant_quota_resource")),
        sa.CheckConstraint("limit_value >= 0", name=op.f("ck_tenant_quota_limit_value")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_quota_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenant_quota"),
        sa.UniqueConstraint("tenant_id", "resource", name="uq_tenant_quota_tenant_id_resource"),
    )
    op.create_index(
        "ix_tenant_quota_expiry",
        "tenant_quota",
        ["expires_at", "id"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )


def _usage() -> None:
    op.create_table(
        "quota_usage",
        *_of_resource(),
        _amount("used"),
        _amount("limit_value"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("ratio", sa.Float(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_RESOURCE, name=op.f("ck_quota_usage_resource")),
        sa.CheckConstraint("source IN ('override', 'seats', 'plan', 'none')", name=op.f("ck_quota_usage_source")),
        sa.CheckConstraint(
            "policy IN ('notify', 'throttle', 'block', 'auto_upgrade')", name=op.f("ck_quota_usage_policy")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_quota_usage_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "resource", name="pk_quota_usage"),
        postgresql_with={"fillfactor": 40},
    )
    op.create_index(
        "ix_quota_usage_ratio",
        "quota_usage",
        ["ratio", "tenant_id", "resource"],
        postgresql_where=sa.text("ratio >= 0.5"),
    )


def _days() -> None:
    op.create_table(
        "quota_usage_day",
        *_of_resource(),
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        _amount("amount"),
        _amount("limit_value"),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "resource", "day", name="pk_quota_usage_day"),
        postgresql_partition_by="RANGE (day)",
    )


def _levels() -> None:
    op.create_table(
        "quota_level",
        *_of_resource(),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("period", sa.Date(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_RESOURCE, name=op.f("ck_quota_level_resource")),
        sa.CheckConstraint("level IN (0, 80, 90, 100)", name=op.f("ck_quota_level_level")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_quota_level_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "resource", name="pk_quota_level"),
    )


def _upgrades() -> None:
    op.create_table(
        "quota_upgrade",
        *_identified(),
        *_of_resource(),
        sa.Column("from_plan", sa.Text(), nullable=False),
        sa.Column("to_plan", sa.Text(), nullable=False),
        _amount("used"),
        _amount("limit_value"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_by_name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(_RESOURCE, name=op.f("ck_quota_upgrade_resource")),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'approved', 'rejected', 'withdrawn', 'lapsed')",
            name=op.f("ck_quota_upgrade_outcome"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_quota_upgrade_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_upgrade"),
    )
    op.create_index(
        "uq_quota_upgrade_waiting",
        "quota_upgrade",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'waiting'"),
    )
    op.create_index("ix_quota_upgrade_outcome", "quota_upgrade", ["outcome", "created_at", "id"])
    op.create_index("ix_quota_upgrade_tenant", "quota_upgrade", ["tenant_id", "resource", "created_at", "id"])
