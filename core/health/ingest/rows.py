"""The rows that can be sent, as they are in JSON; a field that is not named here is refused."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.health.ingest import rules


def _text(most: int, least: int = 1) -> msgspec.Meta:
    return msgspec.Meta(min_length=least, max_length=most)


At = Annotated[datetime, msgspec.Meta(tz=True)]
Duration = Annotated[float, msgspec.Meta(ge=0, le=rules.MAX_DURATION_MS)]
Service = Annotated[str, _text(100)]
Route = Annotated[str, _text(500)]
TraceId = Annotated[str, _text(100)]


class Row(msgspec.Struct, forbid_unknown_fields=True, gc=False, tag_field="type", kw_only=True):
    """What all rows have. `at` is when it happened; without `tenant_id` the row is of the key's tenant, or of none."""

    at: At
    tenant_id: UUID | None = None


class Request(Row, tag="request"):
    """One call that a service answered. `route` should be the template (/orders/{id}); its query is cut off."""

    service: Service
    route: Route
    method: Annotated[str, _text(20)]
    status: Annotated[int, msgspec.Meta(ge=100, le=599)]
    duration_ms: Duration | None = None
    response_bytes: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    trace_id: TraceId | None = None


class Message(Row, tag="message"):
    """What became of a message: `duration_ms` is how long the provider took, `cost` is in `currency`."""

    provider: Annotated[str, _text(100)]
    channel: Annotated[str, _text(40)]
    status: Literal["sent", "delivered", "failed"]
    duration_ms: Duration | None = None
    cost: Decimal | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | None = None
    message_id: Annotated[str, _text(200)] | None = None
    error: Annotated[str, _text(2_000)] | None = None


class Metric(Row, tag="metric"):
    """A value of a gauge, an increment of a counter, or a value that a histogram saw `count` times."""

    name: Annotated[str, _text(200)]
    kind: Literal["gauge", "counter", "histogram"]
    value: float
    count: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 1
    unit: Annotated[str, _text(40, 0)] = ""
    service: Annotated[str, _text(100, 0)] = ""
    labels: dict[Annotated[str, _text(100)], Annotated[str, _text(200, 0)]] = {}


class Error(Row, tag="error"):
    """An error of a service; those of one `fingerprint` belong together (by default: of one service, type and message)."""

    service: Service
    error_type: Annotated[str, _text(200)]
    message: Annotated[str, _text(10_000, 0)]
    trace: Annotated[str, _text(100_000, 0)] = ""
    route: Annotated[str, _text(500, 0)] = ""
    trace_id: TraceId | None = None
    fingerprint: Annotated[str, _text(64, 8)] | None = None


KINDS: dict[str, type[Row]] = {"request": Request, "message": Message, "metric": Metric, "error": Error}
AnyRow = Request | Message | Metric | Error
decode = msgspec.json.Decoder(AnyRow).decode
