"""What is measured for contracts: spans, periods, violations, exclusions, credits."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0038"
down_revision = "0037"

SCOPE = rls.in_scope("tenant_id")


def _security() -> Iterator[str]:
    yield from rls.observe("sla_watermark", readable_by="sla:read")
    for table in ("sla_span", "sla_period", "sla_violation"):
        yield from rls.observe(table, readable_by="sla:read", tenant_column="tenant_id")
    asks, decides = rls.may("sla:update"), rls.may("sla:approve")
    seen = f"{rls.may('sla:read')} AND {SCOPE}"
    either = f"({asks} OR {decides}) AND {SCOPE}"
    yield from rls.policies(
        "sla_exclusion", select=seen, insert=f"{asks} AND {SCOPE}", update=either, delete=rls.ITSELF
    )
    changes = f"({rls.may('sla_credits:update')} OR {rls.may('sla_credits:approve')}) AND {SCOPE}"
    yield from rls.policies(
        "sla_credit", select=f"{rls.may('sla_credits:read')} AND {SCOPE}", insert=changes, update=changes,
        delete=rls.ITSELF,
    )  # fmt: skip


def upgrade() -> None:
    _measured()
    _violations()
    _credits()
    for statement in _security():
        op.execute(statement)


def _measured() -> None:
    op.create_table(
        "sla_period",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("observed_minutes", sa.BigInteger(), nullable=False),
        sa.Column("bad_minutes", sa.BigInteger(), nullable=False),
        sa.Column("maintenance_minutes", sa.BigInteger(), nullable=False),
        sa.Column("excluded_minutes", sa.BigInteger(), nullable=False),
        sa.Column("unobserved_minutes", sa.BigInteger(), nullable=False),
        sa.Column("uptime", sa.Float(), nullable=True),
        sa.Column("uptime_target", sa.Float(), nullable=True),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.Column("error_rate", sa.Float(), nullable=True),
        sa.Column("error_rate_target", sa.Float(), nullable=True),
        sa.Column("latency_p50_ms", sa.Float(), nullable=True),
        sa.Column("latency_p95_ms", sa.Float(), nullable=True),
        sa.Column("latency_p99_ms", sa.Float(), nullable=True),
        sa.Column("latency_p99_target", sa.Float(), nullable=True),
        sa.Column("responses", sa.BigInteger(), nullable=False),
        sa.Column("responses_late", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grain IN ('hour', 'day', 'month', 'quarter')", name=op.f("ck_sla_period_grain")),
        sa.PrimaryKeyConstraint("contract_id", "grain", "bucket", name=op.f("pk_sla_period")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_sla_period_bucket", "sla_period", ["grain", "bucket"], unique=False)
    op.create_index("ix_sla_period_tenant", "sla_period", ["tenant_id", "grain", "bucket"], unique=False)
    op.create_table(
        "sla_span",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("state IN ('up', 'down', 'maintenance', 'unobserved')", name=op.f("ck_sla_span_state")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_sla_span_length")),
        sa.PrimaryKeyConstraint("contract_id", "starts_at", name=op.f("pk_sla_span")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "ix_sla_span_bad",
        "sla_span",
        ["starts_at", "contract_id"],
        unique=False,
        postgresql_where=sa.text("state = 'down'"),
    )
    op.create_index("ix_sla_span_ends", "sla_span", ["contract_id", "ends_at"], unique=False)
    op.create_table(
        "sla_watermark",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_watermark")),
    )


def _violations() -> None:
    op.create_table(
        "sla_violation",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("actual", sa.Float(), nullable=True),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_bad_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("impact IN ('minor', 'major', 'critical')", name=op.f("ck_sla_violation_impact")),
        sa.CheckConstraint(
            "metric IN ('uptime', 'latency_p99', 'error_rate', 'support_response')",
            name=op.f("ck_sla_violation_metric"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_violation")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_sla_violation_contract", "sla_violation", ["contract_id", "started_at"], unique=False)
    op.create_index("ix_sla_violation_started", "sla_violation", ["started_at", "id"], unique=False)
    op.create_index("ix_sla_violation_tenant", "sla_violation", ["tenant_id", "started_at"], unique=False)
    op.create_index(
        "ix_sla_violation_untold",
        "sla_violation",
        ["detected_at"],
        unique=False,
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_index(
        "uq_sla_violation_open",
        "sla_violation",
        ["contract_id", "metric"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND ticket_id IS NULL"),
    )
    op.create_index("uq_sla_violation_ticket", "sla_violation", ["contract_id", "ticket_id"], unique=True)
    op.create_table(
        "sla_exclusion",
        sa.Column("violation_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("decision IN ('approved', 'refused', 'withdrawn')", name=op.f("ck_sla_exclusion_decision")),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_sla_exclusion_decided")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_sla_exclusion_length")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_sla_exclusion_contract_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sla_exclusion_tenant_id")),
        sa.ForeignKeyConstraint(["violation_id"], ["sla_violation.id"], name=op.f("fk_sla_exclusion_violation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_exclusion")),
    )
    op.create_index("ix_sla_exclusion_contract", "sla_exclusion", ["contract_id", "starts_at"], unique=False)
    op.create_index(
        "ix_sla_exclusion_open",
        "sla_exclusion",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_index("ix_sla_exclusion_violation", "sla_exclusion", ["violation_id"], unique=False)


def _credits() -> None:
    op.create_table(
        "sla_credit",
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("uptime", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("percent", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("cap_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by_name", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by_name", sa.Text(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'approved', 'issued', 'void')", name=op.f("ck_sla_credit_status")),
        sa.CheckConstraint("sequence > 0 OR (amount >= 0 AND amount <= cap_amount)", name=op.f("ck_sla_credit_amount")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_sla_credit_contract_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_sla_credit_invoice_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sla_credit_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_credit")),
        sa.UniqueConstraint("number", name=op.f("uq_sla_credit_number")),
    )
    op.create_index("ix_sla_credit_created", "sla_credit", ["created_at", "id"], unique=False)
    op.create_index("ix_sla_credit_status", "sla_credit", ["status", "month"], unique=False)
    op.create_index("ix_sla_credit_tenant", "sla_credit", ["tenant_id", "month"], unique=False)
    op.create_index("uq_sla_credit_month", "sla_credit", ["contract_id", "month", "sequence"], unique=True)
