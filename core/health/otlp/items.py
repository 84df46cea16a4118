"""What spans and log records have in common once they are read: rows to keep, and reasons why others are not kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from core.health.errors.recording import MESSAGE_LENGTH, TRACE_LENGTH, text_of
from core.health.ingest.rules import OWN_SERVICE
from core.health.otlp.attributes import Source, Tenants, Value, tenant_of, told
from core.health.otlp.stacks import fingerprint_of

EXCEPTION_TYPE, EXCEPTION_MESSAGE, EXCEPTION_STACK = "exception.type", "exception.message", "exception.stacktrace"
MAX_TYPE = 200
OWN = f"{OWN_SERVICE} is the portal's own name. Give the service another service.name."


@dataclass(frozen=True, slots=True)
class Rows:
    """Of an export: requests, errors, how many items held neither, and a sentence for each item that was refused."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """Where and of whom an error was told."""

    at: datetime
    service: str
    tenant_id: UUID | None
    route: str
    trace_id: str


def owner(source: Source, found: Mapping[str, Value], tenants: Tenants) -> tuple[UUID | None, str | None]:
    """The tenant, or why the item is refused."""
    if source.service == OWN_SERVICE:
        return None, OWN
    return tenants.check(tenant_of(source, found))


def error_row(about: Told, kind: str, message: str, trace: str) -> dict[str, Any]:
    """A row of errors; `kind` is the exception's type."""
    named = text_of(kind.strip() or "Error", MAX_TYPE)
    said = text_of(message, MESSAGE_LENGTH)
    stack = text_of(trace, TRACE_LENGTH, keep_end=True)
    return {
        "at": about.at, "service": about.service, "tenant_id": about.tenant_id,
        "fingerprint": fingerprint_of(about.service, named, said, stack), "type": named, "message": said, "trace": stack,
        "route": about.route, "request_id": about.trace_id, "operator_id": None,
    }  # fmt: skip


def exception(found: Mapping[str, Value]) -> tuple[str, str, str] | None:
    """Type, message and stack trace of the attributes of an exception; None when they hold none."""
    kind, said = told(found.get(EXCEPTION_TYPE)), told(found.get(EXCEPTION_MESSAGE))
    return (kind, said, told(found.get(EXCEPTION_STACK))) if kind or said else None
