"""From events to deliveries: each event becomes one delivery per webhook that wants it, in the cursor's own transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from core.kernel import db
from core.kernel.events import Event, batch_subscriber
from core.kernel.models import uuid7
from core.kernel.telemetry import Recording
from core.kernel.times import utc_now
from core.platform.webhooks.catalogue import catalogue
from core.platform.webhooks.messages import body_of
from core.platform.webhooks.models import Webhook
from core.platform.webhooks.rules import wants

_LANES = text(
    "INSERT INTO webhook_lane (webhook_id, tenant_id)"
    " SELECT id, tenant_id FROM webhook WHERE id = ANY(:ids) ON CONFLICT DO NOTHING"
)
# In the order of the events: the rows get their positions as they come.
_DELIVERIES = text(
    "INSERT INTO webhook_delivery (id, webhook_id, tenant_id, event_id, event_type, body, next_attempt_at, created_at)"
    " SELECT id, webhook_id, tenant_id, event_id, event_type, body, :now, :now FROM jsonb_to_recordset(CAST(:rows AS jsonb))"
    " AS given (id uuid, webhook_id uuid, tenant_id uuid, event_id uuid, event_type text, body text, place integer)"
    " ORDER BY place ON CONFLICT (event_id, webhook_id) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Listener:
    """What fan-out needs of a webhook."""

    id: UUID
    tenant_id: UUID | None
    events: tuple[str, ...]
    with_iris: bool


class Audience:
    """Who hears what: a tenant's webhook public events of its tenant, one of the platform every event."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = list(listeners)
        self._by_type: dict[str, dict[UUID | None, list[Listener]]] = {}

    def of(self, event: Event) -> list[Listener]:
        """Those of the platform first."""
        by_tenant = self._by_type.get(event.type)
        if by_tenant is None:
            by_tenant = self._by_type[event.type] = self._wanting(event.type)
        owners = [None] if event.tenant_id is None else [None, event.tenant_id]
        return [listener for owner in owners for listener in by_tenant.get(owner, [])]

    def _wanting(self, event_type: str) -> dict[UUID | None, list[Listener]]:
        found: dict[UUID | None, list[Listener]] = {}
        for_tenants = catalogue()[event_type].for_tenants
        for listener in self._listeners:
            if (listener.tenant_id is None or for_tenants) and wants(listener.events, event_type):
                found.setdefault(listener.tenant_id, []).append(listener)
        return found


@batch_subscriber("*", name="webhooks.fan_out")
def fan_out(tx: Recording, events: list[Event]) -> None:
    """Makes the deliveries of these events; of a webhook that is disabled, none."""
    published = [event for event in events if event.type in catalogue()]
    listeners = _listeners(tx) if published else []
    rows = list(_rows(published, listeners))
    if not rows:
        return
    tx.session.execute(_LANES, {"ids": list({row["webhook_id"] for row in rows})})
    tx.session.execute(_DELIVERIES, {"rows": db.to_json(rows), "now": utc_now()})


def _listeners(tx: Recording) -> list[Listener]:
    columns = (Webhook.id, Webhook.tenant_id, Webhook.events, Webhook.sends_iris_headers)
    found = tx.session.execute(select(*columns).where(Webhook.disabled_at.is_(None))).all()
    return [Listener(row.id, row.tenant_id, tuple(row.events), row.sends_iris_headers) for row in found]


def _rows(events: Iterable[Event], listeners: list[Listener]) -> Iterator[dict[str, Any]]:
    audience, place = Audience(listeners), count()
    for event in events:
        bodies: dict[bool, str] = {}
        for listener in audience.of(event):
            if listener.with_iris not in bodies:
                bodies[listener.with_iris] = body_of(event, with_iris=listener.with_iris)
            yield {"id": uuid7(), "webhook_id": listener.id, "tenant_id": listener.tenant_id, "event_id": event.id,
                   "event_type": event.type, "body": bodies[listener.with_iris], "place": next(place)}  # fmt: skip
