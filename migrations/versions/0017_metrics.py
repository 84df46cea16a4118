"""Metrics: the last point of each stream of running totals; finding series by name, service and label."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "metric_stream",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("buckets", postgresql.JSONB(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "start_at", name="pk_metric_stream"),
    )
    op.create_index("ix_metric_stream_seen_at", "metric_stream", ["seen_at"], unique=False)
    op.create_index(
        "ix_metric_series_search", "metric_series", [sa.literal_column("lower(name) text_pattern_ops")], unique=False
    )
    op.create_index("ix_metric_series_service", "metric_series", ["service", "name"], unique=False)
    op.create_index(
        "ix_metric_series_labels", "metric_series", ["labels"], unique=False, postgresql_using="gin",
        postgresql_ops={"labels": "jsonb_path_ops"},
    )  # fmt: skip
    own = dict.fromkeys(("select", "insert", "update", "delete"), rls.ITSELF)
    for statement in rls.policies("metric_stream", **own):
        op.execute(statement)
