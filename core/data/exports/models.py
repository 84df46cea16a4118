"""What was taken out of the portal as a file, by whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.data.exports.rules import FORMATS
from core.kernel.models import Base, Identified
from core.kernel.times import utc_now

_FORMATS = ", ".join(f"'{one}'" for one in (*FORMATS, "pdf"))  # reports are documents


class DataExport(Identified, Base):
    """One file: `name` says of what, `filters` what narrowed it; `tenant_id` when it is about one tenant alone.

    The file itself is kept nowhere.
    """

    __tablename__ = "data_export"
    __resource__ = "exports"
    __table_args__ = (
        CheckConstraint(f"format IN ({_FORMATS})", name="format"),
        Index("ix_data_export_created", "created_at", "id"),
    )

    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"), index=True)
    name: Mapped[str]
    format: Mapped[str]
    filters: Mapped[dict[str, Any]]
    columns: Mapped[list[str]]
    rows: Mapped[int]
    is_truncated: Mapped[bool]
    size_bytes: Mapped[int]
    created_by: Mapped[UUID | None]
    created_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
