"""The people of the tenants."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.users.rules import OUTCOMES
from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

_OUTCOMES = ", ".join(f"'{one}'" for one in OUTCOMES)


class TenantUser(Identified, Stamped, Versioned, Base):
    """An account of a tenant's own; `is_admin` says who receives notices."""

    __tablename__ = "tenant_user"
    __resource__ = "users"
    __table_args__ = (
        Index("uq_tenant_user_email", "tenant_id", text("lower(email)"), unique=True),
        Index("ix_tenant_user_email", text("lower(email) text_pattern_ops")),
        Index("ix_tenant_user_name", text("lower(name) text_pattern_ops")),
        Index("ix_tenant_user_created", "created_at", "id"),
        Index("ix_tenant_user_of_tenant", "tenant_id", "created_at", "id"),
        Index("ix_tenant_user_words", text("qd_words((name || ' ') || email)"), postgresql_using="gin"),
        Index("ix_tenant_user_seen", "last_seen_at", postgresql_where=text("deactivated_at IS NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    email: Mapped[str]
    name: Mapped[str]
    is_admin: Mapped[bool] = mapped_column(default=False)
    deactivated_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]


class UserInvitation(Identified, Base):
    """A link by which a person takes up the account. Of its token only the digest is kept, and only once it was mailed.

    One of a person's invitations is the current one: `replaced_at` is empty.
    """

    __tablename__ = "user_invitation"
    __resource__ = "users"
    __table_args__ = (
        CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome"),
        Index("uq_user_invitation_current", "user_id", unique=True, postgresql_where=text("replaced_at IS NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("tenant_user.id"), index=True)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True, info={"secret": True})
    outcome: Mapped[str] = mapped_column(default="queued")
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[UUID | None]
    created_by_name: Mapped[str]
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
