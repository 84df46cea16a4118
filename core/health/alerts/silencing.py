"""Which silence matches which alert, as SQL: one condition for one alert and for all of them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.health.alerts.models import Alert, Silence


def is_active() -> ColumnElement[bool]:
    """Whether a silence holds at this moment."""
    now = func.statement_timestamp()
    return and_(Silence.ended_at.is_(None), Silence.starts_at <= now, Silence.ends_at > now)


def matches() -> ColumnElement[bool]:
    """Whether silence and alert match: each matcher that has values must."""
    return and_(
        or_(func.cardinality(Silence.rule_ids) == 0, Alert.rule_id == Silence.rule_ids.any_()),
        or_(func.cardinality(Silence.areas) == 0, Alert.area == Silence.areas.any_()),
        or_(func.cardinality(Silence.severities) == 0, Alert.severity == Silence.severities.any_()),
        or_(Silence.subject_pattern.is_(None), Alert.subject.ilike(_like(), escape="\\")),
    )


def _like() -> Any:
    """The pattern as LIKE reads it: only * stands for anything."""
    plain: Any = Silence.subject_pattern
    for special in ("\\", "%", "_"):
        plain = func.replace(plain, special, "\\" + special)
    return func.replace(plain, "*", "%")


def silenced_until() -> Any:
    """Until when the alert is silenced, NULL where it is not; a column of a query over alerts."""
    found = select(func.max(Silence.ends_at)).where(is_active(), matches())
    return found.correlate(Alert).scalar_subquery()
