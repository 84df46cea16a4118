"""What paging needs besides: rounds, leases and links of deliveries, and rotations that keep the past."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

_OUTCOMES = "outcome IN ('queued', 'sent', 'failed', 'no mail server', 'nobody', 'not needed')"


def upgrade() -> None:
    op.add_column("on_call_rotation", sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True))
    _policies()
    _pages()
    _deliveries()


def _policies() -> None:
    again = sa.Column("repeat_after_minutes", sa.BigInteger(), nullable=False, server_default=sa.text("15"))
    op.add_column("escalation_policy", again)
    op.create_check_constraint(
        op.f("ck_escalation_policy_repeat_after"), "escalation_policy", "repeat_after_minutes BETWEEN 1 AND 1440"
    )
    op.create_check_constraint(op.f("ck_escalation_policy_repeats"), "escalation_policy", "repeats BETWEEN 0 AND 9")


def _pages() -> None:
    again = sa.Column("repeat_after_minutes", sa.BigInteger(), nullable=False, server_default=sa.text("15"))
    op.add_column("on_call_page", again)
    op.add_column("on_call_page", sa.Column("round", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    needed, opened = sa.text("status IN ('open', 'exhausted')"), sa.text("status = 'open'")
    op.create_index("ix_on_call_page_needed", "on_call_page", ["created_at"], postgresql_where=needed)
    op.create_index(
        "uq_on_call_page_open", "on_call_page", ["incident_id", "policy_id"], unique=True, postgresql_where=opened
    )


def _deliveries() -> None:
    table = "on_call_delivery"
    op.add_column(table, sa.Column("round", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.add_column(table, sa.Column("schedule_id", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(table, sa.Column("attempts", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.add_column(table, sa.Column("token_digest", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint(op.f("uq_on_call_delivery_token_digest"), table, ["token_digest"])
    op.drop_constraint(op.f("ck_on_call_delivery_outcome"), table)
    op.create_check_constraint(op.f("ck_on_call_delivery_outcome"), table, _OUTCOMES)
    op.drop_index("ix_on_call_delivery_queued", table)
    queued = sa.text("outcome = 'queued'")
    op.create_index("ix_on_call_delivery_queued", table, ["due_at", "id"], postgresql_where=queued)
    for whom in ("operator", "channel"):
        op.create_index(
            f"uq_on_call_delivery_{whom}", table, ["page_id", "round", "step", f"{whom}_id"], unique=True,
            postgresql_where=sa.text(f"{whom}_id IS NOT NULL"),
        )  # fmt: skip
