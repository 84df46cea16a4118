"""The tenants' campaigns, as the product tells of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.campaigns.rules import STATUSES
from core.kernel.models import Base, Identified, Stamped, Versioned


class Campaign(Identified, Stamped, Versioned, Base):
    """A mailing or calling campaign of a tenant; `external_id` is the product's own name for it.

    `paused_by_suspension`: it was running when the tenant went out of service, and runs again when the tenant is back.
    """

    __tablename__ = "campaign"
    __resource__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("tenant_id", "external_id"),
        CheckConstraint(f"status IN ({', '.join(repr(one) for one in STATUSES)})", name="status"),
        CheckConstraint("NOT paused_by_suspension OR status = 'paused'", name="suspension"),
        Index("ix_campaign_created", "created_at", "id"),
        Index("ix_campaign_running", "tenant_id", postgresql_where=text("status = 'running'")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    external_id: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_by_suspension: Mapped[bool] = mapped_column(default=False)
