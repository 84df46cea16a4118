"""New tenants that somebody began to describe and has not made yet."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Stamped


class TenantDraft(Stamped, Base):
    """What an operator typed into the form for a new tenant, and how far he came; one per operator, and his alone."""

    __tablename__ = "tenant_draft"
    __resource__ = "tenant_drafts"

    operator_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str]
    # Names and addresses of people who are no customers yet: not for the audit.
    values: Mapped[dict[str, Any]] = mapped_column(info={"secret": True})
