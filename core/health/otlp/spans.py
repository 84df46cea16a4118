"""Spans of OTLP: those of servers are requests, and exceptions in any span are errors."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.health.errors.recording import text_of
from core.health.ingest.rules import MAX_DURATION_MS, path_of, time_problem
from core.health.otlp import walk
from core.health.otlp.attributes import Source, Tenants, Value, at_nanoseconds, attributes, first, told
from core.health.otlp.items import Rows, Told, error_row, exception, owner

SERVER, FAILED = 2, 2  # SpanKind and StatusCode of opentelemetry.proto.trace.v1
MAX_ROUTE, MAX_METHOD = 200, 20
_METHOD = ("http.request.method", "http.method")
_STATUS = ("http.response.status_code", "http.status_code")
_PATH = ("url.path", "http.target", "url.full", "http.url")
_BYTES = ("http.response.body.size", "http.response_content_length")
_GRPC = ("rpc.response.status_code", "rpc.grpc.status_code")
# HTTP status of each gRPC status, after google/rpc/code.proto.
_HTTP_OF_GRPC = (200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401)
_ORIGIN = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]*", re.IGNORECASE)
# What is in a path for one thing only: numbers, UUIDs, long words of hex digits, and long words with digits.
_ONE_THING = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|(?=[^/]*\d)[\w.~%-]{20,}", re.IGNORECASE)


def read(request: Any, tenants: Tenants, *, now: datetime) -> Rows:
    """Reads an ExportTraceServiceRequest."""
    rows, ignored = Rows(), 0
    for source, _, span in walk.items("traces", request):
        found = attributes(span.attributes)
        tenant_id, problem = owner(source, found, tenants)
        errors = [] if problem else list(_exceptions(span, found, source, tenant_id))
        problem = problem or _problem(span, errors, now=now)
        if problem:
            rows.refused.append(f"Span {span.name[:100]}: {problem}")
            continue
        rows.errors.extend(errors)
        if span.kind == SERVER:
            rows.requests.append(_request(span, found, source, tenant_id))
        ignored += span.kind != SERVER and not errors
    return Rows(rows.requests, rows.errors, rows.refused, ignored)


def _problem(span: Any, errors: list[dict[str, Any]], *, now: datetime) -> str | None:
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return "The trace id must have 16 bytes that are not all zero."
    begin, end = span.start_time_unix_nano, span.end_time_unix_nano
    if not begin or not end:
        return "It has no beginning or no end."
    if end < begin:
        return "It ends before it begins."
    if (end - begin) / 1e6 > MAX_DURATION_MS:
        return "It lasts longer than seven days."
    moments = [at for stamp in (begin, end) if (at := at_nanoseconds(stamp))] + [row["at"] for row in errors]
    return next((problem for at in moments if (problem := time_problem(at, now=now))), None)


def _exceptions(
    span: Any, found: Mapping[str, Value], source: Source, tenant_id: UUID | None
) -> Iterator[dict[str, Any]]:
    for event in span.events:
        if event.name != "exception":
            continue
        at = at_nanoseconds(event.time_unix_nano) or at_nanoseconds(span.end_time_unix_nano)
        told_of = exception(attributes(event.attributes))
        if at is not None and told_of is not None:
            about = Told(at, source.service, tenant_id, route_of(span.name, found), span.trace_id.hex())
            yield error_row(about, *told_of)


def _request(span: Any, found: Mapping[str, Value], source: Source, tenant_id: UUID | None) -> dict[str, Any]:
    failed = span.status.code == FAILED
    status = status_of(found, failed=failed)
    size = first(_BYTES, found)
    method = told(first(_METHOD, found)) or told(found.get("rpc.system")) or "CALL"
    return {
        "at": at_nanoseconds(span.start_time_unix_nano), "service": source.service, "channel": "product",
        "route": route_of(span.name, found), "method": text_of(method, MAX_METHOD).upper(), "status": status,
        "duration_ms": Decimal(round((span.end_time_unix_nano - span.start_time_unix_nano) / 1_000)) / 1_000,
        "is_error": failed or status >= 500, "tenant_id": tenant_id, "request_id": span.trace_id.hex(),
        "response_bytes": size if type(size) is int and 0 <= size < 2**63 else None,
    }  # fmt: skip


def status_of(found: Mapping[str, Value], *, failed: bool) -> int:
    """The HTTP status, or what a gRPC status or the span's own amounts to."""
    known = _whole(first(_STATUS, found))
    if known is not None and 100 <= known <= 599:
        return known
    code = _whole(first(_GRPC, found))
    if code is not None and 0 <= code < len(_HTTP_OF_GRPC):
        return _HTTP_OF_GRPC[code]
    return 500 if failed else 200


def _whole(value: Value) -> int | None:
    if type(value) is int:
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value) else None


def route_of(name: str, found: Mapping[str, Value]) -> str:
    """The route's template where the span has it, else its path with what names one thing folded, else the span's name."""
    template = told(found.get("http.route"))
    path = _ORIGIN.sub("", told(first(_PATH, found)))
    route = template or (folded(path_of(path)) if path else name)
    return text_of(route.strip() or "(unnamed)", MAX_ROUTE)


def folded(path: str) -> str:
    """The path with {id} for each segment that names one thing."""
    return "/".join("{id}" if _ONE_THING.fullmatch(segment) else segment for segment in path[:2_000].split("/"))
