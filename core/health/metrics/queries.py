"""Which series there are: found by name, service and labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, func, or_, select, text

from core.customers.tenants.models import Tenant
from core.health.metrics.models import MetricSeries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, as_id, read

MOST = 1_000
COLUMNS = (
    MetricSeries.name, MetricSeries.service, MetricSeries.id, MetricSeries.kind, MetricSeries.unit, MetricSeries.labels,
    MetricSeries.tenant_id, Tenant.name.label("tenant"), MetricSeries.first_seen_at, MetricSeries.last_seen_at,
)  # fmt: skip
# The next value after each, by the index: a look at every row would cost what there are series.
_SERVICES = text(
    "WITH RECURSIVE known AS (SELECT min(service) AS service FROM metric_series UNION ALL"
    " SELECT (SELECT min(service) FROM metric_series WHERE service > known.service) FROM known"
    " WHERE known.service IS NOT NULL) SELECT service FROM known WHERE service IS NOT NULL LIMIT :most"
)


@dataclass(frozen=True)
class Filters:
    """`text` is the start of a name, or the id of a series or a tenant; empty values do not filter."""

    text: str = ""
    service: str | None = None
    kind: str | None = None
    tenant_id: UUID | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    exact = (
        (MetricSeries.service, filters.service),
        (MetricSeries.kind, filters.kind),
        (MetricSeries.tenant_id, filters.tenant_id),
    )
    statement = statement.where(*(column == value for column, value in exact if value is not None))
    if filters.labels:
        statement = statement.where(MetricSeries.labels.contains(dict(filters.labels)))
    return statement.where(_named(filters.text.strip())) if filters.text.strip() else statement


def _named(wanted: str) -> ColumnElement[bool]:
    known = as_id(wanted)
    if known is not None:
        return or_(MetricSeries.id == known, MetricSeries.tenant_id == known)
    return func.lower(MetricSeries.name).startswith(wanted.lower(), autoescape=True)


def _series() -> AnySelect:
    return select(*COLUMNS).outerjoin(Tenant, Tenant.id == MetricSeries.tenant_id)


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per series in sight, by name and service.

    Columns: name, service ("" where there is none), id, kind (gauge, counter, histogram), unit, labels (a dict), tenant_id
    and tenant (NA for the platform's own), first_seen_at, last_seen_at (UTC, to within five minutes).
    """
    require(actor, "health:read")
    keys = [MetricSeries.name, MetricSeries.service, MetricSeries.id]
    with read(actor) as rx:
        return rx.page(_narrow(_series(), filters), keys=keys, after=after, limit=limit, descending=False)


def one(actor: Actor, series_id: UUID) -> dict[str, Any]:
    """One series: the columns of the directory. Raises NotFound for one that is not in sight."""
    require(actor, "health:read")
    with read(actor) as rx:
        found = rx.one(_series().where(MetricSeries.id == series_id))
    if found is None:
        raise NotFound("There is no such series, or it is not among those you may see.")
    return found._asdict()


def siblings(actor: Actor, series: Mapping[str, Any], *, limit: int = 200) -> pd.DataFrame:
    """The series of the same metric (name, service, kind, unit), this one among them: the columns of the directory.

    Those that were seen last come first.
    """
    require(actor, "health:read")
    same = [getattr(MetricSeries, name) == series[name] for name in ("name", "service", "kind", "unit")]
    with read(actor) as rx:
        return rx.frame(_series().where(*same).order_by(MetricSeries.last_seen_at.desc(), MetricSeries.id).limit(limit))


def matching(actor: Actor, filters: Filters) -> list[UUID]:
    """The ids of the series that match, MOST at most."""
    require(actor, "health:read")
    with read(actor) as rx:
        found = _narrow(select(MetricSeries.id), filters).order_by(MetricSeries.name, MetricSeries.id).limit(MOST)
        return [row.id for row in rx.rows(found)]


def services(actor: Actor) -> list[str]:
    """The services that report metrics, by name; "" for those that do not say."""
    require(actor, "health:read")
    with read(actor) as rx:
        return [row.service for row in rx.session.execute(_SERVICES, {"most": MOST})]
