"""What people decided about errors."""

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0015"
down_revision = "0014"

# Whoever may change what is said of an error may be the first who says something.
SECURITY = rls.policies(
    "error_triage", select=rls.may("errors:read"), insert=rls.may("errors:update"), update=rls.may("errors:update")
)


def upgrade() -> None:
    op.create_table(
        "error_triage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_name", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'resolved', 'ignored')", name="ck_error_triage_state"),
        sa.PrimaryKeyConstraint("id", name="pk_error_triage"),
        sa.UniqueConstraint("fingerprint", name="uq_error_triage_fingerprint"),
    )
    op.create_index("ix_error_triage_assignee_id", "error_triage", ["assignee_id"], unique=False)
    for statement in SECURITY:
        op.execute(statement)
