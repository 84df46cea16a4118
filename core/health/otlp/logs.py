"""Log records of OTLP: those of severity ERROR and above are errors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.health.ingest.rules import time_problem
from core.health.otlp import walk
from core.health.otlp.attributes import Tenants, Value, at_nanoseconds, attributes, first, plain, told
from core.health.otlp.items import Rows, Told, error_row, exception, owner
from core.health.otlp.spans import route_of

ERROR = 17  # SeverityNumber of opentelemetry.proto.logs.v1
_WORDS = ("ERROR", "FATAL", "CRITICAL", "ALERT", "EMERGENCY", "PANIC", "SEVERE")
_FILE = ("code.file.path", "code.filepath")
_FUNCTION = ("code.function.name", "code.function")


def read(request: Any, tenants: Tenants, *, now: datetime) -> Rows:
    """Reads an ExportLogsServiceRequest."""
    rows, ignored = Rows(), 0
    for source, scope, record in walk.items("logs", request):
        if not is_error(record):
            ignored += 1
            continue
        found = attributes(record.attributes)
        tenant_id, problem = owner(source, found, tenants)
        at = at_nanoseconds(record.time_unix_nano) or at_nanoseconds(record.observed_time_unix_nano) or now
        problem = problem or time_problem(at, now=now)
        if problem:
            rows.refused.append(f"Log record of {source.service}: {problem}")
            continue
        route = route_of(told(first(_FUNCTION, found)) or scope.name, found)
        about = Told(at, source.service, tenant_id, route, record.trace_id.hex())
        rows.errors.append(error_row(about, *_told(record, found)))
    return Rows(rows.requests, rows.errors, rows.refused, ignored)


def is_error(record: Any) -> bool:
    """By its number, or where it has none by its word."""
    if record.severity_number:
        return int(record.severity_number) >= ERROR
    return str(record.severity_text).strip().upper() in _WORDS


def _told(record: Any, found: Mapping[str, Value]) -> tuple[str, str, str]:
    """Type, message and trace: of the exception, or of the line and where it was written."""
    body = told(plain(record.body))
    thrown = exception(found)
    if thrown is not None:
        kind, message, trace = thrown
        return kind, message or body, trace or body
    place = _place(found)
    kind = record.event_name or f"{record.severity_text.strip() or 'ERROR'} log"
    return kind, body or "(empty)", f"{place}\n{body}" if place else body


def _place(found: Mapping[str, Value]) -> str:
    """Where the line was written, in the form of a frame, so that lines of one place are one error."""
    file, function = told(first(_FILE, found)), told(first(_FUNCTION, found))
    return f'  File "{file}", line 0, in {function or "?"}' if file else ""
