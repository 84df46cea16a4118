"""Alerts: what is watched for, what was found, what became of it, and what is silenced."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

Severity = Literal["critical", "warning", "info"]
KINDS = (
    "threshold", "absence", "rate_of_change", "anomaly", "monitor_down", "certificate", "burn_rate",
    "sla_violation", "sla_budget",
)  # fmt: skip
SEVERITIES = ("critical", "warning", "info")
COMPARISONS = ("above", "below")
STATUSES = ("open", "acknowledged", "resolved", "dismissed")
LIVE = ("open", "acknowledged")
OUTCOMES = ("firing", "clear", "unknown", "failed")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class AlertRule(Identified, Stamped, Versioned, Base):
    """What is watched for. `key` names a rule that came with the portal.

    `filters` maps a dimension of the measure to the values that count; `per` is the dimension whose every value is judged by
    itself, NULL for one total. `clear_bound` is where an alert ends, NULL for the bound itself; lengths are in seconds.
    `settings` are those of the kind: see conditions.py. Rules are not removed, because alerts tell of them.
    """

    __tablename__ = "alert_rule"
    __resource__ = "alert_rules"
    __table_args__ = (
        _one_of("kind", KINDS),
        _one_of("severity", SEVERITIES),
        _one_of("comparison", COMPARISONS),
        Index("uq_alert_rule_name", text("lower(name)"), unique=True, postgresql_where=text("deleted_at IS NULL")),
    )

    key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    measure: Mapped[str]
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    per: Mapped[str | None]
    comparison: Mapped[str] = mapped_column(default="above")
    bound: Mapped[float] = mapped_column(Float)
    clear_bound: Mapped[float | None] = mapped_column(Float)
    for_s: Mapped[int] = mapped_column(default=300)
    clear_after_s: Mapped[int] = mapped_column(default=300)
    window_s: Mapped[int] = mapped_column(default=60)
    minimum_volume: Mapped[int] = mapped_column(default=0)
    storm_size: Mapped[int] = mapped_column(default=10)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    severity: Mapped[str] = mapped_column(default="warning")
    area: Mapped[str]
    runbook_url: Mapped[str | None]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    deleted_at: Mapped[datetime | None]


class AlertRuleState(Base):
    """What the last look at a rule found; `told` is the sentence for people, `firing` how many subjects fire.

    Figures up to `known_until` were judged: until more is known, there is nothing to look at again.
    """

    __tablename__ = "alert_rule_state"
    __resource__ = "alert_rules"
    __observation__ = True
    __table_args__ = (_one_of("outcome", OUTCOMES),)

    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    evaluated_at: Mapped[datetime]
    outcome: Mapped[str]
    told: Mapped[str]
    firing: Mapped[int]
    known_until: Mapped[datetime | None]


class Alert(Identified, Stamped, Versioned, Base):
    """One cause of concern. At most one of a `dedup_key` is live (open or acknowledged).

    `subject` is its name as people read it, `labels` its dimensions. `parent_id` is the alert of the common cause; then it
    does not notify. `is_group` stands for many of one rule at the same time. `resolved_by_name` is NULL when it ended by
    itself. `value_first` and `bound` are in `unit`.
    """

    __tablename__ = "alert"
    __resource__ = "alerts"
    __table_args__ = (
        _one_of("status", STATUSES),
        _one_of("severity", SEVERITIES),
        Index("uq_alert_live", "dedup_key", unique=True, postgresql_where=text("status IN ('open', 'acknowledged')")),
        Index("ix_alert_dedup_key", "dedup_key", text("opened_at DESC")),
        Index("ix_alert_opened", "opened_at", "id"),
        Index("ix_alert_status", "status", "opened_at", "id"),
        Index("ix_alert_tenant_id", "tenant_id", "opened_at"),
        Index("ix_alert_rule_id", "rule_id", "opened_at"),
        Index("ix_alert_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    )

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("alert_rule.id"))
    rule_name: Mapped[str]
    dedup_key: Mapped[str]
    group_key: Mapped[str]
    tenant_id: Mapped[UUID | None]
    subject: Mapped[str]
    labels: Mapped[dict[str, Any]]
    severity: Mapped[str]
    area: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    acknowledged_by_name: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    resolved_by_name: Mapped[str | None]
    value_first: Mapped[float | None] = mapped_column(Float)
    bound: Mapped[float | None] = mapped_column(Float)
    unit: Mapped[str]
    summary: Mapped[str]
    occurrences: Mapped[int] = mapped_column(default=1)
    is_flapping: Mapped[bool] = mapped_column(default=False)
    is_group: Mapped[bool] = mapped_column(default=False)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("alert.id"))
    notifies: Mapped[bool] = mapped_column(default=True)
    link: Mapped[str | None]
    runbook_url: Mapped[str | None]


class AlertState(Base):
    """What the evaluation keeps of an alert, beside what is decided about it.

    `unknown_since`: nothing was measured since then, so the alert may be over or not. `cleared_at`: the condition ended,
    also of an alert that was dismissed before.
    """

    __tablename__ = "alert_state"
    __resource__ = "alerts"
    __observation__ = True

    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID | None]
    last_seen_at: Mapped[datetime]
    value_last: Mapped[float | None] = mapped_column(Float)
    value_worst: Mapped[float | None] = mapped_column(Float)
    unknown_since: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


class AlertHistory(Base):
    """What happened to an alert, by whom (NULL: by the portal itself) and why.

    Its key is a number, so that events about alerts name alerts alone.
    """

    __tablename__ = "alert_history"
    __resource__ = "alerts"
    __table_args__ = (Index("ix_alert_history_alert_id", "alert_id", "at"), Index("ix_alert_history_at", "at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alert.id"))
    tenant_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    kind: Mapped[str]
    by: Mapped[UUID | None]
    by_name: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")


class Silence(Identified, Stamped, Versioned, Base):
    """Alerts that match are kept and not told, from `starts_at` to `ends_at`.

    An empty list matches everything; `subject_pattern` has * for any characters. `ended_at`: it was ended before its time.
    """

    __tablename__ = "silence"
    __resource__ = "alerts"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_at"),
        Index("ix_silence_ends_at", "ends_at"),
    )

    rule_ids: Mapped[list[UUID]]
    areas: Mapped[list[str]]
    severities: Mapped[list[str]]
    subject_pattern: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    created_by: Mapped[UUID | None]
    created_by_name: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by_name: Mapped[str | None]
