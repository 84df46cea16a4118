"""Maintenance windows: when what is watched may be away, once or again and again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.health.maintenance.rules import COVERS, LONGEST_S, POLICIES
from core.kernel.models import Base, Identified, Stamped, Versioned


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class MaintenanceWindow(Identified, Stamped, Versioned, Base):
    """`duration_s` from `starts_at`, and again by `rule` (RFC 5545, section 3.3.10) in the local time of `zone`.

    It covers all monitors, those with one of the `tags`, or those of `monitor_ids`. With the policy `excluded` checks
    during it count for no availability, with `counted` they do. `over_at` is the end of its last occurrence, NULL for a
    rule without end.
    """

    __tablename__ = "maintenance_window"
    __resource__ = "monitors"
    __table_args__ = (
        _one_of("covers", COVERS),
        _one_of("policy", POLICIES),
        CheckConstraint(f"duration_s BETWEEN 60 AND {LONGEST_S}", name="duration_s"),
        Index("ix_maintenance_window_starts", "starts_at", "id"),
        Index("ix_maintenance_window_live", "over_at", postgresql_where=text("cancelled_at IS NULL")),
    )

    title: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    duration_s: Mapped[int] = mapped_column(Integer)
    rule: Mapped[str | None]
    zone: Mapped[str] = mapped_column(default="UTC")
    over_at: Mapped[datetime | None]
    covers: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(default=list)
    monitor_ids: Mapped[list[UUID]] = mapped_column(default=list)
    policy: Mapped[str] = mapped_column(default="excluded")
    created_by: Mapped[UUID | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None]
    cancelled_reason: Mapped[str | None]
