"""Requests of each tenant in one row, whatever the service and the status; filled with what is counted already."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import partitions, rls

revision = "0028"
down_revision = "0027"

NAME = "tenant_total_rollup"
CLASSES = (2, 3, 4, 5)
COUNTS = ("total", "errors", "timed", *(f"status_{first}xx" for first in CLASSES))
# How a table is partitioned, how far ahead, and how many days of it are kept.
GRAINS = {"minute": ("day", timedelta(days=8), 7), "hour": ("month", timedelta(days=40), 400), "day": None}
KEYS = "bucket, tenant_id, channel"


def upgrade() -> None:
    for grain, partitioned in GRAINS.items():
        _table(f"{NAME}_{grain}", is_partitioned=partitioned is not None)
        for statement in _statements(grain):
            op.execute(statement)
    op.execute(
        f"INSERT INTO rollup_watermark SELECT '{NAME}', xid, moved_at FROM rollup_watermark WHERE rollup = 'tenant_rollup'"
    )


def _table(table: str, *, is_partitioned: bool) -> None:
    op.create_table(
        table,
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.Column("duration_ms_sum", sa.Numeric(), nullable=False),
        *(sa.Column(f"duration_ms_{end}", sa.Numeric(12, 3), nullable=True) for end in ("max", "min")),
        sa.Column("sketch_keys", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("sketch_counts", postgresql.ARRAY(sa.Integer()), nullable=False),
        **({"postgresql_partition_by": "RANGE (bucket)"} if is_partitioned else {}),
    )
    op.create_index(
        f"uq_{table}_bucket", table, ["bucket", "tenant_id", "channel"], unique=True, postgresql_nulls_not_distinct=True
    )
    op.create_index(f"ix_{table}_tenant_id", table, ["tenant_id", "bucket"], unique=False)


def _statements(grain: str) -> Iterator[str]:
    table, partitioned = f"{NAME}_{grain}", GRAINS[grain]
    yield from rls.observe(table, tenant_column="tenant_id")
    if partitioned is not None:
        every, ahead, kept_days = partitioned
        behind = min(_age(f"tenant_rollup_{grain}"), timedelta(days=kept_days))
        yield from partitions.partition_statements(table, every=every, behind=behind, ahead=ahead)
    yield _filling(grain)


def _age(table: str) -> timedelta:
    """How far back the rows of a rollup reach, and a day at least."""
    oldest = op.get_bind().scalar(sa.text(f"SELECT now() - min(bucket) FROM {table}"))
    return max(oldest or timedelta(), timedelta(days=1))


def _filling(grain: str) -> str:
    """The rows of the rollup that tells services and status classes apart, added up; their sketches key by key."""
    classes = ", ".join(f"coalesce(sum(total) FILTER (WHERE status_class = {first}), 0)" for first in CLASSES)
    source = f"tenant_rollup_{grain}"
    kept = (
        "" if GRAINS[grain] is None else f" WHERE bucket >= now() - interval '{7 if grain == 'minute' else 400} days'"
    )
    return f"""
        INSERT INTO {NAME}_{grain}
        SELECT sums.*, coalesce(sketch.keys, '{{}}'), coalesce(sketch.counts, '{{}}') FROM (
            SELECT {KEYS}, sum(total), sum(errors), sum(timed), {classes}, sum(duration_ms_sum), max(duration_ms_max),
                min(duration_ms_min)
            FROM {source}{kept} GROUP BY {KEYS}
        ) AS sums LEFT JOIN (
            SELECT {KEYS}, array_agg(key ORDER BY key) AS keys, array_agg(count ORDER BY key) AS counts FROM (
                SELECT {KEYS}, key, sum(count)::integer AS count
                FROM {source}, unnest(sketch_keys, sketch_counts) AS one (key, count){kept} GROUP BY {KEYS}, key
            ) AS merged GROUP BY {KEYS}
        ) AS sketch ON sketch.bucket = sums.bucket AND sketch.channel IS NOT DISTINCT FROM sums.channel
            AND sketch.tenant_id IS NOT DISTINCT FROM sums.tenant_id"""
