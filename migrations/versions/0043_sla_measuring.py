"""What measuring contracts needs besides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.health.alerts.defaults import SLA_RULES

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.add_column("sla_watermark", sa.Column("known_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sla_watermark", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sla_period", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_sla_span_ends", "sla_span")
    op.create_index(
        "ix_sla_span_maintenance", "sla_span", ["contract_id", "starts_at"],
        postgresql_where=sa.text("state = 'maintenance'"),
    )  # fmt: skip
    op.create_index(
        "ix_sla_violation_ended", "sla_violation", ["ended_at"], postgresql_where=sa.text("ended_at IS NOT NULL")
    )
    _alerts()


def _alerts() -> None:
    """The kinds of rules that watch contracts, and those that come with the portal."""
    op.drop_constraint(op.f("ck_alert_rule_ck_alert_rule_kind"), "alert_rule")  # its name was doubled
    op.create_check_constraint(
        op.f("ck_alert_rule_kind"), "alert_rule",
        "kind IN ('threshold', 'absence', 'rate_of_change', 'anomaly', 'monitor_down', 'certificate', 'burn_rate',"
        " 'sla_violation', 'sla_budget')",
    )  # fmt: skip
    documents = {"filters", "settings"}
    columns = [sa.column(name) for name in SLA_RULES[0] if name not in {*documents, "id"}]
    table = sa.table(
        "alert_rule", sa.column("id", sa.Uuid()), *columns, *(sa.column(name, postgresql.JSONB()) for name in documents),
        sa.column("created_at", sa.DateTime(timezone=True)), sa.column("updated_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    stamps = {"created_at": sa.func.now(), "updated_at": sa.func.now()}
    op.execute(sa.insert(table).values([{**rule, **stamps} for rule in SLA_RULES]))
