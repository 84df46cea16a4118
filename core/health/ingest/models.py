"""The batches of telemetry that were taken in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base


class IngestBatch(Base):
    """One batch of one sender, stored with its rows: the same batch again is answered with `answer` and stored no more.

    `actor_id` is the API key or the operator; `fingerprint` is the SHA-256 of what was sent.
    """

    __tablename__ = "ingest_batch"
    __resource__ = "telemetry"
    __observation__ = True
    __table_args__ = (Index("ix_ingest_batch_at", "at"),)

    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    accepted: Mapped[int]
    rejected: Mapped[int]
    answer: Mapped[dict[str, Any]]
