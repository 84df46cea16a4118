"""What working with contracts needs besides: how far they are invoiced, by which charges, and the limits that follow."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0042"
down_revision = "0041"

SCOPE = rls.in_scope("tenant_id")
SEEN = f"{rls.may('contracts:read')} AND {SCOPE}"


def _security() -> Iterator[str]:
    # The portal itself invoices; what was charged is never changed.
    yield from rls.policies("contract_charge", select=SEEN, insert=rls.ITSELF, delete=rls.ITSELF)


def upgrade() -> None:
    op.add_column("contract", sa.Column("billed_until", sa.Date(), nullable=True))
    op.create_index(
        "ix_contract_billing", "contract", ["billed_until"], postgresql_where=sa.text("billed_until IS NOT NULL")
    )
    _charges()
    op.add_column("tenant_quota", sa.Column("contract_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_tenant_quota_contract_id"), "tenant_quota", "contract", ["contract_id"], ["id"])
    op.create_index(
        "ix_tenant_quota_contract", "tenant_quota", ["contract_id"], postgresql_where=sa.text("contract_id IS NOT NULL")
    )
    for statement in _security():
        op.execute(statement)


def _charges() -> None:
    op.create_table(
        "contract_charge",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('fee', 'adjustment', 'credit')", name=op.f("ck_contract_charge_kind")),
        sa.CheckConstraint("period_start < period_end", name=op.f("ck_contract_charge_period")),
        sa.CheckConstraint("(kind = 'credit') = (credit_id IS NOT NULL)", name=op.f("ck_contract_charge_credit")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_charge_contract_id")),
        sa.ForeignKeyConstraint(["credit_id"], ["sla_credit.id"], name=op.f("fk_contract_charge_credit_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_contract_charge_invoice_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_contract_charge_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_charge")),
    )
    op.create_index("ix_contract_charge_contract", "contract_charge", ["contract_id", "period_start"])
    op.create_index(op.f("ix_contract_charge_credit_id"), "contract_charge", ["credit_id"])
    op.create_index(op.f("ix_contract_charge_invoice_id"), "contract_charge", ["invoice_id"])
