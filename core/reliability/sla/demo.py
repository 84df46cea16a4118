"""Demo measuring: sixty days of minutes for the contracts that there are, with the outages that the monitors saw and some of
each customer's own; violations and periods are what the engine makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from core.customers.contracts.terms import TERMS
from core.health.monitors.models import CheckerGap, Monitor, MonitorChange, MonitorTenant
from core.kernel.actor import Actor
from core.kernel.telemetry import Recording, record
from core.kernel.writes import write
from core.reliability.sla import demo_course, demo_decisions, maintaining, periods, violating
from core.reliability.sla.demo_course import Course, Stretch
from core.reliability.sla.models import SlaPeriod, SlaSpan, SlaViolation, SlaWatermark

DAYS, SLOW = 60, 9
MINUTE, AFTER = timedelta(minutes=1), timedelta(minutes=10)
_FIRST = """
SELECT contract_id, tenant_id, min(valid_from) AS since, max(valid_until) AS until, bool_or(maintenance = 'excluded') AS rests
FROM ({terms}) AS t GROUP BY contract_id, tenant_id ORDER BY contract_id
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What concerns contracts besides their own requests."""

    monitored_from: datetime
    windows: list[Stretch]
    gaps: list[Stretch]
    outages: list[tuple[UUID | None, Stretch]]  # of a tenant, or of everybody


def seed(system: Actor, random: Random, now: datetime, operators: dict[str, UUID]) -> None:
    """After contracts, monitors and tickets. Fills the tables of measuring, which must be empty."""
    until = now.astimezone(UTC).replace(second=0, microsecond=0) - 2 * MINUTE
    since = until - timedelta(days=DAYS)
    with record(system, timeout_ms=60_000) as tx:
        courses = _courses(tx, random, since, until)
        tx.copy(SlaSpan, (row for course in courses for row in course.rows()))
        tx.execute(
            insert(SlaWatermark), [{"id": 1, "since": since, "until": until, "known_until": until, "evaluated_at": now}]
        )
        _violations(tx, courses, until)
    with write(system, "demo.seed") as change:
        demo_decisions.exclusions(change, random, now, operators)
    with record(system, timeout_ms=60_000) as tx:
        periods.refresh(tx, since, until)
        periods.figure(tx, ("hour", "day"), since)
        periods.figure(tx, ("month", "quarter"), since)
        _slow_hours(tx, random)
    demo_decisions.credit_month(system, until)


def _courses(tx: Recording, random: Random, since: datetime, until: datetime) -> list[Course]:
    seen = _seen(tx, since, until)
    made = []
    for row in tx.execute(text(_FIRST.format(terms=TERMS))).all():
        begin, end = max(since, row.since), min(until, row.until)
        if begin < end:
            made.append(_course(random, row, begin, end, seen))
    return made


def _course(random: Random, row: Any, begin: datetime, end: datetime, seen: _Seen) -> Course:
    """Maintenance wins over outages, these over unobserved time; each has its cause. Requests decide where no monitor did."""
    course = Course(row.contract_id, row.tenant_id, begin, end)
    for gap in seen.gaps:
        course.put(gap)
    for tenant_id, outage in seen.outages:
        if tenant_id in (None, row.tenant_id):
            course.put(outage)
    for stretch in demo_course.own_outages(random, begin, min(end, seen.monitored_from)):
        course.put(stretch)
    for window in seen.windows if row.rests else ():
        course.put(window)
    return course


def _seen(tx: Recording, since: datetime, until: datetime) -> _Seen:
    windows = [
        Stretch(one.since, one.until, "maintenance", {"windows": [str(one.window_id)]})
        for one in maintaining.occurrences(tx, since, until)
    ]
    gaps = tx.execute(select(CheckerGap.since, CheckerGap.until).where(CheckerGap.until > since)).all()
    unseen = [Stretch(row.since, min(row.until, until), "unobserved", {}) for row in gaps]
    first = tx.execute(select(func.min(Monitor.created_at))).scalar() or until
    return _Seen(first, windows, unseen, _outages(tx, since, until))


def _outages(tx: Recording, since: datetime, until: datetime) -> list[tuple[UUID | None, Stretch]]:
    """When monitors of customers were down, and those of what all customers use."""
    change = MonitorChange
    owners = select(change.monitor_id, change.at, change.state, MonitorTenant.tenant_id).join(
        Monitor, Monitor.id == change.monitor_id
    )
    owners = owners.outerjoin(MonitorTenant, MonitorTenant.monitor_id == change.monitor_id)
    owners = owners.where(MonitorTenant.tenant_id.is_not(None) | Monitor.tags.contains(["public"]), change.at >= since)
    rows = tx.execute(owners.order_by(change.monitor_id, MonitorTenant.tenant_id, change.at)).all()
    found = []
    for row, following in zip_longest(rows, rows[1:]):
        if row.state == "down":
            is_same = following is not None and (following.monitor_id, following.tenant_id) == (
                row.monitor_id,
                row.tenant_id,
            )
            end = following.at if is_same and following is not None else until
            cause = {"monitors": [str(row.monitor_id)]}
            found.append((row.tenant_id, Stretch(row.at, min(end, until), "down", cause)))
    return found


def _violations(tx: Recording, courses: Sequence[Course], until: datetime) -> None:
    """The engine looks at each time that something was down; then found within minutes, as it would have been."""
    for begin, finish in demo_course.clusters([course.bad() for course in courses], AFTER):
        violating.look(tx, begin, min(finish, until), judged=until)
    one = SlaViolation
    found = {"detected_at": one.started_at + 3 * MINUTE, "told_at": one.started_at + 4 * MINUTE}
    tx.execute(update(one).where(one.started_at < until - AFTER).values(found))


def _slow_hours(tx: Recording, random: Random) -> None:
    one = SlaPeriod
    columns = (one.contract_id, one.tenant_id, one.bucket, one.latency_p99_ms, one.latency_p99_target)
    slow = select(*columns).where(one.grain == "hour", one.latency_p99_ms > one.latency_p99_target)
    hours = tx.execute(slow.order_by(one.contract_id, one.bucket)).all()
    if chosen := random.sample(hours, min(SLOW, len(hours))):
        tx.execute(insert(SlaViolation), [demo_course.slow_minutes(random, hour) for hour in chosen])
