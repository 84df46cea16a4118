"""How much is used, one statement per resource: a row per tenant of which anything is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, and_, case, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from core.customers.quotas.resources import SPEND_METRIC, STORAGE_METRIC
from core.customers.users.models import TenantUser
from core.health.messages.models import MESSAGE_ROLLUP
from core.health.metrics.models import METRIC_ROLLUP, MetricSeries
from core.health.requests.models import TENANT_ROLLUP
from core.kernel.rollups import Rollup, RollupWatermark, start_of

# What the product has not told of for so long is not known any more.
STALE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days (UTC) from `first` to the day of `moment`; what stands is taken as of `moment`, `is_live` says now."""

    first: datetime
    moment: datetime
    is_live: bool = False

    @property
    def last(self) -> datetime:
        return start_of(self.moment, "day")


def used(span: Span) -> CompoundSelect[Any]:
    """tenant_id, resource, used: of monthly resources what the span adds up to."""
    return union_all(_people(span), _storage(span), _calls(span), _messages(span), _spend(span))


def _row(tenant_id: Any, resource: str, amount: Any) -> Select[Any]:
    return select(
        tenant_id.label("tenant_id"), literal(resource).label("resource"), cast(amount, Numeric).label("used")
    )


def _people(span: Span) -> Select[Any]:
    user = TenantUser
    in_service = or_(user.deactivated_at.is_(None), user.deactivated_at > span.moment)
    return _row(user.tenant_id, "users", func.count()).where(user.created_at <= span.moment, in_service).group_by(
        user.tenant_id
    )  # fmt: skip


def _calls(span: Span) -> Select[Any]:
    table = TENANT_ROLLUP.day.__table__.c
    return (
        _row(table.tenant_id, "api_calls", func.sum(table.total))
        .where(table.bucket.between(span.first, span.last), table.channel == "api", table.tenant_id.is_not(None))
        .group_by(table.tenant_id)
    )


def _messages(span: Span) -> Select[Any]:
    table = MESSAGE_ROLLUP.day.__table__.c
    return (
        _row(table.tenant_id, "messages", func.sum(table.sent))
        .where(table.bucket.between(span.first, span.last), table.tenant_id.is_not(None))
        .group_by(table.tenant_id)
    )


def _spend(span: Span) -> Select[Any]:
    """Of a tenant whose spend was told before but not in the span: 0 while the product still speaks of it, else unknown."""
    series, table = MetricSeries, METRIC_ROLLUP.day.__table__.c
    within = and_(table.series_id == series.id, table.bucket.between(span.first, span.last))
    total = func.sum(table.value_total_sum)
    still_told = func.max(series.last_seen_at) >= span.moment - STALE
    return (
        _row(series.tenant_id, "ai_spend", case((total.is_not(None), total), (still_told, 0)))
        .select_from(series).outerjoin(METRIC_ROLLUP.day, within)
        .where(series.name == SPEND_METRIC, series.kind == "counter", series.tenant_id.is_not(None),
               series.first_seen_at <= span.moment)
        .group_by(series.tenant_id)
    )  # fmt: skip


def _storage(span: Span) -> Select[Any]:
    """The last word of each series, summed; unknown where one of them has fallen silent."""
    series, latest = MetricSeries, _last_word(span)
    is_whole = func.count(latest.c.value) == func.count()
    return (
        _row(series.tenant_id, "storage_bytes", case((is_whole, func.sum(latest.c.value))))
        .select_from(series).outerjoin(latest, literal(True))
        .where(series.name == STORAGE_METRIC, series.kind == "gauge", series.tenant_id.is_not(None),
               series.first_seen_at <= span.moment)
        .group_by(series.tenant_id)
    )  # fmt: skip


def _last_word(span: Span) -> Any:
    """Within STALE before the moment. By the minute now, else by the day: minutes are not kept for long."""
    table = METRIC_ROLLUP.model("minute" if span.is_live else "day").__table__.c
    return (
        select(table.value_max.label("value"))
        .where(table.series_id == MetricSeries.id, table.bucket <= span.moment, table.bucket > span.moment - STALE)
        .order_by(table.bucket.desc()).limit(1).lateral("latest")
    )  # fmt: skip


def is_counted(resource: Any, by: datetime) -> ColumnElement[bool]:
    """Whether a tenant without a row has used 0, and not an unknown amount, by a day."""
    return or_(
        resource == "users",
        and_(resource == "api_calls", _begun(TENANT_ROLLUP, by, counted_by_itself=True)),
        and_(resource == "messages", _begun(MESSAGE_ROLLUP, by)),
    )


def _begun(rollup: Rollup, by: datetime, *, counted_by_itself: bool = False) -> ColumnElement[bool]:
    """Whether anything of tenants was told by a day; what the portal counts itself begins with the first look."""
    table = rollup.day.__table__.c
    has_rows = exists().where(table.tenant_id.is_not(None), table.bucket <= by)
    if not counted_by_itself:
        return has_rows
    return or_(has_rows, exists().where(RollupWatermark.rollup == rollup.name, RollupWatermark.moved_at <= by))
