"""Settings of tenants: overrides, requests, and what was changed."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.customers.configuration.catalogue import PLAN_SETTINGS
from core.kernel import rls

revision = "0026"
down_revision = "0025"

_MINE = f" AND {rls.in_scope('tenant_id')}"
# Who approves applies what was asked for, also without the right to change settings by himself.
_APPLIES = f"({rls.may('configuration:update')} OR {rls.may('configuration:approve')}){_MINE}"
_ASKS = f"({rls.may('configuration:propose')} OR {rls.may('configuration:approve')}){_MINE}"
# Anybody who changes a setting must see what is there.
_SEES = (
    f"({rls.may('configuration:read')} OR {rls.may('configuration:update')} OR {rls.may('configuration:approve')}"
    f" OR {rls.may('configuration:propose')}){_MINE}"
)
SECURITY = [
    *rls.policies("tenant_setting", select=_SEES, insert=_APPLIES, update=_APPLIES, delete=_APPLIES),
    *rls.policies("tenant_setting_request", select=_SEES, insert=_ASKS, update=_ASKS, delete=rls.ITSELF),
    *rls.policies("tenant_setting_change", select=_SEES, insert=_APPLIES, delete=rls.ITSELF),
]


def _stamps() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    ]


def _wish() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
    ]


def upgrade() -> None:
    _overrides()
    _requests()
    _changes()
    for statement in SECURITY:
        op.execute(statement)
    for plan, settings in PLAN_SETTINGS.items():
        given = json.dumps(settings).replace("'", "''").replace(":", "\\:")
        op.execute(sa.text(f"UPDATE plan SET settings = settings || '{given}'::jsonb WHERE key = '{plan}'"))


def _overrides() -> None:
    op.create_table(
        "tenant_setting",
        *_wish(),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_by_name", sa.Text(), nullable=False),
        sa.Column("approved_by_name", sa.Text(), nullable=True),
        *_stamps(),
        sa.CheckConstraint("(value IS NULL) <> (secret IS NULL)", name=op.f("ck_tenant_setting_value")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_setting_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenant_setting"),
        sa.UniqueConstraint("tenant_id", "key", name="uq_tenant_setting_tenant_id_key"),
    )
    op.create_index("ix_tenant_setting_key", "tenant_setting", ["key", "created_at", "id"])
    op.create_index("ix_tenant_setting_created", "tenant_setting", ["created_at", "id"])
    op.create_index(
        "ix_tenant_setting_expiry", "tenant_setting", ["expires_at"], postgresql_where=sa.text("expires_at IS NOT NULL")
    )


def _requests() -> None:
    table = "tenant_setting_request"
    op.create_table(
        table,
        *_wish(),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        *_stamps(),
        sa.CheckConstraint("operation IN ('set', 'clear')", name=op.f(f"ck_{table}_operation")),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'approved', 'rejected', 'withdrawn')", name=op.f(f"ck_{table}_outcome")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=f"fk_{table}_tenant_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(
        f"uq_{table}_waiting", table, ["tenant_id", "key"], unique=True, postgresql_where=sa.text("outcome = 'waiting'")
    )
    op.create_index(f"ix_{table}_outcome", table, ["outcome", "created_at", "id"])
    op.create_index(f"ix_{table}_created", table, ["created_at", "id"])
    op.create_index(f"ix_{table}_tenant", table, ["tenant_id", "created_at", "id"])


def _changes() -> None:
    table = "tenant_setting_change"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("approved_by_name", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("change IN ('set', 'cleared', 'expired')", name=op.f(f"ck_{table}_change")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=f"fk_{table}_tenant_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_key", table, ["tenant_id", "key", "at", "id"])
    op.create_index(f"ix_{table}_tenant", table, ["tenant_id", "at", "id"])
