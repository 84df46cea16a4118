"""Who answers tickets: teams with a lead and a manager, and agents with skills and a capacity."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned


class SupportTeam(Identified, Stamped, Versioned, Base):
    """`lead_id` and then `manager_id` are told of what is late."""

    __tablename__ = "support_team"
    __resource__ = "support_settings"
    __table_args__ = (Index("uq_support_team_name", text("lower(name)"), unique=True),)

    name: Mapped[str]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"))
    archived_at: Mapped[datetime | None]


class SupportAgent(Identified, Stamped, Versioned, Base):
    """An operator who answers tickets. `capacity` is how many open tickets are a full load."""

    __tablename__ = "support_agent"
    __resource__ = "support_settings"
    __table_args__ = (CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),)

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"), unique=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("support_team.id"), index=True)
    skills: Mapped[list[str]] = mapped_column(default=list)
    capacity: Mapped[int] = mapped_column(default=20)
    is_available: Mapped[bool] = mapped_column(default=True)
    last_assigned_at: Mapped[datetime | None]
