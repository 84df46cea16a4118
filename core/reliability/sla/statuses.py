"""One row per contract: its last 30 days, its calendar month, and its violations, put together in the database."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Subquery, and_, case, cast, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.tenants.models import Tenant
from core.kernel.reads import Reading
from core.reliability.sla.models import SlaExclusion, SlaPeriod, SlaViolation, SlaWatermark

DAYS = 30
STATES = ("violated", "missed", "behind", "met", "unknown", "no_target")
_LATELY = timedelta(days=3)
_WHOLE = text("SET LOCAL enable_nestloop = off")


def read_whole(rx: Reading) -> None:
    """Lets this transaction join sets as wholes. Behind row policies the planner takes 1,000 contracts for one, and would go
    through all exclusions for each violation."""
    rx.session.execute(_WHOLE)


def total(column: Any) -> ColumnElement[float]:
    """The sum as a float, 0 without rows."""
    return func.coalesce(cast(func.sum(column), Float), 0.0)


def uptime_of(observed: ColumnElement[float], bad: ColumnElement[float]) -> ColumnElement[float]:
    """Percent; NULL when nothing was observed."""
    return 100.0 * (observed - bad) / func.nullif(observed, 0.0)


def _days(now: datetime) -> Subquery:
    """Per contract, the last 30 days."""
    day = SlaPeriod
    seen, bad, requests = total(day.observed_minutes), total(day.bad_minutes), total(day.requests)
    rest = total(day.maintenance_minutes + day.excluded_minutes + day.unobserved_minutes)
    columns = (
        day.contract_id, day.tenant_id, func.max(day.bucket).label("last_day"), uptime_of(seen, bad).label("uptime"),
        bad.label("bad_minutes"), (seen / func.nullif(seen + rest, 0.0)).label("observed_ratio"), requests.label("requests"),
        (100.0 * total(day.errors) / func.nullif(requests, 0.0)).label("error_rate"),
    )  # fmt: skip
    found = select(*columns).where(day.grain == "day", day.bucket >= now - timedelta(days=DAYS))
    return found.group_by(day.contract_id, day.tenant_id).subquery("days")


def months_of(now: datetime) -> Subquery:
    """Per contract, the month that it is in."""
    month = SlaPeriod
    columns = (
        month.contract_id, month.bucket.label("month"), month.uptime.label("month_uptime"), month.uptime_target,
        month.ends_at, month.observed_minutes.label("month_observed_minutes"), month.bad_minutes.label("month_bad_minutes"),
        month.latency_p99_ms, month.latency_p99_target,
        month.error_rate_target, month.responses, month.responses_late,
    )  # fmt: skip
    found = select(*columns).where(month.grain == "month", month.bucket >= now - timedelta(days=63))
    return (
        found.ext(distinct_on(month.contract_id))
        .order_by(month.contract_id, month.bucket.desc(), month.tenant_id)
        .subquery("months")
    )


def is_excluded() -> ColumnElement[bool]:
    """That the whole of a violation was taken back."""
    one, bad = SlaExclusion, SlaViolation
    until = func.coalesce(bad.ended_at, bad.last_bad_at)
    whole = and_(one.starts_at <= bad.started_at, one.ends_at >= until, one.decision == "approved")
    return select(one.id).where(one.violation_id == bad.id, whole).exists()


def is_taken_back() -> ColumnElement[bool]:
    """That figures which came late showed that there was nothing."""
    return SlaViolation.detail.contains({"withdrawn": True})


def _violations(now: datetime) -> Subquery:
    """Per contract, the violations of 30 days that count, and those that last."""
    bad, is_open = SlaViolation, SlaViolation.ended_at.is_(None)
    columns = (bad.contract_id, cast(func.count(), Integer).label("violations"),
               cast(func.count().filter(is_open), Integer).label("open_violations"))  # fmt: skip
    lately = or_(bad.started_at >= now - timedelta(days=DAYS), is_open)
    return (
        select(*columns)
        .where(lately, ~is_taken_back(), ~is_excluded())
        .group_by(bad.contract_id)
        .subquery("violations")
    )


def judged_until(now: datetime) -> ColumnElement[datetime]:
    """How far measuring has come."""
    return func.coalesce(select(SlaWatermark.until).where(SlaWatermark.id == 1).scalar_subquery(), literal(now))


def counting_minutes(month: Any, until: ColumnElement[datetime]) -> ColumnElement[float]:
    """Minutes of a month that count: those that were observed, and the rest of it."""
    ends_at = func.coalesce(month.ends_at, month.month + text("interval '1 month'"))
    rest = cast(func.extract("epoch", ends_at - until), Float) / 60
    whole: ColumnElement[float] = month.month_observed_minutes + func.greatest(rest, 0.0)
    return whole


def _state(month: Any, open_count: ColumnElement[int], until: ColumnElement[datetime]) -> ColumnElement[str]:
    """Of the calendar month: `missed` when even a month without another bad minute ends below the target (its error budget
    is used up), `behind` when it is below so far."""
    whole = counting_minutes(month, until)
    reachable = 100.0 * (whole - month.month_bad_minutes) / func.nullif(whole, 0.0)
    return case(
        (open_count > 0, "violated"), (month.uptime_target.is_(None), "no_target"), (month.month_uptime.is_(None), "unknown"),
        (reachable < month.uptime_target, "missed"), (month.month_uptime < month.uptime_target, "behind"), else_="met",
    )  # fmt: skip


def statuses(now: datetime) -> Subquery:
    """One row per contract that was measured within 60 days."""
    days, months, violations = _days(now), months_of(now), _violations(now)
    day, month, bad = days.c, months.c, violations.c
    until = judged_until(now)
    open_count = func.coalesce(bad.open_violations, 0)
    state = _state(month, open_count, until)
    columns = (
        day.contract_id, day.tenant_id, func.coalesce(Tenant.name, "").label("name"), Tenant.name.label("tenant"),
        Tenant.domain, Tenant.csm_id, day.uptime, day.bad_minutes, day.observed_ratio, day.requests,
        day.error_rate, month.month, month.month_uptime, month.month_bad_minutes, month.uptime_target,
        month.latency_p99_ms, month.latency_p99_target, month.error_rate_target, month.responses, month.responses_late,
        (day.uptime - month.uptime_target).label("margin"), func.coalesce(bad.violations, 0).label("violations"),
        open_count.label("open_violations"), state.label("state"), (day.last_day >= until - _LATELY).label("is_current"),
    )  # fmt: skip
    joined = select(*columns).select_from(days).outerjoin(months, month.contract_id == day.contract_id)
    joined = joined.outerjoin(violations, bad.contract_id == day.contract_id)
    return joined.outerjoin(Tenant, Tenant.id == day.tenant_id).subquery("statuses")
