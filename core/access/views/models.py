"""Views of pages that operators keep for themselves."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned


class SavedView(Identified, Stamped, Versioned, Base):
    """A page's address under a name. `query` maps each parameter to its values, as in the URL; one may open by itself."""

    __tablename__ = "saved_view"
    __resource__ = "views"
    __table_args__ = (
        Index("uq_saved_view_name", "operator_id", "page", text("lower(name)"), unique=True),
        Index("uq_saved_view_default", "operator_id", "page", unique=True, postgresql_where=text("is_default")),
    )

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"))
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[dict[str, Any]]
    is_default: Mapped[bool] = mapped_column(default=False)
