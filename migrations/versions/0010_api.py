"""What the API remembers: answers to calls with an idempotency key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0010"
down_revision = "0009"

SECURITY = rls.policies("api_answer", select=rls.ITSELF, insert=rls.ITSELF, update=rls.ITSELF, delete=rls.ITSELF)


def upgrade() -> None:
    op.create_table(
        "api_answer",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("headers", postgresql.JSONB(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_answer"),
        sa.UniqueConstraint("actor_id", "route", "key", name="uq_api_answer_actor_id_route_key"),
    )
    op.create_index("ix_api_answer_claimed_at", "api_answer", ["claimed_at"], unique=False)
    for statement in SECURITY:
        op.execute(statement)
