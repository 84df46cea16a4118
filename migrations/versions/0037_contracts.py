"""Contracts with their terms; invoices of contracts; and who may do what of reliability."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls
from core.roles import ROLES

revision = "0037"
down_revision = "0036"

SCOPE = rls.in_scope("tenant_id")
SEEN = f"{rls.may('contracts:read')} AND {SCOPE}"
MADE = f"({rls.may('contracts:create')} OR {rls.may('contracts:update')}) AND {SCOPE}"
SOURCES = "source IN ('renewal', 'change', 'import', 'api', 'manual', 'contract')"


def _security() -> Iterator[str]:
    for table in ("contract", "contract_document", "contract_task"):
        yield from rls.policies(table, select=SEEN, insert=MADE, update=MADE, delete=rls.ITSELF)
    # A version is never changed: not even the portal itself may.
    yield from rls.policies("contract_version", select=SEEN, insert=MADE, delete=rls.ITSELF)
    for role, one in ROLES.items():
        for permission in sorted(one.grants):
            yield f"INSERT INTO role_grant (role, permission) VALUES ('{role}', '{permission}') ON CONFLICT DO NOTHING"


def upgrade() -> None:
    _contracts()
    _around()
    _invoices()
    for statement in _security():
        op.execute(statement)


def _contracts() -> None:
    op.create_table(
        "contract",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("csm_id", sa.Uuid(), nullable=True),
        sa.Column("account_executive", sa.Text(), nullable=False),
        sa.Column("renews_id", sa.Uuid(), nullable=True),
        sa.Column("termination_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(status = 'terminated') = (termination_reason IS NOT NULL)", name=op.f("ck_contract_terminated")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_contract_currency")),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'renewing', 'renewed', 'expired', 'terminated')",
            name=op.f("ck_contract_status"),
        ),
        sa.ForeignKeyConstraint(["csm_id"], ["operator.id"], name=op.f("fk_contract_csm_id")),
        sa.ForeignKeyConstraint(["renews_id"], ["contract.id"], name=op.f("fk_contract_renews_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_contract_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
    )
    op.create_index("ix_contract_created", "contract", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_contract_csm_id"), "contract", ["csm_id"], unique=False)
    op.create_index("ix_contract_status", "contract", ["status", "id"], unique=False)
    op.create_index("ix_contract_tenant", "contract", ["tenant_id", "starts_on"], unique=False)
    op.create_index(
        "uq_contract_renews", "contract", ["renews_id"], unique=True, postgresql_where=sa.text("renews_id IS NOT NULL")
    )
    op.create_index(
        "uq_contract_running",
        "contract",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('active', 'renewing')"),
    )
    op.create_table(
        "contract_version",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("annual_value", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("term_months", sa.BigInteger(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("renewal_on", sa.Date(), nullable=False),
        sa.Column("notice_days", sa.BigInteger(), nullable=False),
        sa.Column("payment_terms", sa.Text(), nullable=False),
        sa.Column("billing_cycle", sa.Text(), nullable=False),
        sa.Column("support_level", sa.Text(), nullable=False),
        sa.Column("uptime_target", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("latency_p99_ms", sa.BigInteger(), nullable=True),
        sa.Column("error_rate_target", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("support_response_minutes", sa.BigInteger(), nullable=True),
        sa.Column("rpo_minutes", sa.BigInteger(), nullable=True),
        sa.Column("rto_minutes", sa.BigInteger(), nullable=True),
        sa.Column("credit_tiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("credit_cap", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("maintenance", sa.Text(), nullable=False),
        sa.Column("maintenance_minutes", sa.BigInteger(), nullable=True),
        sa.Column("limits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "billing_cycle IN ('monthly', 'quarterly', 'annual')", name=op.f("ck_contract_version_billing_cycle")
        ),
        sa.CheckConstraint("maintenance IN ('excluded', 'counted')", name=op.f("ck_contract_version_maintenance")),
        sa.CheckConstraint(
            "payment_terms IN ('net_15', 'net_30', 'net_60', 'net_90')", name=op.f("ck_contract_version_payment_terms")
        ),
        sa.CheckConstraint(
            "support_level IN ('standard', 'premium', 'enterprise')", name=op.f("ck_contract_version_support_level")
        ),
        sa.CheckConstraint("annual_value >= 0", name=op.f("ck_contract_version_annual_value")),
        sa.CheckConstraint("credit_cap BETWEEN 0 AND 100", name=op.f("ck_contract_version_credit_cap")),
        sa.CheckConstraint(
            "ends_on >= effective_on AND renewal_on <= ends_on + 1", name=op.f("ck_contract_version_days")
        ),
        sa.CheckConstraint(
            "error_rate_target >= 0 AND error_rate_target <= 100", name=op.f("ck_contract_version_error_rate_target")
        ),
        sa.CheckConstraint(
            "latency_p99_ms > 0 AND support_response_minutes > 0", name=op.f("ck_contract_version_latency")
        ),
        sa.CheckConstraint("rpo_minutes >= 0 AND rto_minutes >= 0", name=op.f("ck_contract_version_recovery")),
        sa.CheckConstraint(
            "term_months BETWEEN 1 AND 120 AND notice_days BETWEEN 0 AND 730", name=op.f("ck_contract_version_term")
        ),
        sa.CheckConstraint(
            "uptime_target > 0 AND uptime_target <= 100", name=op.f("ck_contract_version_uptime_target")
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_version_contract_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_contract_version_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_version")),
    )
    op.create_index(
        "ix_contract_version_effective", "contract_version", ["contract_id", "effective_on", "number"], unique=False
    )
    op.create_index("ix_contract_version_renewal", "contract_version", ["renewal_on"], unique=False)
    op.create_index("uq_contract_version_number", "contract_version", ["contract_id", "number"], unique=True)


def _around() -> None:
    op.create_table(
        "contract_document",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("added_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_document_contract_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_contract_document_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_document")),
    )
    op.create_index("ix_contract_document_of", "contract_document", ["contract_id", "created_at"], unique=False)
    op.create_table(
        "contract_task",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("renewal_on", sa.Date(), nullable=False),
        sa.Column("days_before", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_name", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["operator.id"], name=op.f("fk_contract_task_assignee_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_task_contract_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_contract_task_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_task")),
    )
    op.create_index(op.f("ix_contract_task_assignee_id"), "contract_task", ["assignee_id"], unique=False)
    op.create_index(
        "ix_contract_task_due",
        "contract_task",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "uq_contract_task_renewal", "contract_task", ["contract_id", "renewal_on", "days_before"], unique=True
    )


def _invoices() -> None:
    op.add_column("invoice", sa.Column("contract_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_invoice_contract_id"), "invoice", "contract", ["contract_id"], ["id"])
    op.drop_constraint(op.f("ck_invoice_source"), "invoice", type_="check")
    op.create_check_constraint(op.f("ck_invoice_source"), "invoice", SOURCES)
    op.create_index(
        "uq_invoice_contract", "invoice", ["contract_id", "period_start"], unique=True,
        postgresql_where=sa.text("source = 'contract' AND status <> 'void'"),
    )  # fmt: skip
