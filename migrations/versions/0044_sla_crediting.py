"""Who had a credit computed, months in which nothing is owed, numbers without a gap, reports as PDF."""

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0044"
down_revision = "0043"

_COUNTS = f"({rls.may('sla_credits:update')} OR {rls.may('sla_credits:approve')})"


def upgrade() -> None:
    status, form = op.f("ck_sla_credit_status"), op.f("ck_data_export_format")
    op.add_column("sla_credit", sa.Column("computed_by", sa.Uuid(), nullable=True))
    op.add_column("sla_credit", sa.Column("computed_by_name", sa.Text(), nullable=False))
    op.drop_constraint(status, "sla_credit")
    op.create_check_constraint(status, "sla_credit", "status IN ('draft', 'approved', 'issued', 'void', 'none')")
    op.create_check_constraint(op.f("ck_sla_credit_number"), "sla_credit", "(status = 'issued') = (number IS NOT NULL)")
    op.create_check_constraint(op.f("ck_sla_credit_none"), "sla_credit", "status <> 'none' OR amount = 0")
    op.create_index("ix_sla_credit_listed", "sla_credit", ["month", "id"], unique=False)
    op.create_index(
        "ix_sla_credit_invoice",
        "sla_credit",
        ["invoice_id"],
        unique=False,
        postgresql_where=sa.text("invoice_id IS NOT NULL"),
    )
    op.create_table(
        "sla_credit_counter",
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_sla_credit_counter")),
    )
    for statement in rls.policies("sla_credit_counter", select=_COUNTS, insert=_COUNTS, update=_COUNTS):
        op.execute(statement)
    op.drop_constraint(form, "data_export")
    op.create_check_constraint(form, "data_export", "format IN ('csv', 'xlsx', 'json', 'pdf')")
