"""Stores rows of telemetry by COPY, in the transaction that it is given."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from core.health.errors import recording as errors
from core.health.errors.rules import fingerprint
from core.health.ingest.judging import Judged, message_of, point_of, request_of
from core.health.ingest.rows import Error, Message, Metric, Request, Row
from core.health.ingest.rules import PAST, Problem
from core.health.messages.models import MessageEvent
from core.health.metrics import recording as metrics
from core.health.requests.models import RequestRecord
from core.kernel import retention
from core.kernel.models import Base, uuid7
from core.kernel.telemetry import Recording

REQUEST_COLUMNS = [
    "at", "service", "channel", "route", "method", "status", "duration_ms", "is_error", "response_bytes", "tenant_id",
    "request_id",
]  # fmt: skip
MESSAGE_COLUMNS = [
    "at", "tenant_id", "provider", "channel", "status", "duration_ms", "cost", "currency", "message_id", "error",
]  # fmt: skip
_TABLES: dict[type[Row], str] = {
    Request: "request_record",
    Message: "message_event",
    Metric: "metric_point",
    Error: "error_record",
}
_COUNTER_BITS = 24
FEW_DAYS = PAST + timedelta(days=1)


def store(tx: Recording, judged: Judged) -> list[Problem]:
    """Stores all good rows. Returns what was refused only here: points of series that would be too many."""
    placed = judged.by_kind()
    _make_ready(tx, placed)
    _copy(tx, RequestRecord, REQUEST_COLUMNS, [request_of(row) for _, row in placed[Request]])
    _copy(tx, MessageEvent, MESSAGE_COLUMNS, [message_of(row) for _, row in placed[Message]])
    failed = [_error_of(row) for _, row in placed[Error]]
    if failed:
        errors.store(tx, failed)
    return _store_points(tx, placed[Metric])


def store_requests(tx: Recording, rows: Sequence[tuple[Any, ...]]) -> None:
    """Requests in the order of REQUEST_COLUMNS."""
    for first, last in _spans([row[0] for row in rows]):
        retention.make_ready(tx, "request_record", "day", first, last)
    _copy(tx, RequestRecord, REQUEST_COLUMNS, rows)


def _store_points(tx: Recording, placed: Sequence[tuple[int, Any]]) -> list[Problem]:
    if not placed:
        return []
    refused = metrics.store(tx, [point_of(row) for _, row in placed])
    return [Problem(placed[place][0], "too_many_series", "labels", told) for place, told in refused.items()]


def _copy(tx: Recording, model: type[Base], columns: list[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    table, names = model.__tablename__, ["id", *columns]
    with tx.staged(model, names, ((key, *row) for key, row in zip(ids(len(rows)), rows, strict=True))) as stage:
        tx.session.execute(text(f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM {stage}"))


def ids(count: int) -> Iterator[str]:
    """UUIDs of version 7 that count up (RFC 9562, section 6.2): as many calls of uuid7() cost more than COPY does."""
    first = uuid7().int >> _COUNTER_BITS << _COUNTER_BITS
    return (f"{number:032x}" for number in range(first, first + count))


def _make_ready(tx: Recording, placed: Mapping[type[Row], Sequence[tuple[int, Any]]]) -> None:
    """All tables in one order and before any row, so that two batches that make partitions never wait in a circle."""
    for kind, table in _TABLES.items():
        for first, last in _spans([row.at for _, row in placed[kind]]):
            retention.make_ready(tx, table, "day", first, last)


def _spans(times: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """The first and last day (UTC) of each run of days; of times that lie within a few days, all those days."""
    if not times:
        return []
    first, last = min(times).astimezone(UTC), max(times).astimezone(UTC)
    if last - first <= FEW_DAYS:
        return [(first, last)]
    runs: list[tuple[datetime, datetime]] = []
    for day in sorted({_midnight(at.astimezone(UTC)) for at in times}):
        is_next = bool(runs) and day - runs[-1][1] == timedelta(1)
        begin = runs.pop()[0] if is_next else day
        runs.append((begin, day))
    return runs


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _error_of(row: Error) -> dict[str, Any]:
    mark = row.fingerprint or fingerprint(f"{row.service}/{row.error_type}", row.message, (), own="/")
    return {
        "at": row.at, "service": row.service, "tenant_id": row.tenant_id, "fingerprint": mark, "type": row.error_type,
        "message": row.message, "trace": row.trace, "route": row.route, "request_id": row.trace_id or "", "operator_id": None,
    }  # fmt: skip
