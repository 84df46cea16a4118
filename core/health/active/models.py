"""Who uses the portal and the product, summed up."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from core.health.requests.models import RequestRecord
from core.kernel import retention
from core.kernel.models import Base
from core.kernel.rollups import Dimension, Rollup

OPERATOR_ROLLUP = Rollup(
    "operator_rollup", RequestRecord, "at", "health",
    dimensions=(Dimension("operator_id", Uuid()),),
    counts={"errors": "source.is_error"},
    where="source.operator_id IS NOT NULL",
    kept_days={"minute": 2, "hour": 400},
)  # fmt: skip


class ActiveUsers(Base):
    """A tenant's people on one day (UTC), as counted at `taken_at`, the last time on that day.

    `users` are in service, `seen` those of them of whom it is known when they were last seen; `daily`, `weekly` and `monthly`
    were seen in the 24 h, 7 and 30 days before. The product tells only when somebody was seen last, so the past of these
    counts exists because it was counted then.
    """

    __tablename__ = "active_users"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = ({"postgresql_partition_by": "RANGE (day)"},)

    day: Mapped[datetime] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    users: Mapped[int]
    seen: Mapped[int]
    daily: Mapped[int]
    weekly: Mapped[int]
    monthly: Mapped[int]


retention.keep(ActiveUsers.__tablename__, "month", 800)
