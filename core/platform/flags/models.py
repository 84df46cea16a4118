"""Feature flags: what can be switched, how it is switched in each environment, and who changed what under review."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

ENVIRONMENTS = ("production", "staging", "development")
KINDS = ("boolean", "multivariate", "json")
UNITS = ("tenant", "user")
OUTCOMES = ("waiting", "approved", "rejected", "withdrawn")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Flag(Identified, Stamped, Versioned, Base):
    """`variants` maps a name to its value; `off_variant` is served where the flag is off. `unit` is what percentages count.

    `config` are settings that go with the flag; `salt` seeds the buckets and never changes.
    """

    __tablename__ = "flag"
    __resource__ = "flags"
    __table_args__ = (
        _one_of("kind", KINDS),
        _one_of("unit", UNITS),
        Index("ix_flag_created", "created_at", "id"),
        Index("ix_flag_key", text("key text_pattern_ops")),
        Index("ix_flag_name", text("lower(name) text_pattern_ops")),
    )

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="boolean")
    variants: Mapped[dict[str, Any]]
    off_variant: Mapped[str]
    unit: Mapped[str] = mapped_column(default="tenant")
    owner_id: Mapped[UUID | None] = mapped_column(index=True)
    expires_on: Mapped[date | None]
    is_protected: Mapped[bool] = mapped_column(default=False)
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    salt: Mapped[str]
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[UUID | None]


class FlagEnvironment(Identified, Stamped, Versioned, Base):
    """How a flag behaves in one environment. The shapes of the JSON columns are in cleaning_targeting.py.

    `serve` is what the share `rollout_percentage` (0 to 100) of the units gets that no rule and no override decided.
    """

    __tablename__ = "flag_environment"
    __resource__ = "flags"
    __table_args__ = (
        UniqueConstraint("flag_id", "environment"),
        _one_of("environment", ENVIRONMENTS),
        CheckConstraint("rollout_percentage BETWEEN 0 AND 100", name="rollout_percentage"),
        Index("ix_flag_environment_enable", "enable_at", postgresql_where=text("enable_at IS NOT NULL")),
        Index("ix_flag_environment_disable", "disable_at", postgresql_where=text("disable_at IS NOT NULL")),
        Index("ix_flag_environment_ramp", "next_step_at", postgresql_where=text("next_step_at IS NOT NULL")),
    )

    flag_id: Mapped[UUID] = mapped_column(ForeignKey("flag.id"))
    environment: Mapped[str]
    is_enabled: Mapped[bool] = mapped_column(default=False)
    rules: Mapped[list[Any]] = mapped_column(default=list)
    serve: Mapped[dict[str, Any]]
    rollout_percentage: Mapped[Decimal] = mapped_column(Numeric(6, 3), default=Decimal(0))
    prerequisites: Mapped[list[Any]] = mapped_column(default=list)
    ramp: Mapped[list[Any]] = mapped_column(default=list)
    next_step_at: Mapped[datetime | None]
    enable_at: Mapped[datetime | None]
    disable_at: Mapped[datetime | None]
    guardrails: Mapped[list[Any]] = mapped_column(default=list)
    killed_at: Mapped[datetime | None]
    killed_by: Mapped[UUID | None]
    kill_reason: Mapped[str | None]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[UUID | None]
    pause_reason: Mapped[str | None]


class FlagSegment(Identified, Stamped, Versioned, Base):
    """A named audience: contexts that meet all (or any, by `match`) of the conditions."""

    __tablename__ = "flag_segment"
    __resource__ = "flags"
    __table_args__ = (_one_of("match", ("all", "any")),)

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    match: Mapped[str] = mapped_column(default="all")
    conditions: Mapped[list[Any]]


class FlagOverride(Identified, Stamped, Base):
    """What one tenant gets in one environment whatever the rules say, until `expires_at`.

    Without a `variant` only the settings differ: `config` is laid over the flag's own.
    """

    __tablename__ = "flag_override"
    __resource__ = "flags"
    __table_args__ = (
        UniqueConstraint("flag_id", "environment", "tenant_id"),
        _one_of("environment", ENVIRONMENTS),
        Index("ix_flag_override_tenant", "tenant_id"),
        Index("ix_flag_override_expiry", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    flag_id: Mapped[UUID] = mapped_column(ForeignKey("flag.id"))
    environment: Mapped[str]
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    variant: Mapped[str | None]
    config: Mapped[dict[str, Any] | None]
    expires_at: Mapped[datetime | None]
    reason: Mapped[str]
    set_by: Mapped[UUID | None]


class FlagChange(Identified, Stamped, Base):
    """A change of a protected flag that waits for a second person; `content_hash` binds the review to what was read."""

    __tablename__ = "flag_change"
    __resource__ = "flags"
    __table_args__ = (
        _one_of("outcome", OUTCOMES),
        _one_of("environment", ENVIRONMENTS),
        Index("ix_flag_change_flag", "flag_id", "created_at"),
        Index("ix_flag_change_waiting", "created_at", postgresql_where=text("outcome = 'waiting'")),
    )

    flag_id: Mapped[UUID] = mapped_column(ForeignKey("flag.id"))
    environment: Mapped[str]
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str]
    base_flag_version: Mapped[int]
    base_version: Mapped[int]
    explanation: Mapped[str]
    proposed_by: Mapped[UUID]
    proposed_by_name: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="waiting")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None]
    decision_reason: Mapped[str | None]


class FlagExposure(Base):
    """How often a variant was served on a day (UTC)."""

    __tablename__ = "flag_exposure"
    __resource__ = "flags"
    __observation__ = True

    flag_id: Mapped[UUID] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    variant: Mapped[str] = mapped_column(primary_key=True)
    evaluations: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime] = mapped_column(default=utc_now)


class FlagRevision(Base):
    """One row whose `revision` a trigger replaces with every change of flags: what processes watch."""

    __tablename__ = "flag_revision"
    __resource__ = "flags"
    __observation__ = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[UUID]
    changed_at: Mapped[datetime]
