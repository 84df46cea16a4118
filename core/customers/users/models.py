"""The people of the tenants."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned


class TenantUser(Identified, Stamped, Versioned, Base):
    """An account of a tenant's own; `is_admin` says who receives notices."""

    __tablename__ = "tenant_user"
    __resource__ = "users"
    __table_args__ = (
        Index("uq_tenant_user_email", "tenant_id", text("lower(email)"), unique=True),
        Index("ix_tenant_user_email", text("lower(email) text_pattern_ops")),
        Index("ix_tenant_user_name", text("lower(name) text_pattern_ops")),
        Index("ix_tenant_user_seen", "last_seen_at", postgresql_where=text("deactivated_at IS NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    email: Mapped[str]
    name: Mapped[str]
    is_admin: Mapped[bool] = mapped_column(default=False)
    deactivated_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
