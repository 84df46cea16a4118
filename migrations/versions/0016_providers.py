"""Providers: who carries messages, and in which order."""

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0016"
down_revision = "0015"

# They serve every tenant: what is bound to some of them may look at providers, and not switch them.
_WHOLE = "(SELECT current_setting('qd.scope', true)) = 'all'"
SECURITY = rls.policies(
    "provider",
    select=f"({rls.may('providers:read')} OR {rls.may('health:read')})",
    insert=f"{rls.may('providers:create')} AND {_WHOLE}",
    update=f"{rls.may('providers:update')} AND {_WHOLE}",
)


def upgrade() -> None:
    op.create_table(
        "provider",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_by_name", sa.Text(), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("position > 0", name="ck_provider_position"),
        sa.PrimaryKeyConstraint("id", name="pk_provider"),
        sa.UniqueConstraint("channel", "name", name="uq_provider_name"),
        sa.UniqueConstraint("channel", "position", name="uq_provider_position", deferrable=True, initially="DEFERRED"),
    )
    for statement in SECURITY:
        op.execute(statement)
