"""What people decided about the errors of one fingerprint."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Stamped, Versioned

_SPACE = UUID("6f0f3e0c-2f0b-5d0a-9b5e-2a7d7a0c41f3")


def id_of(fingerprint: str) -> UUID:
    """The id of a fingerprint's row: always the same, so that two people cannot make two."""
    return uuid5(_SPACE, fingerprint)


class ErrorTriage(Stamped, Versioned, Base):
    """At most one row per fingerprint; without one, the error is open and nobody's."""

    __tablename__ = "error_triage"
    __resource__ = "errors"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'acknowledged', 'resolved', 'ignored')", name="state"),
        Index("ix_error_triage_assignee_id", "assignee_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="open")
    assignee_id: Mapped[UUID | None]
    assignee_name: Mapped[str | None]
    note: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    changed_by_name: Mapped[str]
