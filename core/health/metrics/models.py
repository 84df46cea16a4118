"""Figures that the product's services report: gauges, counters and histograms, told apart by their labels."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, TransactionId, uuid7
from core.kernel.rollups import GRAINS, Dimension, Rollup

KINDS = ("gauge", "counter", "histogram")


class MetricSeries(Identified, Base):
    """One series: a name with its labels. The id is made of all that tells it apart, so that everybody makes the same."""

    __tablename__ = "metric_series"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        Index("ix_metric_series_name", "name", "service"),
        Index("ix_metric_series_tenant_id", "tenant_id", "service"),
        Index("ix_metric_series_search", text("lower(name) text_pattern_ops")),
        Index("ix_metric_series_service", "service", "name"),
        Index("ix_metric_series_labels", "labels", postgresql_using="gin", postgresql_ops={"labels": "jsonb_path_ops"}),
    )

    name: Mapped[str]
    kind: Mapped[str]
    unit: Mapped[str]
    service: Mapped[str]
    tenant_id: Mapped[UUID | None]
    labels: Mapped[dict[str, Any]]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class MetricPoint(Base):
    """What a series said: a gauge its value, a counter its increment, a histogram a value and how often it was seen."""

    __tablename__ = "metric_point"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        Index("ix_metric_point_xid", "xid"),
        Index("ix_metric_point_series", "series_id", text("at DESC")),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    series_id: Mapped[UUID]
    tenant_id: Mapped[UUID | None]
    value: Mapped[float] = mapped_column(Float)
    count: Mapped[int] = mapped_column(server_default=text("1"))


METRIC_ROLLUP = Rollup(
    "metric_rollup", MetricPoint, "at", "health",
    dimensions=(Dimension("series_id", Uuid()), Dimension("tenant_id", Uuid())),
    sums=("value_total", "count"),
    terms={"value_total": "source.value::numeric * source.count"},
    maxima=("value",),
    minima=("value",),
    sketch="value",
    weight="source.count",
)  # fmt: skip

for _grain in GRAINS:
    _table = METRIC_ROLLUP.model(_grain).__table__
    Index(f"ix_{METRIC_ROLLUP.name}_{_grain}_series_id", _table.c.series_id, _table.c.bucket)
