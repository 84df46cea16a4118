"""Infrastructure of a tenant's own. After ADR-020, "DedicatedInfrastructure"; no secrets, only where things are."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.infrastructure.checklist import STATES
from core.customers.infrastructure.regions import GROUPS, PROVIDERS
from core.customers.infrastructure.rules import STATUSES
from core.kernel.models import Base, Identified, Stamped, Versioned


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Infrastructure(Identified, Stamped, Versioned, Base):
    """A database and servers for one tenant. What is not known is NULL, also the group that the region lies in.

    A tenant may have two at a time, so that it can move from one to the other.
    """

    __tablename__ = "infrastructure"
    __resource__ = "infrastructure"
    __table_args__ = (
        _one_of("status", STATUSES),
        _one_of("provider", PROVIDERS),
        _one_of("region_group", GROUPS),
        Index("ix_infrastructure_created", "created_at", "id"),
        Index("ix_infrastructure_tenant", "tenant_id", "status"),
        Index("ix_infrastructure_host", text("host text_pattern_ops")),
        Index("uq_infrastructure_database", "host", "database_name", unique=True, postgresql_where=text("status <> 'retired'")),
    )  # fmt: skip

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    status: Mapped[str] = mapped_column(default="requested")
    provider: Mapped[str]
    region: Mapped[str]
    region_group: Mapped[str | None]
    host: Mapped[str | None]
    database_name: Mapped[str | None]
    database_version: Mapped[str | None]
    compute: Mapped[str | None]
    cpus: Mapped[int | None]
    memory_gb: Mapped[int | None]
    storage_gb: Mapped[int | None]
    notes: Mapped[str | None]
    requested_by_name: Mapped[str]
    provisioned_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    retirement_reason: Mapped[str | None]


class InfrastructureStep(Identified, Stamped, Versioned, Base):
    """One step of a record's checklist, copied from the template when it was requested."""

    __tablename__ = "infrastructure_step"
    __resource__ = "infrastructure"
    __table_args__ = (
        _one_of("state", STATES),
        Index("uq_infrastructure_step_key", "infrastructure_id", "key", unique=True),
        Index("ix_infrastructure_step_due", "due_on", "id", postgresql_where=text("state NOT IN ('done', 'skipped')")),
    )

    infrastructure_id: Mapped[UUID] = mapped_column(ForeignKey("infrastructure.id", ondelete="CASCADE"))
    tenant_id: Mapped[UUID] = mapped_column(index=True)
    position: Mapped[int]
    key: Mapped[str]
    title: Mapped[str]
    about: Mapped[str]
    team: Mapped[str]
    is_required: Mapped[bool]
    state: Mapped[str] = mapped_column(default="open")
    owner_id: Mapped[UUID | None]
    owner_name: Mapped[str | None]
    due_on: Mapped[date | None]
    evidence: Mapped[str | None]
    done_at: Mapped[datetime | None]
    done_by_name: Mapped[str | None]


class ResidencyViolation(Identified, Base):
    """From when to when a tenant's infrastructure lay outside of the tenant's region; open while `settled_at` is NULL."""

    __tablename__ = "residency_violation"
    __resource__ = "infrastructure"
    __table_args__ = (
        Index("uq_residency_violation_open", "infrastructure_id", unique=True, postgresql_where=text("settled_at IS NULL")),
        Index("ix_residency_violation_opened", "opened_at", "id"),
    )  # fmt: skip

    infrastructure_id: Mapped[UUID] = mapped_column(ForeignKey("infrastructure.id", ondelete="CASCADE"))
    tenant_id: Mapped[UUID] = mapped_column(index=True)
    tenant_region: Mapped[str]
    region_group: Mapped[str]
    opened_at: Mapped[datetime]
    cause: Mapped[str]
    caused_by_name: Mapped[str]
    settled_at: Mapped[datetime | None]
    settled_by_name: Mapped[str | None]
    settlement: Mapped[str | None]
