"""The memory of running totals: each point against the one before of its stream, both in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text

from core.health.metrics.models import MetricSeries
from core.health.otlp.cumulative import REMEMBERED, Added, Total, added
from core.health.otlp.histograms import from_state, rows_of
from core.health.otlp.models import MetricStream
from core.health.otlp.points import Ready, Running
from core.kernel.actor import Actor
from core.kernel.db import to_json
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

Key = tuple[UUID, datetime]
_KEYS = "unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[]))"
# Both in the order of the keys: two exports at the same time wait for each other, and never in a circle.
_MAKE = text(
    "INSERT INTO metric_stream (stream_id, start_at, seen_at)"
    f" SELECT id, start_at, now() FROM {_KEYS} AS key (id, start_at) ORDER BY id, start_at ON CONFLICT DO NOTHING"
)
_LOCK = text(
    f"SELECT held.* FROM {_KEYS} AS key (id, start_at)"
    " JOIN metric_stream AS held ON held.stream_id = key.id AND held.start_at = key.start_at"
    " ORDER BY held.stream_id, held.start_at FOR UPDATE OF held"
)
_REMEMBER = text(
    "UPDATE metric_stream AS held SET at = new.at, value = new.value, buckets = CAST(new.buckets AS jsonb), seen_at = now()"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:moments AS timestamptz[]),"
    " CAST(:totals AS numeric[]), CAST(:counts AS text[])) AS new (id, start_at, at, value, buckets)"
    " WHERE held.stream_id = new.id AND held.start_at = new.start_at"
)


def advance(tx: Recording, running: Sequence[Running]) -> list[Ready]:
    """What the points add to what is counted, and their totals remembered; repeats and late points add nothing.

    The streams are locked until the end of the transaction, in their order: two exports of one stream at the same time are
    counted one after the other.
    """
    by_stream: dict[Key, list[Running]] = defaultdict(list)
    for one in running:
        by_stream[one.key].append(one)
    keys = sorted(by_stream)
    held = _locked(tx, keys)
    known = _known_since(tx, [by_stream[key][0] for key in keys if held[key] is None])
    found: list[Ready] = []
    latest: dict[Key, Total] = {}
    for key in keys:
        points = sorted(by_stream[key], key=lambda one: one.total.at)
        found += _increments(points, held[key], known.get(points[0].about["series_id"]))
        last, earlier = points[-1].total, held[key]
        if earlier is None or last.at > earlier.at:
            latest[key] = last
    _remember(tx, latest)
    return found


def _increments(points: Iterable[Running], earlier: Total | None, known_since: datetime | None) -> list[Ready]:
    found = []
    for one in points:
        new = added(earlier, one.total, start_at=one.start_at, known_since=known_since)
        if new is not None:
            found.append(Ready(one.about, _rows(new)))
        if earlier is None or one.total.at > earlier.at:
            earlier = one.total
    return found


def _rows(new: Added) -> list[tuple[float, int]]:
    value = None if new.value is None else float(new.value)
    if new.buckets is None:
        return [(value or 0.0, 1)]
    return rows_of(new.buckets.spans(), value)


def _locked(tx: Recording, keys: Sequence[Key]) -> dict[Key, Total | None]:
    """The last point of each stream, None for a new one; a new one is made, so that it can be locked."""
    values = {"ids": [stream for stream, _ in keys], "starts": [start_at for _, start_at in keys]}
    tx.session.execute(_MAKE, values)
    rows = tx.session.execute(_LOCK, values).all()
    return {(row.stream_id, row.start_at): _total(row) for row in rows}


def _total(row: Any) -> Total | None:
    if row.at is None:
        return None
    return Total(row.at, row.value, from_state(row.buckets) if row.buckets is not None else None)


def _known_since(tx: Recording, new: Sequence[Running]) -> Mapping[UUID, datetime]:
    """When the series of new streams were first seen, of those that were."""
    if not new:
        return {}
    ids = {one.about["series_id"] for one in new}
    found = select(MetricSeries.id, MetricSeries.first_seen_at).where(MetricSeries.id.in_(ids))
    return {row.id: row.first_seen_at for row in tx.execute(found)}


def _remember(tx: Recording, totals: Mapping[Key, Total]) -> None:
    if totals:
        tx.session.execute(_REMEMBER, {
            "ids": [stream for stream, _ in totals], "starts": [start_at for _, start_at in totals],
            "moments": [one.at for one in totals.values()], "totals": [one.value for one in totals.values()],
            "counts": [to_json(one.buckets.state()) if one.buckets else None for one in totals.values()],
        })  # fmt: skip


def forget(*, now: datetime | None = None) -> int:
    """Forgets streams that said nothing for a month. Returns how many."""
    before = (now or utc_now()) - REMEMBERED - timedelta(days=1)
    with record(Actor.system("metric streams")) as tx:
        gone: Any = tx.execute(delete(MetricStream).where(MetricStream.seen_at < before))
    return int(gone.rowcount)
