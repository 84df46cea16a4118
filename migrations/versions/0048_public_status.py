"""What the status page needs besides: renders that say how often, mails that are tried again, subscribers that can be removed."""

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.add_column("status_render", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE status_render SET last_at = at")
    op.alter_column("status_render", "last_at", nullable=False)
    op.add_column("status_render", sa.Column("times", sa.BigInteger(), server_default="1", nullable=False))
    op.drop_index("ix_status_render_at", table_name="status_render")
    op.create_index("ix_status_render_last", "status_render", ["last_at", "id"], unique=False)
    op.create_index("ix_status_render_target", "status_render", ["target", "last_at"], unique=False)
    op.add_column("status_mail", sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_status_mail_source", "status_mail", ["source_id", "kind"], unique=False)
    public = sa.text("is_public")
    op.create_index("ix_incident_public", "incident", ["started_at"], unique=False, postgresql_where=public)
    change = rls.may("status_page:update")
    op.execute(f"ALTER POLICY status_subscriber_update ON status_subscriber USING ({change}) WITH CHECK ({change})")
    op.execute(f"ALTER POLICY status_subscriber_delete ON status_subscriber USING ({change})")
