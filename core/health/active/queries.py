"""Reads of who is active: operators out of requests, the tenants' people out of counts and of when they were last seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd
from sqlalchemy import BigInteger, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.access.operators.models import Operator
from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.health.active.models import OPERATOR_ROLLUP, ActiveUsers
from core.health.requests.models import TENANT_ROLLUP, RequestRecord
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, as_id, read
from core.kernel.rollups import Grain, RollupWatermark
from core.kernel.times import utc_now

NOW = timedelta(minutes=15)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FRESH = timedelta(days=2)  # an older count of people says nothing about now
FINEST = timedelta(minutes=5)
SORTS = ("daily", "weekly", "monthly")
Sort = Literal["daily", "weekly", "monthly"]


@dataclass(frozen=True, slots=True)
class Operators:
    """How many operators opened a page or called the API; `counted_at` is how far the two longer figures go, None never."""

    now: int
    day: int | None
    week: int | None
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class People:
    """The tenants' people in sight. None is unknown: never counted, or not for this actor's eyes.

    `now` were seen in the last 15 minutes; the rest is as of `taken_at` (see ActiveUsers). `heard_at` is when the product
    last told of anybody. `tenants_now` and `tenants_day` are tenants with requests in 15 minutes and 24 h.
    """

    now: int | None
    users: int | None
    seen: int | None
    daily: int | None
    weekly: int | None
    monthly: int | None
    taken_at: datetime | None
    heard_at: datetime | None
    tenants_now: int | None
    tenants_day: int | None

    @property
    def is_told(self) -> bool:
        """Whether the product ever told when anybody was seen."""
        return bool(self.seen) or self.heard_at is not None


def operators(actor: Actor, *, now: datetime | None = None) -> Operators:
    """Operators of the last 15 minutes, 24 hours and 7 days."""
    require(actor, "health:read")
    moment, known = now or utc_now(), RequestRecord.operator_id
    recent = select(func.count(known.distinct())).where(known.is_not(None), RequestRecord.at >= moment - NOW)
    with read(actor) as rx:
        counted_at = rx.value(select(RollupWatermark.moved_at).where(RollupWatermark.rollup == OPERATOR_ROLLUP.name))
        active = int(rx.value(recent))
        longer = [rx.value(_distinct(moment - length)) if counted_at else None for length in (DAY, WEEK)]
    # Whoever came since the last pass counts at once.
    day, week = (None if count is None else max(int(count), active) for count in longer)
    return Operators(active, day, week, counted_at)


def _distinct(since: datetime) -> AnySelect:
    table = OPERATOR_ROLLUP.hour.__table__.c
    return select(func.count(table.operator_id.distinct())).where(table.bucket >= since)


def operators_now(actor: Actor, *, limit: int = 100) -> pd.DataFrame:
    """One row per operator of the last 15 minutes, latest first.

    Columns: operator_id, name and role (NA without operators:read), last_at (UTC), route (the last), requests.
    """
    require(actor, "health:read")
    request = RequestRecord
    latest = func.array_agg(aggregate_order_by(request.route, request.at.desc()))
    recent = (
        select(request.operator_id, func.max(request.at).label("last_at"), latest[1].label("route"),
               func.count().label("requests"))
        .where(request.operator_id.is_not(None), request.at >= utc_now() - NOW)
        .group_by(request.operator_id).subquery().c
    )  # fmt: skip
    columns = (recent.operator_id, Operator.name, Operator.role, recent.last_at, recent.route, recent.requests)
    known = select(*columns).outerjoin(Operator, Operator.id == recent.operator_id)
    with read(actor) as rx:
        return rx.frame(known.order_by(recent.last_at.desc()).limit(limit))


def operator_trend(actor: Actor, since: datetime, until: datetime, grain: Grain) -> pd.DataFrame:
    """Operators by step of time, oldest first: bucket (UTC), operators. Steps are 5 minutes, hours or days (UTC).

    A step without anybody has 0; steps before the first count, or after the last, have no row.
    """
    require(actor, "health:read")
    table, step = OPERATOR_ROLLUP.model(grain).__table__.c, step_of(grain)
    bucket = func.date_bin(step, table.bucket, datetime(2000, 1, 1, tzinfo=since.tzinfo)).label("bucket")
    counted = select(bucket, func.count(table.operator_id.distinct()).label("operators")).where(
        table.bucket >= since, table.bucket < until
    )
    day = OPERATOR_ROLLUP.day.__table__.c
    with read(actor) as rx:
        frame = rx.frame(counted.group_by(bucket).order_by(bucket))
        first = rx.value(select(func.min(day.bucket)))
        last = rx.value(select(RollupWatermark.moved_at).where(RollupWatermark.rollup == OPERATOR_ROLLUP.name))
    if first is None or last is None:
        return frame.iloc[:0]
    return _each(frame, max(since, first), min(until, last), step)


def step_of(grain: Grain) -> timedelta:
    """The length of one step of `operator_trend`."""
    return {"minute": FINEST, "hour": timedelta(hours=1), "day": DAY}[grain]


def _each(frame: pd.DataFrame, begin: datetime, end: datetime, step: timedelta) -> pd.DataFrame:
    first, last = (pd.Timestamp(moment).tz_convert("UTC") for moment in (begin, end))
    every = pd.date_range(first.ceil(step), last.floor(step), freq=step, unit="us").union(
        pd.DatetimeIndex(frame["bucket"])
    )
    return frame.set_index("bucket").reindex(every.rename("bucket"), fill_value=0).reset_index()


def people(actor: Actor, *, now: datetime | None = None) -> People:
    """The tenants' people as far as the data know them."""
    require(actor, "health:read")
    moment, counts = now or utc_now(), ActiveUsers
    sums = [cast(func.sum(getattr(counts, name)), BigInteger) for name in ("users", "seen", *SORTS)]
    latest = select(*sums, func.max(counts.taken_at)).where(counts.day == _last_day(moment))
    with read(actor) as rx:
        users, seen, daily, weekly, monthly, taken_at = rx.rows(latest)[0]
        recent, heard_at = _seen(rx, actor, moment)
        tenants = [_tenants_with_requests(rx, actor, moment - length) for length in (NOW, DAY)]
    return People(recent, users, seen, daily, weekly, monthly, taken_at, heard_at, *tenants)


def _last_day(now: datetime) -> Any:
    return select(func.max(ActiveUsers.day)).where(ActiveUsers.day >= now - FRESH).scalar_subquery()


def _seen(rx: Any, actor: Actor, now: datetime) -> tuple[int | None, datetime | None]:
    """How many were seen just now, and when anybody was seen last."""
    if not actor.may("users:read"):
        return None, None
    seen, is_served = TenantUser.last_seen_at, TenantUser.deactivated_at.is_(None)
    last = rx.value(select(seen).where(seen.is_not(None), is_served).order_by(seen.desc()).limit(1))
    if last is None:
        return None, None
    return int(rx.value(select(func.count()).where(seen >= now - NOW, is_served))), last


def _tenants_with_requests(rx: Any, actor: Actor, since: datetime) -> int | None:
    """One look into the index for each tenant: the cost is that of the tenants, however many requests there were."""
    moved = rx.value(select(RollupWatermark.moved_at).where(RollupWatermark.rollup == TENANT_ROLLUP.name))
    if not actor.may("tenants:read") or moved is None:
        return None
    table = TENANT_ROLLUP.model("minute" if since > utc_now() - timedelta(hours=1) else "hour").__table__.c
    had = exists().where(table.tenant_id == Tenant.id, table.bucket >= since)
    return int(rx.value(select(func.count()).select_from(Tenant).where(had)))


def tenants(actor: Actor, *, text: str = "", sort: Sort = "daily", limit: int = 100) -> pd.DataFrame:
    """One row per tenant of the latest count, the most active first.

    Columns: tenant_id, tenant (NA without tenants:read), users, seen, daily, weekly, monthly, daily_ratio (of its users; NA
    where nobody was ever seen). `text` is the start of a name or domain, or an id.
    """
    require(actor, "health:read")
    counts = ActiveUsers
    found = (
        select(counts.tenant_id, Tenant.name.label("tenant"), counts.users, counts.seen, counts.daily, counts.weekly,
               counts.monthly)
        .outerjoin(Tenant, Tenant.id == counts.tenant_id).where(counts.day == _last_day(utc_now()), *_named(text))
        .order_by(getattr(counts, sort).desc(), counts.monthly.desc(), counts.tenant_id).limit(limit)
    )  # fmt: skip
    with read(actor) as rx:
        frame = rx.frame(found)
    unheard = frame["seen"] == 0
    frame[list(SORTS)] = frame[list(SORTS)].mask(unheard)
    return frame.assign(daily_ratio=(frame["daily"] / frame["users"]).astype("Float64"))


def _named(text: str) -> list[Any]:
    wanted, key = text.strip().lower(), as_id(text)
    if key is not None:
        return [ActiveUsers.tenant_id == key]
    names = (Tenant.name, Tenant.domain)
    return [or_(*(func.lower(one).startswith(wanted, autoescape=True) for one in names))] if wanted else []


def people_trend(actor: Actor, since: datetime, until: datetime, *, tenant_id: Any = None) -> pd.DataFrame:
    """One row per day (UTC) that was counted, oldest first: day, daily, weekly, monthly, tenants (with a daily user).

    Of all tenants in sight, or of one.
    """
    require(actor, "health:read")
    counts = ActiveUsers
    sums = [cast(func.sum(getattr(counts, name)), BigInteger).label(name) for name in SORTS]
    used = func.count().filter(counts.daily > 0).label("tenants")
    by_day = select(counts.day, *sums, used).where(counts.day >= since, counts.day < until).group_by(counts.day)
    if tenant_id is not None:
        by_day = by_day.where(counts.tenant_id == tenant_id)
    with read(actor) as rx:
        return rx.frame(by_day.order_by(counts.day))
