"""The company's own people who use the portal. Fields after iris section 1.2 (admin_users)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned


class Operator(Identified, Stamped, Versioned, Base):
    """`scope` overrides the role's, when it is set."""

    __tablename__ = "operator"
    __resource__ = "operators"
    __table_args__ = (
        Index("uq_operator_email", text("lower(email)"), unique=True),
        CheckConstraint("scope IN ('all', 'assigned')", name="scope"),
    )

    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str] = mapped_column(info={"secret": True})
    role: Mapped[str] = mapped_column(ForeignKey("role.name"))
    scope: Mapped[str | None]
    time_zone: Mapped[str | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    disabled_by: Mapped[UUID | None]
    last_sign_in_at: Mapped[datetime | None]
