"""Tenants with a use, as the tests of quotas need them."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.health.messages.models import MESSAGE_ROLLUP
from core.health.metrics.models import METRIC_ROLLUP, MetricSeries
from core.health.metrics.rules import identity
from core.health.requests.models import TENANT_ROLLUP
from core.kernel.actor import Actor
from core.kernel.rollups import fill, start_of
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.kernel.writes import write

SYSTEM = Actor.system("test")
SKETCH = {"sketch_keys": [], "sketch_counts": []}


def tenant(tier: str = "pro", *, seats: int = 10, name: str = "Acme", people: int = 0, **values: object) -> UUID:
    """A tenant that is a year old, with people in service."""
    long_ago = utc_now() - timedelta(days=365)
    known = {"name": name, "domain": f"{uuid4().hex[:8]}.example", "tier": tier, "region": "EU", "seats": seats}
    with write(SYSTEM, "tenants.create") as tx:
        made = tx.add(Tenant(**known | {"created_at": long_ago} | values))
        tx.session.flush()
        for place in range(people):
            tx.add(person_of(made.id, place, created_at=long_ago))
    return made.id


def person_of(tenant_id: UUID, place: int, **values: object) -> TenantUser:
    about = {"email": f"p{place}@acme.example", "name": f"Person {place}", "is_admin": place == 0}
    return TenantUser(tenant_id=tenant_id, **about | values)


def join(tenant_id: UUID, *places: int) -> None:
    """More people are there, and for a year: whatever moment a test measures at, they count."""
    long_ago = utc_now() - timedelta(days=365)
    with write(SYSTEM, "users.create") as tx:
        for place in places:
            tx.add(person_of(tenant_id, place, created_at=long_ago))


def calls(tenant_id: UUID, at: datetime, total: int, *, channel: str = "api") -> None:
    row = {
        "bucket": start_of(at, "hour"), "tenant_id": tenant_id, "service": "portal", "channel": channel, "status_class": 2,
        "total": total, "errors": 0, "timed": 0, "duration_ms_sum": 0, "duration_ms_max": None, "duration_ms_min": None,
    }  # fmt: skip
    with record(SYSTEM) as tx:
        fill(tx, TENANT_ROLLUP, "hour", [row | SKETCH])


def messages(tenant_id: UUID, at: datetime, sent: int) -> None:
    row = {
        "bucket": start_of(at, "hour"), "tenant_id": tenant_id, "provider": "twilio", "channel": "sms", "currency": None,
        "total": 2 * sent, "sent": sent, "delivered": sent, "failed": 0, "timed": 0, "priced": 0, "duration_ms_sum": 0,
        "cost_sum": 0, "duration_ms_max": None,
    }  # fmt: skip
    with record(SYSTEM) as tx:
        fill(tx, MESSAGE_ROLLUP, "hour", [row | SKETCH])


def metric(tenant_id: UUID, name: str, kind: str, at: datetime, value: float, *, service: str = "files") -> None:
    """A series of the tenant says a value."""
    about = {"name": name, "kind": kind, "unit": "", "service": service, "tenant_id": tenant_id, "labels": {}}
    key = identity(name, kind, "", service, tenant_id, {})
    row = {
        "bucket": start_of(at, "minute"), "series_id": key, "tenant_id": tenant_id, "total": 1, "count_sum": 1,
        "value_total_sum": value, "value_max": value, "value_min": value,
    }  # fmt: skip
    with record(SYSTEM) as tx:
        if tx.session.get(MetricSeries, key) is None:
            tx.session.add(MetricSeries(id=key, **about, first_seen_at=at, last_seen_at=at))
        fill(tx, METRIC_ROLLUP, "minute", [row | SKETCH])
