"""Incidents: what is wrong, who works on it, what happened, whom it hits, and what belongs to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

SEVERITIES = ("sev1", "sev2", "sev3")
STATUSES = ("investigating", "identified", "monitoring", "resolved", "closed")
LIVE = ("investigating", "identified", "monitoring")
KINDS = ("outage", "bug", "security", "performance")
SOURCES = ("manual", "alert", "violation", "error", "ticket", "api")
ROLES = ("lead", "communications", "operations", "scribe", "assignee")
LINKS = ("alert", "violation", "error", "ticket", "incident", "deployment", "flag")
EVENT_KINDS = (
    "declared", "status", "severity", "role", "note", "link", "merged", "reopened", "impact", "alert", "violation", "flag",
    "deployment", "configuration", "access", "message", "page", "edited",
)  # fmt: skip


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Incident(Identified, Stamped, Versioned, Base):
    """`started_at` is when it began to hurt, `declared_at` when somebody said so, `acknowledged_at` when somebody took it.

    `services` are what it affects, as requests and components name them. `next_update_at` is when the next public word is
    due. A merged one is closed and names the incident that goes on. `is_public` ones are on the status page.
    """

    __tablename__ = "incident"
    __resource__ = "incidents"
    __table_args__ = (
        _one_of("severity", SEVERITIES),
        _one_of("status", STATUSES),
        _one_of("kind", KINDS),
        _one_of("source", SOURCES),
        CheckConstraint("(status IN ('resolved', 'closed')) <= (resolved_at IS NOT NULL)", name="resolved"),
        Index("ix_incident_declared", "declared_at", "id"),
        Index("ix_incident_status", "status", "severity", "declared_at"),
        Index("ix_incident_started", "started_at"),
        Index("ix_incident_public", "started_at", postgresql_where=text("is_public")),
        Index("ix_incident_lead", "lead_id"),
        Index("ix_incident_merged", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        Index(
            "ix_incident_words",
            text("qd_text((((((title || ' ') || description) || ' ') || root_cause) || ' ') || resolution)"),
            postgresql_using="gin",
        ),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="outage")
    severity: Mapped[str]
    status: Mapped[str] = mapped_column(default="investigating")
    source: Mapped[str] = mapped_column(default="manual")
    services: Mapped[list[str]] = mapped_column(default=list)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"))
    reported_by: Mapped[UUID | None]
    reported_by_name: Mapped[str]
    started_at: Mapped[datetime]
    declared_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    identified_at: Mapped[datetime | None]
    monitoring_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    reopen_count: Mapped[int] = mapped_column(default=0)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id"))
    root_cause: Mapped[str] = mapped_column(default="")
    resolution: Mapped[str] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    public_title: Mapped[str] = mapped_column(default="")
    next_update_at: Mapped[datetime | None]


class IncidentRole(Base):
    """Who does what in an incident."""

    __tablename__ = "incident_role"
    __resource__ = "incidents"
    __table_args__ = (_one_of("role", ROLES),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class IncidentEvent(Identified, Base):
    """One line of an incident's timeline, in order of `at`, then `id`.

    What was collected by itself names where it came from (`source` a table's name, `source_id` the row), so that it comes once.
    """

    __tablename__ = "incident_event"
    __resource__ = "incidents"
    __table_args__ = (
        _one_of("kind", EVENT_KINDS),
        Index("ix_incident_event_of", "incident_id", "at", "id"),
        Index(
            "uq_incident_event_source", "incident_id", "source", "source_id", unique=True,
            postgresql_where=text("source IS NOT NULL"),
        ),
    )  # fmt: skip

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    kind: Mapped[str]
    text: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    source: Mapped[str | None]
    source_id: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_key: Mapped[bool] = mapped_column(default=False)  # belongs into the post-mortem
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class IncidentLink(Identified, Base):
    """What an incident has to do with: `target` is an id, an error's fingerprint or a flag's key."""

    __tablename__ = "incident_link"
    __resource__ = "incidents"
    __table_args__ = (
        _one_of("kind", LINKS),
        Index("uq_incident_link_target", "incident_id", "kind", "target", unique=True),
        Index("ix_incident_link_target", "kind", "target"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    kind: Mapped[str]
    target: Mapped[str]
    label: Mapped[str] = mapped_column(default="")
    created_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class IncidentImpact(Base):
    """What the data say of an incident's window and services. NULL is unknown. People's corrections are in `IncidentCorrection`.

    Money is in `currency`; `revenue` is the affected tenants' monthly recurring revenue, `contracts_value` a year's worth.
    """

    __tablename__ = "incident_impact"
    __resource__ = "incidents"
    __observation__ = True

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    computed_at: Mapped[datetime]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    tenants: Mapped[int | None]
    users: Mapped[int | None]
    requests: Mapped[int | None]
    requests_failed: Mapped[int | None]
    tickets: Mapped[int | None]
    contracts: Mapped[int | None]
    violations: Mapped[int | None]
    revenue: Mapped[list[Any] | None]  # [{"currency": "USD", "amount": "1200.00"}]
    contracts_value: Mapped[list[Any] | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class IncidentTenant(Base):
    """A tenant that an incident hits: found in the data, or said by somebody."""

    __tablename__ = "incident_tenant"
    __resource__ = "incidents"
    __observation__ = True
    __table_args__ = (Index("ix_incident_tenant_tenant", "tenant_id"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    requests: Mapped[int | None]
    requests_failed: Mapped[int | None]
    found_by: Mapped[list[str]]  # requests, errors, monitors, tickets, violations, operator
    computed_at: Mapped[datetime]


class IncidentCorrection(Identified, Base):
    """What somebody says instead of what was computed, and why. `field` is a column of the impact; the latest one counts.

    A NULL `value` takes the computed figure back.
    """

    __tablename__ = "incident_correction"
    __resource__ = "incidents"
    __table_args__ = (Index("ix_incident_correction_of", "incident_id", "field", "created_at"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    field: Mapped[str]
    value: Mapped[dict[str, Any] | None]
    reason: Mapped[str]
    by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
