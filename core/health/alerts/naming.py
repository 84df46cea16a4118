"""What subjects are called: keys of hosts, tenants, monitors, series and errors become what people call them."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import String, cast, func, select

from core.customers.tenants.models import Tenant
from core.health.alerts import contracted
from core.health.alerts.contracted import CONTRACT
from core.health.alerts.measures import Measure
from core.health.errors.models import ErrorGroup
from core.health.metrics.models import MetricSeries
from core.health.monitors.models import Monitor
from core.health.servers.models import Server
from core.kernel.reads import Reading, as_id

LONGEST = 200
_TEXT = func.left(ErrorGroup.type + ": " + ErrorGroup.message, LONGEST)
_NAMED: Mapping[str, tuple[Any, Any]] = {
    "server_id": (Server.id, Server.name),
    "tenant_id": (Tenant.id, Tenant.name),
    "monitor_id": (Monitor.id, Monitor.name),
    "series": (MetricSeries.id, MetricSeries.name + " " + cast(MetricSeries.labels, String)),
    "fingerprint": (ErrorGroup.fingerprint, _TEXT),
}
_PARAMETERS = {
    "server_id": "server", "tenant_id": "tenant", "monitor_id": "monitor", "provider_channel": "provider",
}  # fmt: skip


def names_of(rx: Reading, dimension: str | None, keys: Collection[str]) -> dict[str, str]:
    """Each key with its name; one that nobody named is called by itself."""
    same = {key: key for key in keys}
    if dimension == CONTRACT:
        return same | contracted.names_of(rx, keys)
    if dimension is None or dimension not in _NAMED or not keys:
        return same
    column, name = _NAMED[dimension]
    asked = [as_id(key) if dimension != "fingerprint" else key for key in keys]
    found = select(column, name).where(column.in_([one for one in asked if one is not None]))
    return same | {str(row[0]): str(row[1]) for row in rx.rows(found)}


def tenant_of(dimension: str | None, key: str, filters: Mapping[str, Any]) -> UUID | None:
    """Whom it concerns when that is one customer."""
    if dimension == "tenant_id":
        return as_id(key)
    if dimension == CONTRACT:
        return contracted.tenant_of(key)
    named = filters.get("tenant_id", [])
    return as_id(str(named[0])) if len(named) == 1 else None


def link_of(measure: Measure, dimension: str | None, key: str, filters: Mapping[str, Any]) -> str | None:
    """The page that shows more, with its query, such as `health/servers?server=...`."""
    if not measure.page:
        return None
    if dimension == CONTRACT:
        return f"reliability/sla_customer?{urlencode({CONTRACT: contracted.contract_of(key)})}"
    asked = {name: values[0] for name, values in filters.items() if len(values) == 1}
    if dimension:
        asked[dimension] = key
    named = {_PARAMETERS.get(name, name): value for name, value in _split(asked).items()}
    return f"{measure.page}?{urlencode(named)}" if named else measure.page


def _split(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A provider with its channel is two of the page's filters."""
    both = str(asked.get("provider_channel", ""))
    if not both.endswith(")") or " (" not in both:
        return dict(asked)
    provider, _, channel = both[:-1].rpartition(" (")
    rest = {name: value for name, value in asked.items() if name != "provider_channel"}
    return {**rest, "provider": provider, "channel": channel}
