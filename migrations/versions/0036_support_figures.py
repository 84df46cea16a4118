"""Indexes from which the figures of support are read without the tickets themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

# What a ticket's row policy and the figures ask for, so that the index alone answers.
_ABOUT = ["id", "tenant_id", "created_at", "priority", "team_id", "assignee_id", "assignee_label"]


def upgrade() -> None:
    op.drop_index("ix_ticket_resolved", "ticket")
    for name, column in (("ix_ticket_resolved", "resolved_at"), ("ix_ticket_answered", "first_response_at")):
        is_known = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "ticket", [column], postgresql_include=_ABOUT, postgresql_where=is_known)
    op.create_index(
        "ix_ticket_came", "ticket", ["created_at"], postgresql_include=["tenant_id", "status", "resolved_at"]
    )
    op.create_index("ix_ticket_kinds", "ticket", ["status", "priority", "category"], postgresql_include=["tenant_id"])
    op.drop_index("ix_ticket_clock_stopped", "ticket_clock")
    op.create_index(
        "ix_ticket_clock_stopped", "ticket_clock", ["target", "stopped_at"],
        postgresql_include=["ticket_id", "tenant_id", "state", "elapsed_s"],
        postgresql_where=sa.text("stopped_at IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_ticket_clock_breached", "ticket_clock", ["breached_at"],
        postgresql_where=sa.text("breached_at IS NOT NULL"),
    )  # fmt: skip
