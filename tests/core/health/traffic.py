"""Requests and messages of a test, counted by the rollup engine inside the test's own transaction.

Rows carry an old transaction id: the engine leaves the rows of transactions in flight, such as the test's, to a later pass.
So each helper counts once per test.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from core.health.messages.models import MESSAGE_ROLLUP, PROVIDER_ROLLUP
from core.health.requests.models import REQUEST_ROLLUP, ROUTE_ROLLUP, SERVICE_ROLLUP, TENANT_ROLLUP, TENANT_TOTAL_ROLLUP
from core.kernel import rollups
from core.kernel.rollups import Rollup

Row = Mapping[str, Any]
REQUESTS = (REQUEST_ROLLUP, ROUTE_ROLLUP, SERVICE_ROLLUP, TENANT_ROLLUP, TENANT_TOTAL_ROLLUP)
REQUEST = {
    "service": "shop", "channel": "product", "route": "/orders", "method": "GET", "status": 200, "duration_ms": 100,
    "is_error": False, "tenant_id": None, "request_id": "r-1",
}  # fmt: skip
MESSAGE = {
    "tenant_id": None, "provider": "twilio", "channel": "sms", "status": "sent", "duration_ms": None, "cost": None,
    "currency": None, "message_id": None, "error": None,
}  # fmt: skip


def this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def ago(**length: float) -> datetime:
    """A moment in a full minute that long ago."""
    return this_minute() - timedelta(**length) + timedelta(seconds=5)


def requests(raw: Callable[..., list], rows: Iterable[Row]) -> None:
    """Rows of `at` and what differs from REQUEST, stored and counted. A status from 500 is an error."""
    full = [REQUEST | {"is_error": row.get("status", 200) >= 500} | dict(row) for row in rows]
    _store(raw, "request_record", full, REQUESTS)


def messages(raw: Callable[..., list], rows: Iterable[Row]) -> None:
    """Rows of `at` and what differs from MESSAGE, stored and counted."""
    _store(raw, "message_event", [MESSAGE | dict(row) for row in rows], (MESSAGE_ROLLUP, PROVIDER_ROLLUP))


def _store(raw: Callable[..., list], table: str, rows: list[dict[str, Any]], counted: Iterable[Rollup]) -> None:
    days = [row["at"].date() for row in rows]
    raw("SELECT qd_ensure_partitions(:table, 'day', :first, :last)", table=table, first=min(days), last=max(days))
    for row in rows:
        names = ["id", *row]
        values = ", ".join(f":{name}" for name in names)
        raw(f"INSERT INTO {table} (xid, {', '.join(names)}) VALUES ('3', {values})", id=uuid4(), **row)
    for rollup in counted:
        rollups.roll(rollup)
