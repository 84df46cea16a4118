"""Alerts: rules, what they found, what became of it, silences, and the rules that come with the portal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.health.alerts.defaults import RULES
from core.kernel import rls

revision = "0013"
down_revision = "0012"

_SIGHT = rls.in_scope("tenant_id")
# Opening is for the portal itself; a rule is never removed, for alerts tell of it. What is of no tenant is for scope `all`.
SECURITY = [
    *rls.policies(
        "alert_rule",
        select=rls.may("alert_rules:read"),
        insert=rls.may("alert_rules:create"),
        update=f"({rls.may('alert_rules:update')} OR {rls.may('alert_rules:delete')})",
    ),
    *rls.policies("alert_rule_state", select=rls.may("alert_rules:read"), insert=rls.ITSELF, update=rls.ITSELF),
    *rls.policies(
        "alert",
        select=f"{rls.may('alerts:read')} AND {_SIGHT}",
        insert=rls.ITSELF,
        update=f"{rls.may('alerts:update')} AND {_SIGHT}",
    ),
    *rls.policies("alert_state", select=f"{rls.may('alerts:read')} AND {_SIGHT}", insert=rls.ITSELF, update=rls.ITSELF),
    *rls.policies(
        "alert_history",
        select=f"{rls.may('alerts:read')} AND {_SIGHT}",
        insert=f"{rls.may('alerts:update')} AND {_SIGHT}",
    ),
    *rls.policies(
        "silence",
        select=rls.may("alerts:read"),
        insert=rls.may("alerts:update"),
        update=rls.may("alerts:update"),
    ),
]


def upgrade() -> None:
    _rules()
    _alerts()
    _silences()
    for statement in SECURITY:
        op.execute(statement)
    _store_rules()


def _rules() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        sa.Column("per", sa.Text(), nullable=True),
        sa.Column("comparison", sa.Text(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("clear_bound", sa.Float(), nullable=True),
        sa.Column("for_s", sa.BigInteger(), nullable=False),
        sa.Column("clear_after_s", sa.BigInteger(), nullable=False),
        sa.Column("window_s", sa.BigInteger(), nullable=False),
        sa.Column("minimum_volume", sa.BigInteger(), nullable=False),
        sa.Column("storm_size", sa.BigInteger(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("runbook_url", sa.Text(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("comparison IN ('above', 'below')", name="ck_alert_rule_comparison"),
        sa.CheckConstraint(
            "kind IN ('threshold', 'absence', 'rate_of_change', 'anomaly', 'monitor_down', 'certificate', 'burn_rate')",
            name="ck_alert_rule_kind",
        ),
        sa.CheckConstraint("severity IN ('critical', 'warning', 'info')", name="ck_alert_rule_severity"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_rule"),
        sa.UniqueConstraint("key", name="uq_alert_rule_key"),
    )
    op.create_index(
        "uq_alert_rule_name",
        "alert_rule",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "alert_rule_state",
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("firing", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome IN ('firing', 'clear', 'unknown', 'failed')", name="ck_alert_rule_state_outcome"),
        sa.PrimaryKeyConstraint("rule_id", name="pk_alert_rule_state"),
    )


def _alerts() -> None:
    op.create_table(
        "alert_state",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value_last", sa.Float(), nullable=True),
        sa.Column("value_worst", sa.Float(), nullable=True),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alert_state"),
    )
    op.create_table(
        "alert",
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("rule_name", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("labels", postgresql.JSONB(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_by_name", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_by_name", sa.Text(), nullable=True),
        sa.Column("value_first", sa.Float(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("occurrences", sa.BigInteger(), nullable=False),
        sa.Column("is_flapping", sa.Boolean(), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("notifies", sa.Boolean(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("runbook_url", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("severity IN ('critical', 'warning', 'info')", name="ck_alert_severity"),
        sa.CheckConstraint("status IN ('open', 'acknowledged', 'resolved', 'dismissed')", name="ck_alert_status"),
        sa.ForeignKeyConstraint(["parent_id"], ["alert.id"], name="fk_alert_parent_id"),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rule.id"], name="fk_alert_rule_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_dedup_key", "alert", ["dedup_key", sa.literal_column("opened_at DESC")], unique=False)
    op.create_index("ix_alert_opened", "alert", ["opened_at", "id"], unique=False)
    op.create_index(
        "ix_alert_parent_id", "alert", ["parent_id"], unique=False, postgresql_where=sa.text("parent_id IS NOT NULL")
    )
    op.create_index("ix_alert_rule_id", "alert", ["rule_id", "opened_at"], unique=False)
    op.create_index("ix_alert_status", "alert", ["status", "opened_at", "id"], unique=False)
    op.create_index("ix_alert_tenant_id", "alert", ["tenant_id", "opened_at"], unique=False)
    op.create_index(
        "uq_alert_live",
        "alert",
        ["dedup_key"],
        unique=True,
        postgresql_where=sa.text("status IN ('open', 'acknowledged')"),
    )
    op.create_table(
        "alert_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_history_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_history"),
    )
    op.create_index("ix_alert_history_alert_id", "alert_history", ["alert_id", "at"], unique=False)
    op.create_index("ix_alert_history_at", "alert_history", ["at"], unique=False)


def _silences() -> None:
    op.create_table(
        "silence",
        sa.Column("rule_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("severities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("subject_pattern", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_name", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="ck_silence_ends_at"),
        sa.PrimaryKeyConstraint("id", name="pk_silence"),
    )
    op.create_index("ix_silence_ends_at", "silence", ["ends_at"], unique=False)


def _store_rules() -> None:
    table = sa.table(
        "alert_rule",
        *(sa.column(name, postgresql.JSONB()) for name in ("filters", "settings")),
        *(sa.column(name) for name in RULES[0] if name not in {"filters", "settings", "id"}),
        sa.column("id", sa.Uuid()),
        sa.column("created_at"),
        sa.column("updated_at"),
    )
    stamps = {"created_at": sa.func.now(), "updated_at": sa.func.now()}
    op.execute(sa.insert(table).values([{**rule, **stamps} for rule in RULES]))
