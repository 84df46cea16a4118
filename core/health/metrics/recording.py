"""Stores metric points: their series once, the points by COPY."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text

from core.health.metrics.models import MetricPoint, MetricSeries
from core.health.metrics.rules import MAX_SERIES, identity
from core.kernel import retention
from core.kernel.models import uuid7
from core.kernel.telemetry import Recording

Point = Mapping[str, Any]
Owner = tuple[str, UUID | None]
COLUMNS = ["at", "id", "series_id", "tenant_id", "value", "count"]
# When a series was last seen is told to within this, so that a steady stream does not write its series each time.
SEEN_EVERY = timedelta(minutes=5)
# Others that would add series to the same service of a tenant wait until this transaction ends.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('metric_series' || :owner, 0))")
# A series that another batch is noting right now is left to it.
_SEEN = text(
    "WITH seen AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:moments AS timestamptz[])) AS seen (id, at)),"
    " free AS (SELECT id FROM metric_series WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE SKIP LOCKED)"
    " UPDATE metric_series AS held SET last_seen_at = seen.at FROM seen JOIN free USING (id)"
    " WHERE held.id = seen.id AND held.last_seen_at < seen.at"
)


def store(tx: Recording, points: Sequence[Point]) -> dict[int, str]:
    """Stores points that passed `rules.problem_of`. Returns place -> sentence for those that were refused.

    A point: at (UTC), name, kind, value (of a counter: what was added), and where they matter unit, service, tenant_id,
    labels, count (of a histogram: how often the value was seen), series_id (where it is known already). Refused are points
    of a new series where the service of the tenant has MAX_SERIES already.
    """
    make_ready(tx, points)
    ids = [_id_of(point) for point in points]
    refused = _make_series(tx, points, ids)
    rows = [_row(point, key) for point, key in zip(points, ids, strict=True) if key not in refused]
    tx.copy(MetricPoint, rows, COLUMNS)
    return {place: refused[key] for place, key in enumerate(ids) if key in refused}


def make_ready(tx: Recording, points: Iterable[Point]) -> None:
    """The partitions for the points; before any lock on rows, so that two batches never wait in a circle."""
    by_day = {point["at"].astimezone(UTC).date(): point["at"].astimezone(UTC) for point in points}
    for _, at in sorted(by_day.items()):
        retention.make_ready(tx, "metric_point", "day", at, at)


def _id_of(point: Point) -> UUID:
    known: UUID | None = point.get("series_id")
    return known or identity(
        point["name"], point["kind"], point.get("unit") or "", point.get("service") or "", point.get("tenant_id"),
        point.get("labels") or {},
    )  # fmt: skip


def _row(point: Point, series_id: UUID) -> dict[str, Any]:
    return {
        "at": point["at"], "id": uuid7(), "series_id": series_id, "tenant_id": point.get("tenant_id"),
        "value": point["value"], "count": point.get("count", 1),
    }  # fmt: skip


def _make_series(tx: Recording, points: Sequence[Point], ids: Sequence[UUID]) -> dict[UUID, str]:
    """Makes the series that are missing and notes when the others were seen; returns those that were too many."""
    latest = _latest(points, ids)
    held = _known(tx, latest)
    missing = {key: point for key, point in zip(ids, points, strict=True) if key not in held}
    refused = _make_missing(tx, missing) if missing else {}
    _note_seen(tx, {key: latest[key] for key, seen_at in held.items() if latest[key] - seen_at >= SEEN_EVERY})
    return refused


def _known(tx: Recording, keys: Iterable[UUID]) -> dict[UUID, datetime]:
    """When each of the series that exist was last seen."""
    found = select(MetricSeries.id, MetricSeries.last_seen_at).where(MetricSeries.id.in_(list(keys)))
    return {row.id: row.last_seen_at for row in tx.execute(found)}


def _latest(points: Sequence[Point], ids: Sequence[UUID]) -> dict[UUID, datetime]:
    latest: dict[UUID, datetime] = {}
    for point, key in zip(points, ids, strict=True):
        latest[key] = max(latest.get(key, point["at"]), point["at"])
    return latest


def _make_missing(tx: Recording, missing: Mapping[UUID, Point]) -> dict[UUID, str]:
    """In the order of owners and then of ids: two batches at the same time wait for each other, and never in a circle."""
    by_owner: dict[Owner, list[UUID]] = defaultdict(list)
    for key in sorted(missing):
        by_owner[_owner(missing[key])].append(key)
    for owner in sorted(by_owner, key=str):
        tx.execute(_LOCK, {"owner": f"{owner[0]}\n{owner[1]}"})
    made_meanwhile = _known(tx, missing)
    allowed: list[UUID] = []
    refused: dict[UUID, str] = {}
    for owner, keys in by_owner.items():
        new = [key for key in keys if key not in made_meanwhile]
        left = max(MAX_SERIES - _count(tx, owner), 0)
        allowed += new[:left]
        refused |= dict.fromkeys(new[left:], _too_many(owner))
    if allowed:
        tx.execute(insert(MetricSeries), [_series(key, missing[key]) for key in sorted(allowed)])
    return refused


def _owner(point: Point) -> Owner:
    return point.get("service") or "", point.get("tenant_id")


def _count(tx: Recording, owner: Owner) -> int:
    """How many series a service of a tenant has, up to the limit."""
    service, tenant_id = owner
    tenant = MetricSeries.tenant_id.is_not_distinct_from(tenant_id)
    limited = select(MetricSeries.id).where(MetricSeries.service == service, tenant).limit(MAX_SERIES)
    return int(tx.session.scalar(select(func.count()).select_from(limited.subquery())) or 0)


def _too_many(owner: Owner) -> str:
    whose = f"service {owner[0]}" if owner[0] else "platform"
    return (
        f"The {whose} has {MAX_SERIES:,} series already, and this would be one more. "
        "Take labels off that differ with each call, such as ids."
    )


def _series(key: UUID, point: Point) -> dict[str, Any]:
    about = {name: point.get(name) or "" for name in ("name", "kind", "unit", "service")}
    seen = {"first_seen_at": point["at"], "last_seen_at": point["at"]}
    return {"id": key, **about, "tenant_id": point.get("tenant_id"), "labels": dict(point.get("labels") or {}), **seen}


def _note_seen(tx: Recording, latest: Mapping[UUID, datetime]) -> None:
    if latest:
        tx.session.execute(_SEEN, {"ids": list(latest), "moments": list(latest.values())})
