"""Providers: who carries messages on which channel, and in which order. After the admin tools document, section 9."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned


class Provider(Identified, Stamped, Versioned, Base):
    """A provider on one channel. `name` is the word that the messages carry; `position` counts from 1 within the channel.

    Who is used is the enabled one with the lowest position; the others follow when it is disabled. The constraint on
    positions is deferred, because an order changes row by row.
    """

    __tablename__ = "provider"
    __resource__ = "providers"
    __table_args__ = (
        UniqueConstraint("channel", "name", name="uq_provider_name"),
        UniqueConstraint("channel", "position", name="uq_provider_position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("position > 0", name="position"),
    )

    name: Mapped[str]
    channel: Mapped[str]
    is_enabled: Mapped[bool]
    position: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str]
    disabled_at: Mapped[datetime | None]
    disabled_by_name: Mapped[str | None]
    disabled_reason: Mapped[str | None]
