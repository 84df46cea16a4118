"""The service level report of one contract and month: what was promised, what was measured, what follows from it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import String, and_, cast, func, select

from core.customers.contracts.models import Contract
from core.customers.contracts.rules import number_of
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.times import utc_now
from core.reliability.incidents.models import Incident, IncidentLink
from core.reliability.sla import credit_queries
from core.reliability.sla.credit_rules import next_month, require_month
from core.reliability.sla.models import SlaExclusion, SlaPeriod, SlaViolation

HISTORY = 12
MOST_VIOLATIONS = 200
# A month begins, in UTC, at most so long before and after its first midnight in UTC: zones reach from +14 to -12 hours.
_EARLY, _LATE = timedelta(hours=14), timedelta(hours=12)
_GONE = "Nothing was measured for this customer in this month. Choose another one."


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells. Times are UTC, days and months those of `zone`; `until` is how far the month was measured.

    `month` is the month's row of sla_period; `days` and `months` (the last twelve, this one included) have its columns and
    `day`. `credits` is None for those who may not see them, else as `credit_queries.of_month`.
    """

    contract_id: UUID
    contract_number: str
    tenant_id: UUID
    tenant: str
    first_day: date
    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime
    month: dict[str, Any]
    days: pd.DataFrame
    months: pd.DataFrame
    violations: pd.DataFrame
    exclusions: pd.DataFrame
    credits: list[dict[str, Any]] | None
    made_at: datetime

    @property
    def is_over(self) -> bool:
        return self.made_at >= self.ends_at


def choices(actor: Actor, month: date) -> pd.DataFrame:
    """One row per contract that was measured in the month, by the tenant's name: contract_id, tenant_id, tenant.

    Raises Denied.
    """
    require(actor, "sla:read")
    found = (
        select(SlaPeriod.contract_id, SlaPeriod.tenant_id, Tenant.name.label("tenant"))
        .join(Tenant, Tenant.id == SlaPeriod.tenant_id)
        .where(SlaPeriod.grain == "month", *_in_month(month))
        .order_by(func.lower(Tenant.name), SlaPeriod.contract_id)
    )
    with read(actor) as rx:
        return rx.frame(found)


def _in_month(month: date) -> tuple[Any, Any]:
    utc = datetime.combine(month, time(), ZoneInfo("UTC"))
    return SlaPeriod.bucket >= utc - _EARLY, SlaPeriod.bucket <= utc + _LATE


def gather(actor: Actor, contract_id: UUID, month: date) -> Report:
    """Everything of one contract's month. Raises Denied, NotFound where nothing was measured or nothing is in sight."""
    require_month(month)
    require(actor, "sla:read")
    with read(actor) as rx:
        first = rx.one(_months(contract_id).where(*_in_month(month)).add_columns(Tenant.name.label("tenant")))
        if first is None:
            raise NotFound(_GONE)
        number, zone = _identity(contract_id)
        starts_at, ends_at = (datetime.combine(day, time(), zone) for day in (month, next_month(month)))
        window = (starts_at.astimezone(ZoneInfo("UTC")), ends_at.astimezone(ZoneInfo("UTC")))
        since = datetime.combine(_months_back(month, HISTORY - 1), time(), zone)
        days = _dated(rx.frame(_periods(contract_id, "day", *window)), zone)
        months = _dated(rx.frame(_periods(contract_id, "month", since, window[1])), zone)
        violations = _violations(rx, contract_id, window)
        exclusions = _exclusions(rx, contract_id, window)
    owed = credit_queries.of_month(actor, contract_id, month) if actor.may("sla_credits:read") else None
    row = first._asdict()
    return Report(
        contract_id, number, row["tenant_id"], row.pop("tenant"), month, zone, *window, row, days, months, violations,
        exclusions, owed, utc_now(),
    )  # fmt: skip


def _identity(contract_id: UUID) -> tuple[str, ZoneInfo]:
    """The contract's number and zone. What it is worth is for others; these two are told to all who see its figures."""
    with read(Actor.system("sla report")) as rx:
        row = rx.one(select(Contract.number, Contract.time_zone).where(Contract.id == contract_id))
    if row is None:
        raise NotFound(_GONE)
    return number_of(row.number), ZoneInfo(row.time_zone)


def _months_back(month: date, count: int) -> date:
    place = month.year * 12 + month.month - 1 - count
    return date(place // 12, place % 12 + 1, 1)


def _months(contract_id: UUID) -> AnySelect:
    found = select(*SlaPeriod.__table__.c).join(Tenant, Tenant.id == SlaPeriod.tenant_id)
    return found.where(SlaPeriod.contract_id == contract_id, SlaPeriod.grain == "month")


def _periods(contract_id: UUID, grain: str, since: datetime, until: datetime) -> AnySelect:
    return (
        select(*SlaPeriod.__table__.c)
        .where(SlaPeriod.contract_id == contract_id, SlaPeriod.grain == grain)
        .where(SlaPeriod.bucket >= since, SlaPeriod.bucket < until)
        .order_by(SlaPeriod.bucket)
    )


def _dated(frame: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """With `day`, the day of the zone on which the period begins."""
    local = [moment.tz_convert(zone).date() for moment in frame["bucket"]]
    return frame.assign(day=pd.Series(local, index=frame.index, dtype="object"))


def _violations(rx: Reading, contract_id: UUID, window: tuple[datetime, datetime]) -> pd.DataFrame:
    """Those that touch the month, oldest first, with the incident's number where one is linked and in sight."""
    one, link = SlaViolation, IncidentLink
    linked = and_(link.kind == "violation", link.target == cast(one.id, String))
    incident = (
        select(func.min(Incident.number)).join(link, link.incident_id == Incident.id).where(linked).scalar_subquery()
    )
    columns = (one.id, one.metric, one.impact, one.target, one.actual, one.minutes, one.started_at, one.ended_at)
    since, until = window
    found = select(*columns, incident.label("incident")).where(
        one.contract_id == contract_id, one.started_at < until,
        func.coalesce(one.ended_at, one.last_bad_at) > since, one.minutes > 0,
    )  # fmt: skip
    return rx.frame(found.order_by(one.started_at, one.id), limit=MOST_VIOLATIONS)


def _exclusions(rx: Reading, contract_id: UUID, window: tuple[datetime, datetime]) -> pd.DataFrame:
    """Approved ones that touch the month, oldest first."""
    one = SlaExclusion
    since, until = window
    found = select(one.violation_id, one.starts_at, one.ends_at, one.reason, one.decided_by_name).where(
        one.contract_id == contract_id, one.decision == "approved", one.starts_at < until, one.ends_at > since
    )
    return rx.frame(found.order_by(one.starts_at, one.id), limit=MOST_VIOLATIONS)
