"""Exports that were taken in: an exporter that got no answer sends the same again, and that must not count twice."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from core.health.ingest.models import IngestBatch
from core.health.otlp.formats import Signal
from core.kernel.telemetry import Recording


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told: how many items were kept, refused, and of no interest here; and why some were refused."""

    accepted: int
    rejected: int
    ignored: int = 0
    told: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """One export of one sender, told from others by its content: points and spans carry their times in nanoseconds."""

    sender: UUID
    signal: Signal
    digest: bytes

    @classmethod
    def of(cls, sender: UUID, signal: Signal, body: bytes) -> "Export":
        """By the body before it was packed: gzip writes the time of packing."""
        return cls(sender, signal, hashlib.sha256(body).digest())

    @property
    def id(self) -> str:
        return f"otlp-{self.signal}-{self.digest.hex()}"


def claim(tx: Recording, export: Export, now: datetime) -> Answer | None:
    """None when the export is new, else what it was answered. A second one at the same time waits here for the first."""
    row = {
        "actor_id": export.sender,
        "batch_id": export.id,
        "at": now,
        "fingerprint": export.digest,
        **_kept(Answer(0, 0)),
    }
    made = insert(IngestBatch).values(row).on_conflict_do_nothing().returning(IngestBatch.batch_id)
    if tx.execute(made).first() is not None:
        return None
    found = tx.execute(select(IngestBatch.accepted, IngestBatch.rejected, IngestBatch.answer).where(*_of(export))).one()
    return Answer(found.accepted, found.rejected, found.answer["ignored"], found.answer["told"])


def settle(tx: Recording, export: Export, answer: Answer) -> None:
    """Keeps the answer of a new export."""
    tx.execute(update(IngestBatch).where(*_of(export)).values(**_kept(answer)))


def _kept(answer: Answer) -> dict[str, Any]:
    told = {"ignored": answer.ignored, "told": answer.told}
    return {"accepted": answer.accepted, "rejected": answer.rejected, "answer": told}


def _of(export: Export) -> tuple[Any, ...]:
    return IngestBatch.actor_id == export.sender, IngestBatch.batch_id == export.id
