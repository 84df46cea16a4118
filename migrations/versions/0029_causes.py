"""Errors of each cause in one row, whoever was hit; filled with what is counted already."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from core.kernel import partitions, rls

revision = "0029"
down_revision = "0028"

NAME, SOURCE = "cause_rollup", "error_rollup"
KEYS = "bucket, fingerprint, service"
# How a table is partitioned, how far ahead, and how many days of it are kept.
GRAINS = {"minute": ("day", timedelta(days=8), 30), "hour": ("month", timedelta(days=40), 400), "day": None}


def upgrade() -> None:
    for grain, partitioned in GRAINS.items():
        _table(f"{NAME}_{grain}", is_partitioned=partitioned is not None)
        for statement in _statements(grain):
            op.execute(statement)
    op.execute(
        f"INSERT INTO rollup_watermark SELECT '{NAME}', xid, moved_at FROM rollup_watermark WHERE rollup = '{SOURCE}'"
    )


def _table(table: str, *, is_partitioned: bool) -> None:
    op.create_table(
        table,
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("fingerprint", "service")),
        sa.Column("total", sa.BigInteger(), nullable=False),
        **({"postgresql_partition_by": "RANGE (bucket)"} if is_partitioned else {}),
    )
    op.create_index(
        f"uq_{table}_bucket",
        table,
        ["bucket", "fingerprint", "service"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(f"ix_{table}_fingerprint", table, ["fingerprint", "bucket"], unique=False)


def _statements(grain: str) -> Iterator[str]:
    table, partitioned, kept = f"{NAME}_{grain}", GRAINS[grain], ""
    yield from rls.observe(table, readable_by="errors:read")
    if partitioned is not None:
        every, ahead, kept_days = partitioned
        behind = min(_age(f"{SOURCE}_{grain}"), timedelta(days=kept_days))
        yield from partitions.partition_statements(table, every=every, behind=behind, ahead=ahead)
        kept = f" WHERE bucket >= now() - interval '{kept_days} days'"
    yield f"INSERT INTO {table} SELECT {KEYS}, sum(total) FROM {SOURCE}_{grain}{kept} GROUP BY {KEYS}"


def _age(table: str) -> timedelta:
    """How far back the rows of a rollup reach, and a day at least."""
    oldest = op.get_bind().scalar(sa.text(f"SELECT now() - min(bucket) FROM {table}"))
    return max(oldest or timedelta(), timedelta(days=1))
