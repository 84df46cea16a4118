"""What the API answered to calls that carry an idempotency key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.crypto import EncryptedText
from core.kernel.models import Base, Identified


class ApiAnswer(Identified, Base):
    """One call under a key: claimed when it begins, filled in when it has been answered.

    `route` is method and path template, `fingerprint` a digest of what was asked. The body may hold a secret that is shown
    once, so it is encrypted.
    """

    __tablename__ = "api_answer"
    __resource__ = "events"
    __observation__ = True
    __table_args__ = (UniqueConstraint("actor_id", "route", "key"),)

    actor_id: Mapped[UUID]
    route: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    claimed_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[str | None] = mapped_column(EncryptedText("api_answer.body"))
