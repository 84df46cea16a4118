"""Single requests behind the figures, as far as raw rows are kept."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import ColumnElement, DateTime, Float, TableValuedAlias, cast, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from core.customers.tenants.models import Tenant
from core.health.requests.filters import COUNTED, Filters, conditions, source
from core.health.requests.models import RequestRecord
from core.health.requests.window import Window
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.times import utc_now

KEPT = timedelta(days=7)
MINUTES = 20  # looked at for raw rows, of those that have such a request
COLUMNS = (
    RequestRecord.at, RequestRecord.service, RequestRecord.method, RequestRecord.route, RequestRecord.status,
    cast(RequestRecord.duration_ms, Float).label("duration_ms"), RequestRecord.is_error, RequestRecord.tenant_id,
    RequestRecord.request_id,
)  # fmt: skip


def samples(
    actor: Actor, filters: Filters, since: datetime, until: datetime, *, errors_only: bool = False, limit: int = 20,
    now: datetime | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The latest requests of a route, latest first: empty without a route in the filters, and where rows are not kept.

    Columns: at (UTC), service, method, route, status, duration_ms (NA where it was not told), is_error, tenant_id, tenant
    (NA for a name that the actor may not see), request_id (the correlation id).
    """
    require(actor, "health:read")
    begin = max(since, (now or utc_now()) - KEPT)
    with read(actor) as rx:
        minutes = _minutes(rx, actor, filters, begin, until, errors_only) if filters.route else []
        return rx.frame(_rows(actor, filters, minutes, errors_only, limit))


def _minutes(
    rx: Reading, actor: Actor, filters: Filters, since: datetime, until: datetime, errors_only: bool
) -> list[datetime]:
    """The last minutes that have such requests: a rare one is not looked for in all rows of its route."""
    rollup = source(actor, filters)
    span = Window(since, until, "minute")
    table = span.model(rollup).__table__.c
    found = select(table.bucket).where(*conditions(actor, filters, rollup, span))
    if errors_only:
        found = found.where(table.errors > 0)
    return [row.bucket for row in rx.rows(found.distinct().order_by(table.bucket.desc()).limit(MINUTES))]


def each_of(moments: list[datetime]) -> TableValuedAlias:
    """The moments as a table of one column, `start`."""
    listed = cast(moments, ARRAY(DateTime(timezone=True)))
    return func.unnest(listed).table_valued(column("start", DateTime(timezone=True)), name="minute").render_derived()


def _rows(actor: Actor, filters: Filters, minutes: list[datetime], errors_only: bool, limit: int) -> AnySelect:
    minute = each_of(minutes)
    started = minute.c.start
    rows = (
        select(*COLUMNS).where(RequestRecord.at >= started, RequestRecord.at < started + timedelta(minutes=1))
        .where(*_wanted(actor, filters, errors_only)).order_by(RequestRecord.at.desc()).limit(limit).lateral("request")
    )  # fmt: skip
    return (
        select(*rows.c, Tenant.name.label("tenant")).select_from(minute).join(rows, true())
        .outerjoin(Tenant, Tenant.id == rows.c.tenant_id).order_by(rows.c.at.desc()).limit(limit)
    )  # fmt: skip


def _wanted(actor: Actor, filters: Filters, errors_only: bool) -> list[ColumnElement[bool]]:
    record = RequestRecord
    wanted: list[ColumnElement[bool]] = [
        record.route == filters.route, record.channel.in_((filters.channel,) if filters.channel else COUNTED)
    ]  # fmt: skip
    if filters.service:
        wanted.append(record.service == filters.service)
    if filters.tenant_id is not None:
        wanted.append(record.tenant_id == filters.tenant_id)
    if filters.status_class is not None:
        wanted.append(record.status.between(filters.status_class * 100, filters.status_class * 100 + 99))
    if errors_only:
        wanted.append(record.is_error.is_(True))
    return wanted
