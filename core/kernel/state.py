"""The kernel's own small tables: maintenance mode, idempotency keys, and the proof of the encryption key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified
from core.kernel.times import utc_now


class MaintenanceMode(Identified, Base):
    """Maintenance mode: while a row has no end, writes are refused with its message."""

    __tablename__ = "maintenance"
    __resource__ = "settings"

    message: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]


class OnceKey(Base):
    """An idempotency key of a committed write."""

    __tablename__ = "once_key"
    __resource__ = "events"

    key: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str]
    done_at: Mapped[datetime] = mapped_column(index=True)


class KeyCheck(Base):
    """A known text under each key that ever encrypted: a wrong key shows at start and not at the first secret."""

    __tablename__ = "key_check"
    __resource__ = "settings"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
