"""The items of an export, each with the resource and the scope it comes from."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from core.health.otlp.attributes import TENANT, Source, plain, source_of, told
from core.health.otlp.formats import Signal
from core.kernel.reads import as_id

_FIELDS: dict[Signal, tuple[str, str, str]] = {
    "metrics": ("resource_metrics", "scope_metrics", "metrics"),
    "traces": ("resource_spans", "scope_spans", "spans"),
    "logs": ("resource_logs", "scope_logs", "log_records"),
}


def items(signal: Signal, request: Any) -> Iterator[tuple[Source, Any, Any]]:
    """Who sent it, the scope, and the metric, span or log record."""
    resources, scopes, each = _FIELDS[signal]
    for resource in getattr(request, resources):
        source = source_of(resource.resource)
        for scope in getattr(resource, scopes):
            for item in getattr(scope, each):
                yield source, scope.scope, item


def points(metric: Any) -> Iterable[Any]:
    """The data points of a metric of any kind."""
    kind = metric.WhichOneof("data")
    return getattr(metric, kind).data_points if kind else ()


def tenants(signal: Signal, request: Any) -> set[UUID]:
    """The tenants that are named anywhere, as far as they are ids."""
    found: set[str] = set()
    for source, _, item in items(signal, request):
        found.update([source.tenant] if source.tenant else ())
        for one in points(item) if signal == "metrics" else (item,):
            found.update(_named(one.attributes))
    return {key for name in found if (key := as_id(name)) is not None}


def _named(pairs: Iterable[Any]) -> Iterator[str]:
    return (told(plain(pair.value)) for pair in pairs if pair.key == TENANT)
