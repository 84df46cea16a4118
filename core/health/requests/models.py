"""What the portal and the product's services were asked, by people and by machines."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, SmallInteger, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId, uuid7
from core.kernel.rollups import GRAINS, Dimension, Rollup


class RequestRecord(Base):
    """One page run or HTTP call. `service` is `portal` for the portal itself.

    `channel`: page (a run of a page's script), api, or web (files, the pages' shell) of the portal; product for what the
    product's services report. `status` is the HTTP status, of a page run what it amounts to. `request_id` is the trace id of
    what was traced. `duration_ms` and `response_bytes` are NULL where they were not told.
    """

    __tablename__ = "request_record"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        Index("ix_request_record_xid", "xid"),
        Index("ix_request_record_request_id", "request_id"),
        Index("ix_request_record_route", "route", text("at DESC")),
        Index("ix_request_record_operators", "at", "operator_id", postgresql_where=text("operator_id IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    service: Mapped[str] = mapped_column(server_default="portal")
    channel: Mapped[str]
    route: Mapped[str]
    method: Mapped[str]
    status: Mapped[int] = mapped_column(SmallInteger)
    duration_ms: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    is_error: Mapped[bool]
    response_bytes: Mapped[int | None]
    operator_id: Mapped[UUID | None]
    key_id: Mapped[UUID | None]
    tenant_id: Mapped[UUID | None]
    request_id: Mapped[str]


_TENANT, _SERVICE, _CHANNEL = Dimension("tenant_id", Uuid()), Dimension("service", Text()), Dimension("channel", Text())
_ROUTE, _STATUS = Dimension("route", Text()), Dimension("status", SmallInteger())
_STATUS_CLASS = Dimension("status_class", BigInteger(), "source.status / 100")
STATUS_CLASSES = (2, 3, 4, 5)
CLASSES = {f"status_{one}xx": one for one in STATUS_CLASSES}
_COUNTS = {"errors": "source.is_error", "timed": "source.duration_ms IS NOT NULL"}
_MEASURES: dict[str, Any] = {
    "sums": ("duration_ms",), "maxima": ("duration_ms",), "minima": ("duration_ms",), "sketch": "duration_ms",
    "counts": _COUNTS,
}  # fmt: skip

# Everything at once is nearly as many rows as there are requests where tenants are many: pages read the narrow ones, and
# this one for who is hit by a route.
REQUEST_ROLLUP = Rollup(
    "request_rollup", RequestRecord, "at", "health",
    dimensions=(_TENANT, _SERVICE, _CHANNEL, _ROUTE, _STATUS_CLASS), kept_days={"minute": 2, "hour": 90}, **_MEASURES,
)  # fmt: skip
ROUTE_ROLLUP = Rollup(
    "route_rollup", RequestRecord, "at", "health", dimensions=(_SERVICE, _CHANNEL, _ROUTE, _STATUS), **_MEASURES
)
SERVICE_ROLLUP = Rollup(
    "service_rollup", RequestRecord, "at", "health", dimensions=(_SERVICE, _CHANNEL, _STATUS), **_MEASURES
)
TENANT_ROLLUP = Rollup(
    "tenant_rollup", RequestRecord, "at", "health",
    dimensions=(_TENANT, _SERVICE, _CHANNEL, _STATUS_CLASS), kept_days={"minute": 7, "hour": 400}, **_MEASURES,
)  # fmt: skip
# Who is hit, and how a tenant fares: one row of each tenant, where the one above has as many as there are services.
TENANT_TOTAL_ROLLUP = Rollup(
    "tenant_total_rollup", RequestRecord, "at", "health",
    dimensions=(_TENANT, _CHANNEL), kept_days={"minute": 7, "hour": 400},
    **_MEASURES | {"counts": _COUNTS | {name: f"source.status / 100 = {first}" for name, first in CLASSES.items()}},
)  # fmt: skip

EXACT = (ROUTE_ROLLUP, SERVICE_ROLLUP)  # these tell each status apart, the others its class

# One route's and one tenant's course are read by their names, and a rollup's own index begins with the time.
for _rollup, _column in (
    (REQUEST_ROLLUP, "route"), (ROUTE_ROLLUP, "route"), (TENANT_ROLLUP, "tenant_id"), (TENANT_TOTAL_ROLLUP, "tenant_id"),
):  # fmt: skip
    for _grain in GRAINS:
        _table = _rollup.model(_grain).__table__
        Index(f"ix_{_rollup.name}_{_grain}_{_column}", _table.c[_column], _table.c.bucket)
