"""Deployments, as build systems report them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped

STATUSES = ("started", "succeeded", "failed", "rolled_back")


class Deployment(Identified, Stamped, Base):
    """One version of one service that went to one environment. `external_id` is the build system's name for it."""

    __tablename__ = "deployment"
    __resource__ = "deployments"
    __table_args__ = (
        CheckConstraint("status IN ('started', 'succeeded', 'failed', 'rolled_back')", name="status"),
        Index("ix_deployment_at", "at", "id"),
        Index("ix_deployment_service", "service", "at"),
    )

    at: Mapped[datetime]
    service: Mapped[str]
    release: Mapped[str]  # the version or commit
    environment: Mapped[str] = mapped_column(default="production")
    status: Mapped[str] = mapped_column(default="succeeded")
    summary: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    deployed_by: Mapped[str] = mapped_column(default="")
    external_id: Mapped[str | None] = mapped_column(unique=True)
