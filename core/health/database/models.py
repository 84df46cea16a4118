"""PostgreSQL's own figures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId, uuid7
from core.kernel.rollups import Rollup


class DatabaseMetric(Base):
    """The portal's database at one moment. Rates are since the measurement before; NULL is not known."""

    __tablename__ = "database_metric"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        Index("ix_database_metric_xid", "xid"),
        {"postgresql_partition_by": "RANGE (measured_at)"},
    )

    measured_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    connections: Mapped[int]
    max_connections: Mapped[int]
    transactions_rate: Mapped[float | None]
    cache_hit_ratio: Mapped[float | None]
    size_bytes: Mapped[int]
    longest_query_s: Mapped[float | None]
    deadlocks: Mapped[int]


DATABASE_ROLLUP = Rollup(
    "database_rollup", DatabaseMetric, "measured_at", "health",
    sums=("connections", "transactions_rate", "cache_hit_ratio"),
    maxima=("connections", "longest_query_s", "size_bytes", "deadlocks"),
    counts={
        "transactions_rate_count": "source.transactions_rate IS NOT NULL",
        "cache_hit_ratio_count": "source.cache_hit_ratio IS NOT NULL",
    },
)  # fmt: skip
