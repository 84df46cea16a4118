"""Monitors: what is looked at and how, every look, every change of state, and when the checker itself looked away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Index, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.health.monitors.rules import CHECKED_STATES, KINDS, LONGEST_INTERVAL_S, SHORTEST_INTERVAL_S
from core.kernel import retention
from core.kernel.models import Base, Identified, Stamped, TransactionId, Versioned, uuid7
from core.kernel.rollups import Dimension, Rollup
from core.kernel.times import utc_now


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Monitor(Identified, Stamped, Versioned, Base):
    """What is checked. `settings` is what the kind needs (rules of each in settings.py); `target` is that as one line.

    A monitor of kind push is called by what it watches: of its token only the digest is stored, and until
    `previous_expires_at` the one before counts, too. Times of checks are spread by the id.
    """

    __tablename__ = "monitor"
    __resource__ = "monitors"
    __table_args__ = (
        _one_of("kind", KINDS),
        CheckConstraint(f"interval_s BETWEEN {SHORTEST_INTERVAL_S} AND {LONGEST_INTERVAL_S}", name="interval_s"),
        CheckConstraint("timeout_s BETWEEN 1 AND 60", name="timeout_s"),
        CheckConstraint("retries BETWEEN 0 AND 10", name="retries"),
        CheckConstraint("retry_interval_s BETWEEN 5 AND 3600", name="retry_interval_s"),
        CheckConstraint("(kind = 'push') = (token_digest IS NOT NULL)", name="token_digest"),
        Index("ix_monitor_name", text("lower(name)"), "id"),
        Index("ix_monitor_tags", "tags", postgresql_using="gin"),
        Index("uq_monitor_token_digest", "token_digest", unique=True),
        Index("ix_monitor_previous_digest", "previous_digest", postgresql_where=text("previous_digest IS NOT NULL")),
    )

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    settings: Mapped[dict[str, Any]]
    target: Mapped[str]
    interval_s: Mapped[int] = mapped_column(Integer, default=60)
    timeout_s: Mapped[int] = mapped_column(Integer, default=10)
    retries: Mapped[int] = mapped_column(Integer, default=1)
    retry_interval_s: Mapped[int] = mapped_column(Integer, default=20)
    tags: Mapped[list[str]] = mapped_column(default=list)
    owner_id: Mapped[UUID | None] = mapped_column(index=True)
    is_paused: Mapped[bool] = mapped_column(default=False)
    allows_private: Mapped[bool] = mapped_column(default=False)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    previous_digest: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    previous_expires_at: Mapped[datetime | None]
    token_rotated_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]


class MonitorTenant(Base):
    """A customer whom the monitor concerns: who is bound to some tenants sees the monitors of these."""

    __tablename__ = "monitor_tenant"
    __resource__ = "monitors"

    monitor_id: Mapped[UUID] = mapped_column(ForeignKey("monitor.id", ondelete="CASCADE"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True, index=True)


class MonitorPause(Identified, Base):
    """From when until when nobody wanted a monitor checked; `until` is NULL while it is paused."""

    __tablename__ = "monitor_pause"
    __resource__ = "monitors"
    __observation__ = True
    __table_args__ = (Index("ix_monitor_pause_monitor", "monitor_id", "since"),)

    monitor_id: Mapped[UUID] = mapped_column(ForeignKey("monitor.id", ondelete="CASCADE"))
    since: Mapped[datetime] = mapped_column(default=utc_now)
    until: Mapped[datetime | None]
    reason: Mapped[str | None]


class MonitorState(Base):
    """What is known of one monitor now. `state` is that of its last check: who reads it asks `queries.states`, too, which
    knows of pauses and of a checker that does not run.

    After `due_by` without a new result nothing is known any more. `asked_at`: somebody wants a check now.
    """

    __tablename__ = "monitor_state"
    __resource__ = "monitors"
    __observation__ = True
    __table_args__ = (
        _one_of("state", (*CHECKED_STATES, "unknown")),
        Index("ix_monitor_state_signal_at", "signal_at", postgresql_where=text("signal_at IS NOT NULL")),
    )

    monitor_id: Mapped[UUID] = mapped_column(ForeignKey("monitor.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(server_default="unknown")
    since: Mapped[datetime] = mapped_column(server_default=text("now()"))
    checked_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    due_by: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    latency_ms: Mapped[float | None] = mapped_column(Float)
    detail: Mapped[str] = mapped_column(server_default="")
    certificate_expires_at: Mapped[datetime | None]
    maintenance_id: Mapped[UUID | None]
    signal_at: Mapped[datetime | None]  # of a push, or of somebody who asked for a check
    pushed_at: Mapped[datetime | None]
    push: Mapped[dict[str, Any] | None]
    asked_at: Mapped[datetime | None]


class MonitorCheck(Base):
    """One look. `seconds` is the time it stands for, so that a changed interval does not bend what was measured before.

    `is_counted` is false during maintenance that is excluded.
    """

    __tablename__ = "monitor_check"
    __resource__ = "monitors"
    __observation__ = True
    __table_args__ = (
        _one_of("state", CHECKED_STATES),
        Index("ix_monitor_check_xid", "xid"),
        Index("ix_monitor_check_monitor", "monitor_id", "at", "id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    monitor_id: Mapped[UUID]
    state: Mapped[str]
    latency_ms: Mapped[float | None] = mapped_column(Float)
    seconds: Mapped[float] = mapped_column(Float)
    is_counted: Mapped[bool]
    maintenance_id: Mapped[UUID | None]
    detail: Mapped[str]


class MonitorChange(Identified, Base):
    """That a monitor's state changed: to what, from what, since when, and why."""

    __tablename__ = "monitor_change"
    __resource__ = "monitors"
    __observation__ = True
    __table_args__ = (
        _one_of("state", (*CHECKED_STATES, "paused", "unknown")),
        Index("ix_monitor_change_monitor", "monitor_id", "at"),
        Index("ix_monitor_change_down", "at", postgresql_where=text("state = 'down'")),
    )

    monitor_id: Mapped[UUID]
    at: Mapped[datetime]
    state: Mapped[str]
    previous: Mapped[str]
    cause: Mapped[str]


class CheckerRun(Identified, Base):
    """One term of one checker, and when it was last seen at work. Only one that has not ended may store results."""

    __tablename__ = "checker_run"
    __resource__ = "monitors"
    __observation__ = True
    __table_args__ = (Index("ix_checker_run_seen_at", "seen_at"),)

    host: Mapped[str]
    pid: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lag_ms: Mapped[float | None] = mapped_column(Float)
    monitors: Mapped[int] = mapped_column(Integer, server_default="0")


class CheckerGap(Identified, Base):
    """A time in which nothing is known because of the checker itself, and why; `until` is NULL while it lasts."""

    __tablename__ = "checker_gap"
    __resource__ = "monitors"
    __observation__ = True
    __table_args__ = (
        Index("ix_checker_gap_since", "since"),
        Index("uq_checker_gap_open", text("(1)"), unique=True, postgresql_where=text("until IS NULL")),
    )

    since: Mapped[datetime]
    until: Mapped[datetime | None]
    cause: Mapped[str]


MONITOR_ROLLUP = Rollup(
    "monitor_rollup", MonitorCheck, "at", "monitors",
    dimensions=(Dimension("monitor_id", Uuid()), Dimension("state", Text()), Dimension("is_counted", Boolean())),
    sums=("seconds", "latency_ms"),
    maxima=("latency_ms",),
    counts={"timed": "source.latency_ms IS NOT NULL"},
    sketch="latency_ms",
    kept_days={"minute": 3, "hour": 400},
)  # fmt: skip
retention.keep("monitor_check", "day", 7)

# A monitor's course is read by its id, and the rollup's own index begins with the time.
for _grain in (MONITOR_ROLLUP.minute, MONITOR_ROLLUP.hour, MONITOR_ROLLUP.day):
    _columns = _grain.__table__.c
    Index(f"ix_{_grain.__tablename__}_monitor", _columns.monitor_id, _columns.bucket)

__all__ = [
    "MONITOR_ROLLUP", "CheckerGap", "CheckerRun", "Monitor", "MonitorChange", "MonitorCheck", "MonitorPause",
    "MonitorState", "MonitorTenant",
]  # fmt: skip
