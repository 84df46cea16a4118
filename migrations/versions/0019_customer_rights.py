"""Rights of customer accounts, and what a tenant is tagged with, owned by and deleted after."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.roles import ROLES

revision = "0019"
down_revision = "0018"

STATUSES = "status IN ('active', 'trial', 'suspended', 'deleted', 'purged')"


def _grants() -> Iterator[str]:
    for role, one in ROLES.items():
        for permission in sorted(one.grants):
            yield f"INSERT INTO role_grant (role, permission) VALUES ('{role}', '{permission}') ON CONFLICT DO NOTHING"


def upgrade() -> None:
    for name in ("owner_id", "deleted_by"):
        op.add_column("tenant", sa.Column(name, sa.Uuid(), nullable=True))
    for name in ("deleted_at", "purge_after"):
        op.add_column("tenant", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("tenant", sa.Column("deletion_reason", sa.Text(), nullable=True))
    op.add_column(
        "tenant", sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.create_index("ix_tenant_tags", "tenant", ["tags"], postgresql_using="gin")
    op.create_index("ix_tenant_purge", "tenant", ["purge_after"], postgresql_where=sa.text("purge_after IS NOT NULL"))
    op.drop_constraint(op.f("ck_tenant_ck_tenant_status"), "tenant")  # 0003 named it so
    op.create_check_constraint(op.f("ck_tenant_status"), "tenant", STATUSES)
    for statement in _grants():
        op.execute(statement)
