"""Customer organisations. Fields after the models document, section 2, and iris sections 3.1 and 3.2."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.tenants.rules import REGIONS, STATUSES, TIERS
from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Tenant(Identified, Stamped, Versioned, Base):
    """A customer. `tier` is the plan of its subscription, kept here by the subscription's actions alone.

    `owner_id` is the person of the tenant's own who answers for it. A deleted one is purged after `purge_after`; what then is
    left of it is this row without its name, so that what is kept by law still belongs to something.
    """

    __tablename__ = "tenant"
    __resource__ = "tenants"
    __tenant_key__ = "id"
    __table_args__ = (
        _one_of("status", STATUSES),
        _one_of("tier", TIERS),
        _one_of("region", REGIONS),
        CheckConstraint("seats > 0", name="seats"),
        Index("ix_tenant_created", "created_at", "id"),
        Index("ix_tenant_name", text("lower(name) text_pattern_ops")),
        Index("ix_tenant_status", "status", "created_at"),
        Index("ix_tenant_tags", "tags", postgresql_using="gin"),
        Index("ix_tenant_purge", "purge_after", postgresql_where=text("purge_after IS NOT NULL")),
    )

    name: Mapped[str]
    domain: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default="active")
    tier: Mapped[str]
    region: Mapped[str]
    seats: Mapped[int]
    trial_ends_on: Mapped[date | None]
    csm_id: Mapped[UUID | None] = mapped_column(index=True)
    suspended_at: Mapped[datetime | None]
    suspended_by: Mapped[UUID | None]
    suspension_reason: Mapped[str | None]
    owner_id: Mapped[UUID | None]
    tags: Mapped[list[str]] = mapped_column(default=list, server_default=text("'{}'"))
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[UUID | None]
    deletion_reason: Mapped[str | None]
    purge_after: Mapped[datetime | None]


class TenantAssignment(Base):
    """Whose tenants an operator with the scope `assigned` sees."""

    __tablename__ = "tenant_assignment"
    __resource__ = "assignments"

    operator_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True, index=True)
    assigned_at: Mapped[datetime] = mapped_column(default=utc_now)


class TenantNotice(Identified, Base):
    """A mail to a tenant's administrators about its status; one per event."""

    __tablename__ = "tenant_notice"
    __resource__ = "notices"
    __table_args__ = (_one_of("outcome", ("queued", "sent", "failed", "no mail server", "no recipient")),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    subject: Mapped[str]
    body: Mapped[str]
    recipients: Mapped[list[str]]
    outcome: Mapped[str] = mapped_column(default="queued")
    error: Mapped[str | None]
    queued_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]
