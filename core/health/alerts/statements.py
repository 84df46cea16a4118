"""The SQL of a measure: one row per step and subject, whatever the number of subjects, out of the rollups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, Text, cast, func, literal, select

from core.health.alerts.measures import Measure
from core.health.metrics.models import MetricSeries
from core.health.requests.percentiles import percentiles
from core.kernel.audit import AuditEntry
from core.kernel.rollups import Grain, Rollup

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LABEL = "label."
TOTAL = ""  # the subject of a rule that has one figure for all


@dataclass(frozen=True)
class Wanted:
    """A series to be read: equal ones are read once for all the rules that ask for them."""

    measure: Measure
    per: str | None
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    step: timedelta
    begin: datetime
    end: datetime

    @property
    def used(self) -> set[str]:
        """Every dimension that is asked for."""
        named = {name for name, _ in self.filters} | ({self.per} if self.per else set())
        return {name for name in named if self.measure.source == "rollup"}

    @property
    def rollup(self) -> Rollup:
        return self.measure.rollup_for(self.used)

    @property
    def grain(self) -> Grain:
        return "hour" if self.step >= HOUR else "minute"


def frozen(filters: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Filters in a form that compares."""
    return tuple(sorted((name, tuple(sorted(values))) for name, values in filters.items()))


def statement(wanted: Wanted) -> Select[Any]:
    """Rows of bucket, subject, amount, volume from `begin` up to, not including, `end`."""
    if wanted.measure.source == "metric":
        return _metric(wanted)
    if wanted.measure.source == "audit":
        return _audit(wanted)
    return _percentile(wanted) if wanted.measure.quantile else _sums(wanted)


def seen(wanted: Wanted, since: datetime) -> Select[Any]:
    """The subjects that had anything stored since then."""
    table = wanted.rollup.hour.__table__.c
    subject = _subject(wanted, table)
    chosen = [table.bucket >= since, *_chosen(wanted, table)]
    if wanted.measure.source == "metric":
        return select(_metric_column(wanted.per, table)).join(MetricSeries, MetricSeries.id == table.series_id).where(
            table.bucket >= since, *_metric_filters(wanted, table)
        ).distinct()  # fmt: skip
    return select(subject).where(*chosen, subject.is_not(None)).distinct()


def _stepped(bucket: Any, wanted: Wanted) -> ColumnElement[datetime]:
    if wanted.step in {MINUTE, HOUR} and wanted.measure.source != "audit":
        plain: ColumnElement[datetime] = bucket.label("step")
        return plain
    return func.date_bin(wanted.step, bucket, EPOCH).label("step")


def _within(column: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    return [column >= wanted.begin, column < wanted.end]


def _subject(wanted: Wanted, table: Any) -> ColumnElement[str]:
    return wanted.measure.column(table, wanted.per) if wanted.per else literal(TOTAL)


def _chosen(wanted: Wanted, table: Any) -> list[ColumnElement[bool]]:
    """The filters, and what the measure leaves out by itself."""
    asked = [wanted.measure.column(table, name).in_(values) for name, values in wanted.filters]
    return [*wanted.measure.where(table, wanted.per, dict(wanted.filters)), *asked]


def _sums(wanted: Wanted) -> Select[Any]:
    table = wanted.rollup.model(wanted.grain).__table__.c
    subject, measure = _subject(wanted, table).label("subject"), wanted.measure
    sums = (cast(func.sum(one(table)), Float) for one in (measure.amount, measure.volume))
    found = select(_stepped(table.bucket, wanted), subject, *sums)
    kept = [*_within(table.bucket, wanted), *_chosen(wanted, table), subject.is_not(None)]
    return found.where(*kept).group_by("step", "subject") if wanted.per else found.where(*kept).group_by("step")


def _percentile(wanted: Wanted) -> Select[Any]:
    """The percentile of each step and subject; both come from one set of columns, so a step is a bucket."""
    model, by = wanted.rollup.model(wanted.grain), ("bucket", *([wanted.per] if wanted.per else []))
    table = model.__table__.c
    kept = [*_within(table.bucket, wanted), *_chosen(wanted, table)]
    shares = percentiles(model, kept, sets=(by,)).subquery().c
    counts = select(*(table[name] for name in by), func.sum(wanted.measure.volume(table)).label("volume"))
    counts = counts.where(*kept).group_by(*by)
    held = counts.subquery().c
    same = [shares[name] == held[name] for name in by]
    subject = cast(_subject(wanted, shares), Text) if wanted.per else literal(TOTAL)
    figure = shares[f"p{round((wanted.measure.quantile or 0) * 100)}"]
    found = select(shares.bucket, subject.label("subject"), figure, cast(held.volume, Float)).where(*same)
    return found.where(shares[wanted.per].is_not(None)) if wanted.per else found


def _metric(wanted: Wanted) -> Select[Any]:
    table, measure = wanted.rollup.model(wanted.grain).__table__.c, wanted.measure
    subject = _metric_column(wanted.per, table).label("subject") if wanted.per else literal(TOTAL).label("subject")
    sums = (cast(func.sum(one(table)), Float) for one in (measure.amount, measure.volume))
    found = select(_stepped(table.bucket, wanted), subject, *sums).join(
        MetricSeries, MetricSeries.id == table.series_id
    )
    found = found.where(*_within(table.bucket, wanted), *_metric_filters(wanted, table))
    return found.group_by("step", "subject") if wanted.per else found.group_by("step")


def _metric_column(name: str | None, table: Any) -> ColumnElement[str]:
    if name == "tenant_id":
        return cast(table.tenant_id, Text)
    if name == "series":
        return cast(table.series_id, Text)
    if name and name.startswith(LABEL):
        label: ColumnElement[str] = MetricSeries.labels[name.removeprefix(LABEL)].astext
        return label
    column: ColumnElement[str] = getattr(MetricSeries, str(name))
    return column


def _metric_filters(wanted: Wanted, table: Any) -> list[ColumnElement[bool]]:
    """The series come first, by their names, so that only theirs are read of the rollup."""
    own: list[ColumnElement[bool]] = [_metric_column(name, table).in_(values) for name, values in wanted.filters]
    if wanted.per:
        own.append(_metric_column(wanted.per, table).is_not(None))
    return own


def _audit_column(name: str) -> ColumnElement[str]:
    columns: dict[str, Any] = {
        "action": AuditEntry.action, "outcome": AuditEntry.outcome, "actor": AuditEntry.actor_name,
        "email": AuditEntry.details["email"].astext, "ip": func.host(AuditEntry.ip),
    }  # fmt: skip
    made: ColumnElement[str] = columns[name]
    return made


def _audit(wanted: Wanted) -> Select[Any]:
    subject = (_audit_column(wanted.per) if wanted.per else literal(TOTAL)).label("subject")
    chosen = [_audit_column(name).in_(values) for name, values in wanted.filters]
    entries = cast(func.count(), Float)
    found = select(_stepped(AuditEntry.occurred_at, wanted), subject, entries, entries)
    found = found.where(*_within(AuditEntry.occurred_at, wanted), *chosen, subject.is_not(None))
    return found.group_by("step", "subject") if wanted.per else found.group_by("step")
