"""Levels of the tickets' clocks that were reached, and the mails that tell of them."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0034"
down_revision = "0033"


def _security() -> Iterator[str]:
    yield from rls.observe("ticket_level_alert", readable_by="tickets:read", tenant_column="tenant_id")
    yield from rls.observe("ticket_digest", readable_by="*")


def upgrade() -> None:
    _alerts()
    _digests()
    # A ticket changes many times in its life, and its clock marks it: room for the new rows beside the old ones spares its
    # indices, those of its words above all.
    op.execute("ALTER TABLE ticket SET (fillfactor = 50)")
    for statement in _security():
        op.execute(statement)


def _alerts() -> None:
    op.create_table(
        "ticket_level_alert",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("cycle_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target_s", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_level_alert")),
        postgresql_with={"fillfactor": "50"},
    )
    cycle = ["ticket_id", "target", "cycle_at", "target_s", "level"]
    op.create_index("uq_ticket_level_alert_cycle", "ticket_level_alert", cycle, unique=True)
    breached = sa.text("level = 100")
    op.create_index("ix_ticket_level_alert_breach", "ticket_level_alert", ["at", "id"], postgresql_where=breached)
    op.create_index("ix_ticket_level_alert_at", "ticket_level_alert", ["at"])


def _digests() -> None:
    op.create_table(
        "ticket_digest",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("levels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('levels', 'escalated')", name=op.f("ck_ticket_digest_kind")),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'no mail server')", name=op.f("ck_ticket_digest_outcome")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_ticket_digest_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_digest")),
    )
    queued = sa.text("outcome = 'queued'")
    op.create_index("ix_ticket_digest_queued", "ticket_digest", ["at", "id"], postgresql_where=queued)
    op.create_index("ix_ticket_digest_at", "ticket_digest", ["at"])
    op.create_index("ix_ticket_digest_operator_id", "ticket_digest", ["operator_id"])
