"""Attributes of resources, spans, logs and points, and what of them the portal goes by.

Names from the OpenTelemetry semantic conventions, those of earlier versions too, which most SDKs in use still send.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from core.health.errors.recording import text_of
from core.health.metrics.rules import MAX_SERVICE

SERVICE, TENANT = "service.name", "tenant.id"
UNKNOWN_SERVICE = "unknown_service"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Value = str | int | float | bool | bytes | list[Any] | dict[str, Any] | None


def plain(value: Any) -> Value:
    """An AnyValue as Python has it; None where it is empty."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [plain(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {one.key: plain(one.value) for one in value.kvlist_value.values}
    found: Value = getattr(value, kind)
    return found


def told(value: Value) -> str:
    """The value as text: JSON where it is a list or a map."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return orjson.dumps(value, default=told).decode()
    return "" if value is None else str(value)


def attributes(pairs: Iterable[Any]) -> dict[str, Value]:
    """KeyValues as a dict; of a name that comes twice the first counts."""
    found: dict[str, Value] = {}
    for pair in pairs:
        found.setdefault(pair.key, plain(pair.value))
    return found


def first(names: Iterable[str], found: Mapping[str, Value]) -> Value:
    """The value of the first of the names that is there."""
    return next((found[name] for name in names if found.get(name) not in (None, "")), None)


def at_nanoseconds(stamp: int) -> datetime | None:
    """The moment (UTC); None for 0, which is not told, and for what no clock shows."""
    if not stamp:
        return None
    try:
        return _EPOCH + timedelta(microseconds=stamp // 1_000)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """Who sent: `service` by name, `tenant` as it was written (None where it was not), and all that the resource says.

    `mark` is the latter as text, to tell processes apart.
    """

    service: str
    tenant: str | None
    resource: Mapping[str, Value]
    mark: str


def source_of(resource: Any) -> Source:
    """Of a Resource message."""
    found = attributes(resource.attributes)
    service = text_of(told(found.get(SERVICE)).strip(), MAX_SERVICE) or UNKNOWN_SERVICE
    mark = told({name: told(found[name]) for name in sorted(found)})
    return Source(service, _named(found), found, mark)


def tenant_of(source: Source, found: Mapping[str, Value]) -> str | None:
    """The tenant that a span, a log record or a point is about: its own word counts before the resource's."""
    return _named(found) or source.tenant


def _named(found: Mapping[str, Value]) -> str | None:
    return told(found.get(TENANT)).strip() or None


@dataclass(frozen=True, slots=True)
class Tenants:
    """Which tenants rows may be about: those that exist and are in sight; `bound` is the tenant of a key that has one.

    With `is_needed` a row must name one: the sender sees assigned tenants only.
    """

    known: frozenset[UUID]
    bound: UUID | None = None
    is_needed: bool = False

    def check(self, named: str | None) -> tuple[UUID | None, str | None]:
        """The tenant, or why there is none."""
        if named is None:
            return self.bound, f"Say in {TENANT} which tenant this is of." if self.is_needed else None
        try:
            found = UUID(named)
        except ValueError:
            return None, f"{TENANT} must be the tenant's id, a UUID."
        if self.bound is not None and found != self.bound:
            return None, "The API key is bound to another tenant than the one that is named."
        return (found, None) if found in self.known else (None, f"There is no tenant {found}.")
